package integration

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// host is a network namespace that stands for a machine: it has a loopback, a
// line to the other host, and an own /etc/hosts in which its name is 127.0.1.1.
type host struct {
	name string
	ip   string // on the line
}

// hosts are two machines of the same name. Their only addresses are public ones.
func hosts(t *testing.T) [2]host {
	t.Helper()
	var all [2]host
	for i := range all {
		all[i] = host{fmt.Sprintf("rondo-%d-%d", os.Getpid(), i), fmt.Sprintf("198.51.100.%d", i+1)}
		namespace(t, all[i].name)
		etc := filepath.Join("/etc/netns", all[i].name)
		if err := os.MkdirAll(etc, 0o755); err != nil {
			t.Skip(err)
		}
		t.Cleanup(func() { os.RemoveAll(etc) })
		if err := os.WriteFile(filepath.Join(etc, "hosts"), []byte("127.0.0.1 localhost\n127.0.1.1 node\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := ip("link", "add", "line", "netns", all[0].name, "type", "veth", "peer", "name", "line", "netns", all[1].name); err != nil {
		t.Skipf("no line between network namespaces can be made here: %v", err)
	}
	for _, h := range all {
		h.connect(t)
	}
	return all
}

// namespace makes a network namespace for the time of a test.
func namespace(t *testing.T, name string) {
	t.Helper()
	if err := ip("netns", "add", name); err != nil {
		t.Skipf("no network namespace can be made here (root and ip are needed): %v", err)
	}
	t.Cleanup(func() { _ = ip("netns", "del", name) })
}

// connect gives a host its address on its line.
func (h host) connect(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{{"addr", "add", h.ip + "/24", "dev", "line"}, {"link", "set", "line", "up"}, {"link", "set", "lo", "up"}} {
		if err := ip(append([]string{"-n", h.name}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
}

// ip is the command of that name.
func ip(args ...string) error {
	if said, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w %s", strings.Join(args, " "), err, said)
	}
	return nil
}

// on is the lab as a host sees it. Where the others have dir, it has one of its own.
func (l *Lab) on(h host, dir string) *Lab {
	l.t.Helper()
	own := filepath.Join(l.Tmp, h.name)
	for _, d := range []string{dir, own} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			l.t.Fatal(err)
		}
	}
	there := *l
	there.inside = []string{"ip", "netns", "exec", h.name, "unshare", "--mount", "sh", "-c", `mount --bind "$0" "$1" && shift && exec "$@"`, own, dir}
	return &there
}

// hostsRun is a cluster on several hosts. Its Cluster's lab is that of the coordinator's host.
type hostsRun struct {
	*Cluster
	lab     *Lab
	hosts   []host // of the workers
	sockets string // a directory that each host has for itself
}

// startOnHosts starts the coordinator.
func (l *Lab) startOnHosts(first host, hosts []host, dir string, sets []string, more ...string) *hostsRun {
	l.t.Helper()
	r := &hostsRun{lab: l, hosts: hosts, sockets: filepath.Join(l.Tmp, "sh")}
	r.Cluster = l.on(first, r.sockets).newCluster(nil, sets)
	r.Dir = dir
	r.sets = append(r.sets, "--set", "checkpoint.dir="+dir)
	r.coordinate(len(hosts), append([]string{"--listen", first.ip + ":0", "--record-dir", "record-" + dir}, more...)...)
	return r
}

// start starts worker-i on its host.
func (r *hostsRun) start(i int, more ...string) *Process {
	r.lab.t.Helper()
	return r.lab.on(r.hosts[i], r.sockets).Start(r.WorkerArgs(fmt.Sprintf("worker-%d", i), more...)...)
}

// TestRingOnHosts closes a ring between two hosts, however the ring's ports are
// given, or is told at once what is wrong with them.
func TestRingOnHosts(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	all := hosts(t)
	sets := []string{"steps=20", "eval.every=0"}
	want := l.calm(sets...)
	ips := [2]string{all[0].ip, all[1].ip}
	for i, tc := range []struct {
		name    string
		ring    [2][]string // flags of each worker
		refused int         // the worker that is, or -1
	}{
		{"addresses", [2][]string{{"--ring-listen", ips[0] + ":9001"}, {"--ring-listen", ips[1] + ":9001"}}, -1},
		{"all", [2][]string{{"--ring-listen", ":9001"}, {"--ring-listen", ":9001"}}, -1},
		{"0.0.0.0", [2][]string{{"--ring-listen", "0.0.0.0:9001"}, {"--ring-listen", "[::]:9001"}}, -1},
		{"advertised", [2][]string{{"--ring-listen", ":9001", "--ring-advertise", ips[0] + ":0"}, {"--ring-listen", ":9001"}}, -1},
		{"loopback there", [2][]string{{"--ring-listen", ":9001"}, {"--ring-listen", "127.0.0.1:9001"}}, 1},
		{"loopback here", [2][]string{{"--ring-listen", "127.0.0.1:9001"}, {"--ring-listen", ":9001"}}, 1},
		{"the host's name", [2][]string{{"--ring-listen", ":9001"}, {"--ring-listen", "node:9001"}}, 1},
		{"dials itself", [2][]string{{"--ring-listen", ":9001"}, {"--ring-listen", ":9001", "--ring-advertise", ips[0] + ":9001"}}, 0},
		{"sockets of their own", [2][]string{
			{"--ring-listen", ":9001", "--socket-dir", filepath.Join(l.Tmp, "sh")}, {"--ring-listen", ":9001", "--socket-dir", filepath.Join(l.Tmp, "sh")}}, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.name == "sockets of their own" {
				for i, h := range all {
					leaveSocket(t, filepath.Join(l.Tmp, h.name), fmt.Sprintf("worker-%d.sock", 1-i))
				}
			}
			lab := *l
			lab.t = t
			r := lab.startOnHosts(all[0], all[:], fmt.Sprintf("ring-%d", i), sets)
			workers := [2]*Process{r.start(0, tc.ring[0]...)}
			workers[0].WaitOutput("msg=joined")
			workers[1] = r.start(1, tc.ring[1]...)
			if tc.refused < 0 {
				r.Workers = workers[:]
				r.WantLeft(0)
				if got := lab.Digest(r.Dir); got != want {
					t.Errorf("digest %s, calm %s", got, want)
				}
				return
			}
			refused := lastError(workers[tc.refused].Wait())
			lab.WantError("the worker", refused, 1, "--ring-advertise")
			if strings.Contains(refused.Stderr, "nobody answers within") {
				t.Errorf("it has tried for as long as it may: %s", refused.Stderr)
			}
		})
	}
}

// leaveSocket puts a socket into a directory on which nobody listens any more.
func leaveSocket(t *testing.T, dir, name string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, name), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
}

// TestGossipOnHosts gossips between hosts that have public addresses alone, on
// all of their addresses.
func TestGossipOnHosts(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	all := hosts(t)
	r := l.startOnHosts(all[0], all[:], "gossip", []string{"steps=100000", "eval.every=0"}, "--gossip-listen", ":7946")
	var workers []*Process
	for i := range 2 {
		workers = append(workers, r.start(i, "--ring-listen", ":9001", "--gossip-listen", ":7947"))
	}
	r.awaitStatus(func(s api.Status) bool {
		heard := eventsText(s)
		return strings.Contains(heard, "gossip: worker worker-0 joined") && strings.Contains(heard, "gossip: worker worker-1 joined")
	})
	if r := r.Steer("stop"); r.Code != 0 {
		t.Errorf("rondo stop: exit status %d\n%s", r.Code, r.Stderr)
	}
	for _, p := range append(workers, r.Coordinator) {
		if end := p.Wait(); end.Code != 130 || strings.Contains(end.Stderr, "without gossip") {
			t.Errorf("%s: exit status %d\n%s", p.name, end.Code, end.Stderr)
		}
	}
}
