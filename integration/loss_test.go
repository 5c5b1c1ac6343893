package integration

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

const interrupt = syscall.SIGINT

// TestLostCoordinator kills the coordinator: no worker outlives it.
func TestLostCoordinator(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	p := l.Start(trainArgs("run", "--workers", "2", "--set", "steps=100000")...)
	s := p.WaitStep(3)
	p.Signal(syscall.SIGKILL)
	p.Wait()
	for _, w := range s.Workers {
		waitGone(l, w.PID)
	}
}

// TestNobodyLeft takes the data away and kills all workers: those that are started in their place cannot read it. The run
// ends, and shows what they said.
func TestNobodyLeft(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	p := l.Start(trainArgs("run", "--workers", "2", "--set", "steps=100000")...)
	s := p.WaitStep(3)
	if err := os.Rename(l.Path("shards"), l.Path("elsewhere")); err != nil {
		t.Fatal(err)
	}
	for _, w := range s.Workers {
		if err := syscall.Kill(w.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	r := p.Wait()
	for _, want := range []string{"no worker is left", "it ended 3 times", "no shard set at shards/train", "the run ends"} {
		if r.Code != 1 || !strings.Contains(r.Stderr, want) {
			t.Fatalf("exit status %d, want 1 and %q\n%s", r.Code, want, r.Stderr)
		}
	}
}

// TestTerminate sends SIGTERM: a checkpoint is written, exit status 130.
func TestTerminate(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	p := l.Start(trainArgs("run", "--workers", "2", "--set", "steps=100000", "--set", "checkpoint.every=0")...)
	p.WaitStep(3)
	p.Signal(syscall.SIGTERM)
	r := p.Wait()
	if r.Code != 130 || !strings.Contains(r.Stderr, "--resume") {
		t.Errorf("exit status %d, want 130\n%s", r.Code, r.Stderr)
	}
	l.Must("verify", "run")
}

// TestTwice sends Ctrl-C twice: it leaves at once, and takes its keys with it.
func TestTwice(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	p := l.Start(trainArgs("run", "--workers", "2", "--set", "steps=100000")...)
	s := p.WaitStep(3)
	// A stopped worker holds the first Ctrl-C up for ever.
	if err := syscall.Kill(s.Workers[0].PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p.Signal(interrupt)
	p.WaitStatus("the stop to be noticed", func(s api.Status) bool { return s.Phase == api.PhaseStopping })
	p.Signal(interrupt)
	l.WantError("Ctrl-C twice", lastError(p.Wait()), 130, "leaving at once")
	if left, err := os.ReadDir(l.Tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for _, w := range s.Workers {
		waitGone(l, w.PID)
	}
}

func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	return err == nil && process.Signal(syscall.Signal(0)) == nil
}

// waitNobody waits until no process is left that was told of a file in the lab's temporary directory, as workers are.
func (l *Lab) waitNobody() {
	l.t.Helper()
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range all {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), l.Tmp+"/") {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			waitGone(l, pid)
		}
	}
}

func waitGone(l *Lab, pid int) {
	l.t.Helper()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for alive(pid) {
		select {
		case <-tick.C:
		case <-l.ctx.Done():
			l.t.Fatalf("process %d is still there", pid)
		}
	}
}
