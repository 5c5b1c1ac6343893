package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// quotaGroup makes a control group with a quota of processor time, in cores, or skips the test where that cannot be.
func quotaGroup(t *testing.T, cores float64) (dir string) {
	t.Helper()
	if float64(runtime.NumCPU()) <= cores {
		t.Skipf("%d processors: a quota of %v binds nobody", runtime.NumCPU(), cores)
	}
	const period = 100000 // µs
	quota := strconv.Itoa(int(cores * period))
	root, files := "/sys/fs/cgroup", map[string]string{"cpu.max": quota + " " + strconv.Itoa(period)}
	if _, err := os.Stat(filepath.Join(root, "cgroup.controllers")); err != nil { // version 1
		root, files = filepath.Join(root, "cpu"), map[string]string{"cpu.cfs_quota_us": quota, "cpu.cfs_period_us": strconv.Itoa(period)}
	}
	dir, err := os.MkdirTemp(root, "rondo-test-")
	if err != nil {
		t.Skipf("no control group can be made: %v", err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) }) // its processes have ended
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Skipf("no quota can be set: %v", err)
		}
	}
	return dir
}

// throttled is how long a group stood still.
func throttled(t *testing.T, dir string) time.Duration {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "cpu.stat"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^throttled_(time|usec) (\d+)$`).FindStringSubmatch(string(text))
	if m == nil {
		t.Fatalf("cpu.stat of %s:\n%s", dir, text)
	}
	n, _ := strconv.ParseInt(m[2], 10, 64)
	if m[1] == "usec" {
		return time.Duration(n) * time.Microsecond
	}
	return time.Duration(n)
}

// TestQuota has processes in a control group that grants one core and a half. They compute on one thread, which the quota
// never stops for long, and say whose quota it is; more threads than that are warned of.
func TestQuota(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	group := quotaGroup(t, 1.5)
	l.inside = []string{"sh", "-c", `echo $$ > "$0" && exec "$@"`, filepath.Join(group, "cgroup.procs")}

	var report struct {
		Machine struct {
			Cores int
			Quota string
		}
	}
	if err := json.Unmarshal([]byte(l.Must("bench", "--quick", "--json", "--only", "machine")), &report); err != nil {
		t.Fatal(err)
	}
	if m := report.Machine; m.Cores != 1 || !strings.HasPrefix(m.Quota, "1.5 of ") || !strings.Contains(m.Quota, filepath.Base(group)) {
		t.Errorf("bench names %+v", m)
	}

	const scant = "are less than the 2 threads that compute"
	before, begun := throttled(t, group), time.Now()
	r := l.train("alone", "--set", "model.hidden=256")
	stopped, took := throttled(t, group)-before, time.Since(begun)
	if r.Code != 0 || strings.Contains(r.Stderr, scant) {
		t.Errorf("exit status %d\n%s", r.Code, r.Stderr)
	}
	if stopped > took/10 {
		t.Errorf("the quota stopped it for %v of %v", stopped, took)
	}
	if r := l.train("two", "--workers", "2"); r.Code != 0 || !strings.Contains(r.Stderr, scant) {
		t.Errorf("two workers: exit status %d\n%s", r.Code, r.Stderr)
	}
}
