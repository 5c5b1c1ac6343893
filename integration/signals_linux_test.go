package integration

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// longRun are the arguments of a run that saves nothing until it is asked to leave.
func longRun(dir string) []string {
	return trainArgs(dir, "--workers", "2", "--set", "steps=100000", "--set", "checkpoint.every=0", "--set", "eval.every=0")
}

// wantSavedAndLeft waits for a run that was asked to leave: exit status 130, a checkpoint, nothing left behind.
func (l *Lab) wantSavedAndLeft(p *Process, dir string) {
	l.t.Helper()
	if r := p.Wait(); r.Code != 130 {
		l.t.Errorf("exit status %d, want 130\n%s", r.Code, r.Stderr)
	}
	l.wantCommitted(dir)
	l.wantTmpEmpty()
}

func (l *Lab) wantTmpEmpty() {
	l.t.Helper()
	if left, _ := filepath.Glob(filepath.Join(l.Tmp, "*")); len(left) > 0 {
		l.t.Errorf("left behind: %v", left)
	}
}

// TestHangUp closes the terminal, which sends SIGHUP more than once: the run saves and leaves. Under nohup it goes on.
func TestHangUp(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	// A process inherits what its parent ignores, as under nohup, and not what its parent catches.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	p := l.Start(longRun("run")...)
	signal.Stop(caught)
	held := p.WaitStep(3).Workers[0].PID
	hold := func(s syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(held, s); err != nil {
			t.Fatal(err)
		}
	}
	hold(syscall.SIGSTOP) // or it could have left before it is told again
	p.Signal(syscall.SIGHUP)
	p.WaitStatus("the stop to be noticed", func(s api.Status) bool { return s.Phase == api.PhaseStopping })
	p.Signal(syscall.SIGHUP)
	hold(syscall.SIGCONT)
	l.wantSavedAndLeft(p, "run")

	args := longRun("on")
	p = l.StartWith(func(c *exec.Cmd) {
		c.Path, c.Args = "/bin/sh", append([]string{"sh", "-c", `trap "" HUP; exec "$0" "$@"`, l.bin}, args...)
	}, args...)
	s := p.WaitStep(3)
	p.Signal(syscall.SIGHUP)
	p.WaitStep(s.Step + 50)
	p.Signal(interrupt)
	l.wantSavedAndLeft(p, "on")
}

// TestBrokenOutput has nobody read what a run prints, from its second line on: as with `| head -1`, or with a `| tee`
// that Ctrl-C ended first. The run goes on to its end, and saves when it is asked to leave.
func TestBrokenOutput(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	want := l.finishedRun()
	start := func(args []string) *Process {
		t.Helper()
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		p := l.StartWith(func(c *exec.Cmd) { c.Stdout, c.Stderr = w, w }, args...)
		w.Close()
		if line, err := bufio.NewReader(r).ReadString('\n'); err != nil || !strings.HasPrefix(line, "status page") {
			t.Errorf("the first line is %q, %v", line, err)
		}
		r.Close()
		return p
	}
	p := start(trainArgs("ended", "--workers", "2"))
	if r := p.Wait(); r.Code != 0 {
		t.Errorf("exit status %d, want 0", r.Code)
	}
	l.wantRun("ended", want)
	l.wantTmpEmpty()

	p = start(longRun("asked"))
	for log := ""; !strings.Contains(log, "msg=training"); { // it can be asked to save
		text, err := os.ReadFile(l.Path("asked", "logs", "coordinator.log"))
		if err != nil && !os.IsNotExist(err) || l.ctx.Err() != nil {
			t.Fatal(err)
		}
		log = string(text)
		time.Sleep(pollEvery)
	}
	p.Signal(interrupt)
	l.wantSavedAndLeft(p, "asked")
}

// TestSuspend presses Ctrl-Z: the workers stop too, and all go on together.
func TestSuspend(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	p := l.StartWith(func(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }, longRun("run")...) // as a shell's job
	s := p.WaitStep(3)
	all := []int{p.PID()}
	for _, w := range s.Workers {
		all = append(all, w.PID)
	}
	for range 2 {
		p.Signal(syscall.SIGTSTP)
		for _, pid := range all {
			l.waitStopped(pid)
		}
		p.Signal(syscall.SIGCONT)
		s = p.WaitStep(s.Step + 20)
	}
	p.Signal(interrupt)
	l.wantSavedAndLeft(p, "run")
}

// waitStopped waits until a process is stopped.
func (l *Lab) waitStopped(pid int) {
	l.t.Helper()
	state := ""
	for ; l.ctx.Err() == nil; time.Sleep(pollEvery) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			l.t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(text), ") ")
		if state, _, _ = strings.Cut(after, " "); state == "T" {
			return
		}
	}
	l.t.Errorf("process %d is in state %s, want it stopped", pid, state)
}

// TestAbandonedKeys kills a run without a warning: its keys stay, until the next run removes them. What a living run has
// there is left alone.
func TestAbandonedKeys(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	killed, living := l.Start(longRun("killed")...), l.Start(longRun("living")...)
	workers := killed.WaitStep(1).Workers
	living.WaitStep(1)
	killed.Signal(syscall.SIGKILL)
	killed.Wait()
	for _, w := range workers {
		waitGone(l, w.PID)
	}
	keys := func() int {
		found, _ := filepath.Glob(filepath.Join(l.Tmp, "*", "coordinator-key.pem"))
		return len(found)
	}
	if n := keys(); n != 2 {
		t.Errorf("%d runs have keys, want those of the living and the killed one", n)
	}
	l.finishedRun()
	if n := keys(); n != 1 {
		t.Errorf("%d runs have keys, want those of the living one", n)
	}
	s := living.WaitStatus("it goes on", func(s api.Status) bool { return s.Step > 1 })
	living.WaitStep(s.Step + 20)
	living.Signal(interrupt)
	l.wantSavedAndLeft(living, "living")
}

// TestTmpDir gives a TMPDIR whose path is too long for sockets, and one that does not exist.
func TestTmpDir(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	want := l.finishedRun()
	long := l.Path(strings.Repeat("x", 110))
	if err := os.Mkdir(long, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, tmp := range []string{long, l.Path("missing")} {
		dir := fmt.Sprintf("run-%d", i)
		if r := l.StartEnv([]string{"TMPDIR=" + tmp}, trainArgs(dir, "--workers", "2")...).Wait(); r.Code != 0 {
			t.Errorf("TMPDIR=%s: exit status %d\n%s", tmp, r.Code, r.Stderr)
		}
		l.wantRun(dir, want)
		if r := l.StartEnv([]string{"TMPDIR=" + tmp}, "bench", "--quick", "--only", "ring").Wait(); r.Code != 0 {
			t.Errorf("bench with TMPDIR=%s: exit status %d\n%s", tmp, r.Code, r.Stderr)
		}
	}
	if left, _ := os.ReadDir(long); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
