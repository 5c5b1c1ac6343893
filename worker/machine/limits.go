package machine

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Limits are what this process may use.
type Limits struct {
	Processors int     // on which it may run (affinity, cpuset)
	Quota      float64 // of their time, in processors; 0: no quota
	QuotaOf    string  // the control group that sets it
	Memory     int64   // in bytes; 0: not known
	MemoryOf   string  // the control group that sets it; empty: it is all that the machine has
}

// Here reads the limits of this process.
func Here() Limits { return Read(os.DirFS("/"), runtime.NumCPU()) }

// Read reads the limits below the root of a file system, of a process that may run on so many processors.
func Read(root fs.FS, processors int) Limits {
	l := Limits{Processors: processors}
	for _, g := range groupsOf(root, "cpu") {
		for _, dir := range g {
			if q := quota(root, dir); q > 0 && (l.Quota == 0 || q < l.Quota) {
				l.Quota, l.QuotaOf = q, "/"+dir
			}
		}
	}
	l.Memory = physical(root)
	for _, g := range groupsOf(root, "memory") {
		for _, dir := range g {
			if m := memory(root, dir); m > 0 && (l.Memory == 0 || m < l.Memory) {
				l.Memory, l.MemoryOf = m, "/"+dir
			}
		}
	}
	return l
}

// Threads is how many goroutines can compute without a pause: the quota rounded down, and at least one.
func (l Limits) Threads() int {
	n := l.Processors
	if l.Quota > 0 {
		n = int(min(float64(n), math.Floor(l.Quota+1e-6)))
	}
	return max(1, n)
}

// Limited says that the quota binds: it is less than the processors.
func (l Limits) Limited() bool { return l.Quota > 0 && l.Quota < float64(l.Processors) }

// Scant says what comes of a quota below so many threads that compute; "": there is none.
func (l Limits) Scant(threads int) string {
	switch {
	case !l.Limited() || l.Quota >= float64(threads)-1e-6:
		return ""
	case threads == 1:
		return l.String() + " are less than the one thread that computes: it is stopped in the midst of steps, and a ring waits for it; " +
			"raise the quota to a whole core, or remove it"
	}
	return fmt.Sprintf("%v are less than the %d threads that compute: they are stopped in the midst of steps, and a ring waits for them; "+
		"have fewer --threads or --workers here, or raise the quota", l, threads)
}

// String is "8 cores", or "1.5 of 8 cores by the quota of /sys/fs/cgroup".
func (l Limits) String() string {
	cores := fmt.Sprintf("%d cores", l.Processors)
	if l.Processors == 1 {
		cores = "1 core"
	}
	if !l.Limited() {
		return cores
	}
	return fmt.Sprintf("%s of %s by the quota of %s", strconv.FormatFloat(math.Round(l.Quota*100)/100, 'g', -1, 64), cores, l.QuotaOf)
}

// quota is that of one control group, in processors; 0: none.
func quota(root fs.FS, dir string) float64 {
	if f := fieldsOf(root, dir, "cpu.max"); len(f) == 2 { // version 2: "150000 100000", "max 100000"
		return share(f[0], f[1])
	}
	q, p := fieldsOf(root, dir, "cpu.cfs_quota_us"), fieldsOf(root, dir, "cpu.cfs_period_us")
	if len(q) != 1 || len(p) != 1 { // version 1: -1 is none
		return 0
	}
	return share(q[0], p[0])
}

func share(quota, period string) float64 {
	q, errQ := strconv.ParseInt(quota, 10, 64)
	p, errP := strconv.ParseInt(period, 10, 64)
	if errQ != nil || errP != nil || q <= 0 || p <= 0 {
		return 0
	}
	return float64(q) / float64(p)
}

// memory is the limit of one control group, in bytes; 0: none. Version 1 writes none as a number beyond any memory.
func memory(root fs.FS, dir string) int64 {
	for _, name := range []string{"memory.max", "memory.limit_in_bytes"} {
		if f := fieldsOf(root, dir, name); len(f) == 1 {
			n, err := strconv.ParseInt(f[0], 10, 64)
			if err != nil || n >= 1<<62 {
				return 0
			}
			return n
		}
	}
	return 0
}

// physical is the memory of the machine, in bytes; 0: not known.
func physical(root fs.FS) int64 {
	text, _ := fs.ReadFile(root, "proc/meminfo")
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemTotal:" && f[2] == "kB" {
			if n, err := strconv.ParseInt(f[1], 10, 64); err == nil && n < 1<<52 {
				return n << 10
			}
		}
	}
	return 0
}

// fieldsOf are the words of a small file.
func fieldsOf(root fs.FS, dir, name string) []string {
	text, err := fs.ReadFile(root, dir+"/"+name)
	if err != nil {
		return nil
	}
	return strings.Fields(string(text))
}
