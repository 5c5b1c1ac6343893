package machine

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// tree makes a file system of lines "PATH: CONTENT", with \n for line ends in contents.
func tree(text string) fs.FS {
	m := fstest.MapFS{}
	for line := range strings.Lines(text) {
		if name, content, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			m[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(content, `\n`, "\n"))}
		}
	}
	return m
}

// Mounts as systems have them.
const (
	mountV2 = `proc/self/mountinfo: 22 1 0:20 / /proc rw - proc proc rw\n31 23 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n`
	mountV1 = `proc/self/mountinfo: 32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n`
	// A container that shares the host's namespace of control groups sees its own part of the tree.
	mountPart = `proc/self/mountinfo: 40 31 0:29 /docker/ab /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n41 31 0:32 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n`
	mountBoth = `proc/self/mountinfo: 32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`
	mem64G    = "proc/meminfo: MemTotal:       67108864 kB\\nMemFree: 1 kB\n"
)

func TestLimits(t *testing.T) {
	const gib = 1 << 30
	for _, c := range []struct {
		name, tree string
		processors int
		want       Limits
		threads    int
	}{
		{"no control groups", mem64G, 8, Limits{8, 0, "", 64 * gib, ""}, 8},
		{"nothing at all", "", 4, Limits{4, 0, "", 0, ""}, 4},
		{"version 2, a pod", "proc/self/cgroup: 0::/\n" + mountV2 + "\n" + mem64G + `sys/fs/cgroup/cpu.max: 350000 100000\n
			sys/fs/cgroup/memory.max: 2147483648\n`, 96, Limits{96, 3.5, "/sys/fs/cgroup", 2 * gib, "/sys/fs/cgroup"}, 3},
		{"version 2, without limits", "proc/self/cgroup: 0::/user.slice\n" + mountV2 + "\n" + mem64G + `sys/fs/cgroup/user.slice/cpu.max: max 100000\n
			sys/fs/cgroup/user.slice/memory.max: max\n`, 96, Limits{96, 0, "", 64 * gib, ""}, 96},
		{"version 2, the parent is tighter", "proc/self/cgroup: 0::/a.slice/b.scope\n" + mountV2 + "\n" + mem64G + `sys/fs/cgroup/a.slice/b.scope/cpu.max: 800000 100000\n
			sys/fs/cgroup/a.slice/cpu.max: 150000 100000\n
			sys/fs/cgroup/a.slice/memory.max: 1073741824\n
			sys/fs/cgroup/a.slice/b.scope/memory.max: 4294967296\n`, 8, Limits{8, 1.5, "/sys/fs/cgroup/a.slice", gib, "/sys/fs/cgroup/a.slice"}, 1},
		{"version 2, less than one processor", "proc/self/cgroup: 0::/\n" + mountV2 + `
			sys/fs/cgroup/cpu.max: 50000 100000\n`, 4, Limits{4, 0.5, "/sys/fs/cgroup", 0, ""}, 1},
		{"version 1", `proc/self/cgroup: 4:memory:/job\n2:cpu,cpuacct:/job\n` + "\n" + mountV1 + "\n" + mem64G + `sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us: 200000\n
			sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us: 100000\n
			sys/fs/cgroup/memory/job/memory.limit_in_bytes: 9223372036854771712\n`, 16, Limits{16, 2, "/sys/fs/cgroup/cpu,cpuacct/job", 64 * gib, ""}, 2},
		{"version 1, no quota", `proc/self/cgroup: 2:cpu,cpuacct:/\n` + "\n" + mountV1 + `
			sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us: -1\n
			sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us: 100000\n`, 16, Limits{16, 0, "", 0, ""}, 16},
		{"version 1, a container that sees its part", `proc/self/cgroup: 4:memory:/docker/ab\n1:cpu:/docker/ab/inner\n` + "\n" + mountPart + `
			sys/fs/cgroup/cpu/cpu.cfs_quota_us: 100000\n
			sys/fs/cgroup/cpu/cpu.cfs_period_us: 50000\n
			sys/fs/cgroup/memory/memory.limit_in_bytes: 1048576\n`, 16, Limits{16, 2, "/sys/fs/cgroup/cpu", 1 << 20, "/sys/fs/cgroup/memory"}, 2},
		{"a group out of sight", "proc/self/cgroup: 0::/../other\n" + mountV2 + `
			sys/fs/cgroup/cpu.max: 100000 100000\n`, 16, Limits{16, 1, "/sys/fs/cgroup", 0, ""}, 1},
		{"hybrid, the quota in version 1", `proc/self/cgroup: 1:cpu:/k8s/pod\n0::/k8s/pod\n` + "\n" + mountBoth + `
			sys/fs/cgroup/cpu/k8s/cpu.cfs_quota_us: 250000\n
			sys/fs/cgroup/cpu/k8s/cpu.cfs_period_us: 100000\n`, 16, Limits{16, 2.5, "/sys/fs/cgroup/cpu/k8s", 0, ""}, 2},
		{"a quota of more than there is", "proc/self/cgroup: 0::/\n" + mountV2 + `
			sys/fs/cgroup/cpu.max: 800000 100000\n`, 2, Limits{2, 8, "/sys/fs/cgroup", 0, ""}, 2},
		{"what is no number", "proc/self/cgroup: 0::/\n" + mountV2 + `
			sys/fs/cgroup/cpu.max: much 100000\n
			sys/fs/cgroup/memory.max: some\n`, 2, Limits{2, 0, "", 0, ""}, 2},
	} {
		got := Read(tree(c.tree), c.processors)
		if got != c.want || got.Threads() != c.threads {
			t.Errorf("%s: %+v, %d threads; want %+v, %d", c.name, got, got.Threads(), c.want, c.threads)
		}
	}
}

func TestLimitsText(t *testing.T) {
	for _, c := range []struct {
		limits Limits
		want   string
	}{
		{Limits{Processors: 8}, "8 cores"}, {Limits{Processors: 1}, "1 core"}, {Limits{Processors: 4, Quota: 6}, "4 cores"},
		{Limits{Processors: 8, Quota: 1.5, QuotaOf: "/sys/fs/cgroup/a"}, "1.5 of 8 cores by the quota of /sys/fs/cgroup/a"},
	} {
		if got := c.limits.String(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.limits, got, c.want)
		}
	}
}

// A quota below the threads that compute is named, with what to do.
func TestScant(t *testing.T) {
	for _, c := range []struct {
		quota   float64
		threads int
		want    string
	}{
		{0, 1, ""}, {1, 1, ""}, {1.5, 1, ""}, {16, 1, ""}, {2, 2, ""}, {0, 16, ""}, {8, 16, ""}, // of 8 processors more threads take turns: none is stopped
		{0.5, 1, "0.5 of 8 cores by the quota of /sys/fs/cgroup/a are less than the one thread that computes"}, {0.99, 1, "0.99 of 8 cores"},
		{1.5, 2, "1.5 of 8 cores by the quota of /sys/fs/cgroup/a are less than the 2 threads that compute"}, {4, 8, "4 of 8 cores"},
	} {
		if got := (Limits{Processors: 8, Quota: c.quota, QuotaOf: "/sys/fs/cgroup/a"}).Scant(c.threads); (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%v cores, %d threads: %q, want %q", c.quota, c.threads, got, c.want)
		}
	}
}

func TestThrottle(t *testing.T) {
	v2 := "proc/self/cgroup: 0::/a\n" + mountV2 + `
		sys/fs/cgroup/a/cpu.stat: usage_usec 7\nnr_throttled 3\nthrottled_usec 1500000\n
		sys/fs/cgroup/cpu.stat: usage_usec 7\nthrottled_usec 9000000\n`
	v1 := `proc/self/cgroup: 2:cpu,cpuacct:/job\n` + "\n" + mountV1 + `
		sys/fs/cgroup/cpu,cpuacct/job/cpu.stat: nr_periods 4\nnr_throttled 1\nthrottled_time 2000\n`
	for _, c := range []struct {
		tree string
		want time.Duration
		told bool
	}{{v2, 9 * time.Second, true}, {v1, 2 * time.Microsecond, true}, {"", 0, false}} {
		if got, told := ThrottleOf(tree(c.tree)).Total(); got != c.want || told != c.told {
			t.Errorf("%v %v, want %v %v", got, told, c.want, c.told)
		}
	}
}

func TestNodes(t *testing.T) {
	two := `sys/devices/system/node/node0/cpulist: 0-3,8-11\n
		sys/devices/system/node/node1/cpulist: 4-7,12-15\n
		sys/devices/system/node/node10/cpulist: \n
		sys/devices/system/node/node2/cpulist: no list\n
		sys/devices/system/node/possible: 0-1\n`
	for _, c := range []struct {
		tree    string
		allowed []int
		want    string
	}{
		{two, upTo(16), "node 0: processors 0-3,8-11; node 1: processors 4-7,12-15"},
		{two, []int{2, 3, 5}, "node 0: processors 2-3; node 1: processors 5"},
		{two, []int{4}, "node 1: processors 4"},
		{"", []int{0, 1}, "node 0: processors 0-1"},
		{two, nil, ""},
	} {
		var got []string
		for _, n := range Nodes(tree(c.tree), c.allowed) {
			got = append(got, n.String())
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("of %v: %q, want %q", c.allowed, s, c.want)
		}
	}
}

func upTo(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// What a list says is what is read of it.
func TestLists(t *testing.T) {
	for _, c := range []struct {
		text string
		want []int
	}{{"", nil}, {"0", []int{0}}, {"0-2,5", []int{0, 1, 2, 5}}} {
		if got, err := parseList(c.text); err != nil || !slices.Equal(got, c.want) || listText(got) != c.text {
			t.Errorf("%q: %v, %v, back %q", c.text, got, err, listText(got))
		}
	}
	for _, text := range []string{"-1", "3-1", "a", "0-99999999", "0,,1", "0-"} {
		if got, err := parseList(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// FuzzRead reads files that no kernel writes: nothing panics, and what comes out can be worked with.
func FuzzRead(f *testing.F) {
	f.Add("0::/a\n", "31 23 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "150000 100000", "100", "0-3")
	f.Add("1:cpu:/x\n", "31 23 0:27 /x /sys/fs/cgroup rw - cgroup cgroup rw,cpu\n", "-1", "max", "1,1-2")
	f.Add("::::\n0::", " - - ", "9223372036854775807 1", "-9", "0-65535,0-65535")
	f.Fuzz(func(t *testing.T, own, mounts, cpu, mem, list string) {
		root := fstest.MapFS{}
		for name, text := range map[string]string{"proc/self/cgroup": own, "proc/self/mountinfo": mounts, "proc/meminfo": mem,
			"sys/fs/cgroup/cpu.max": cpu, "sys/fs/cgroup/memory.max": mem, "sys/fs/cgroup/cpu.stat": cpu, "sys/devices/system/node/node0/cpulist": list} {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		l := Read(root, 3)
		if n := l.Threads(); n < 1 || n > 3 || l.Memory < 0 || l.Quota < 0 {
			t.Errorf("%+v: %d threads", l, n)
		}
		ThrottleOf(root).Total()
		Nodes(root, []int{0, 1})
	})
}
