package integration

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// soak is how long TestSoak lasts; without it the test is left out.
var soak = flag.Duration("soak", 0, "how long TestSoak trains under faults; 0: not at all")

// usage is what the process that trains takes: the most of the first third of the time, and of the last.
type usage struct{ files, kilobytes int }

// TestSoak has a run stand faults for a long time. The digest is that of the calm run, and the process that leads
// takes no more memory and no more files at the end than at the beginning.
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("-soak says how long")
	}
	l := NewLab(t)
	smallRun(l)
	p := l.Start("chaos", "run.yaml", "--workers", "4", "--every", "3s", "--for", soak.String(),
		"--faults", "kill,two,all,stop,cut,term,leave,join", "--set", "steps=100000000", "--set", "checkpoint.every=50", "--set", "eval.every=0",
		"--set", "schedule.kind=constant")
	p.WaitOutput("under faults")
	began := time.Now()
	var early, late usage
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-tick.C:
			u, err := usageOf(p.PID())
			switch part := time.Since(began); {
			case err != nil: // it has ended
			case part < *soak/3:
				early = usage{max(early.files, u.files), max(early.kilobytes, u.kilobytes)}
			case part > *soak*2/3:
				late = usage{max(late.files, u.files), max(late.kilobytes, u.kilobytes)}
			}
		case <-p.done:
			running = false
		}
	}
	r := p.Wait()
	t.Logf("%s\nat first %+v, at last %+v", r.Stdout, early, late)
	if r.Code != 0 {
		t.Errorf("exit status %d\n%s", r.Code, r.Stderr)
	}
	if early.files == 0 || late.files == 0 {
		t.Fatalf("too short to see whether it grows: at first %+v, at last %+v", early, late)
	}
	if late.files > early.files+20 || late.kilobytes > early.kilobytes*3/2+50_000 {
		t.Errorf("it grows: at first %+v, at last %+v", early, late)
	}
}

// usageOf is what a process has open and holds in memory.
func usageOf(pid int) (u usage, err error) {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return u, err
	}
	u.files = len(open)
	text, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "status"))
	if err != nil {
		return u, err
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	_, err = fmt.Sscan(rest, &u.kilobytes)
	return u, err
}
