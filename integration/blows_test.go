package integration

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// blow is a signal to a worker, so long after the one before.
type blow struct {
	worker int
	signal syscall.Signal
	after  time.Duration
}

// strike trains a run without an end in dir with four workers and deals blows from a step on. When the others have gone on
// for some steps, with so many workers (0: whoever is left), it stops the run and wants the weights of a calm one.
// Workers are known by their place in the ring when the first blow falls.
func (l *Lab) strike(file, dir string, sets []string, step, on uint64, left int, blows ...blow) {
	l.t.Helper()
	l.strikeOf(4, file, dir, sets, step, on, left, blows...)
}

// strikeOf is strike with so many workers.
func (l *Lab) strikeOf(workers int, file, dir string, sets []string, step, on uint64, left int, blows ...blow) {
	l.t.Helper()
	flags := append(setFlags(sets), "--set", "checkpoint.dir="+dir)
	p := l.Start(append([]string{"train", file, "--status-addr", "127.0.0.1:0", "--workers", fmt.Sprint(workers)}, flags...)...)
	inRing := func(s api.Status) bool {
		return !slices.ContainsFunc(s.Workers, func(w api.Worker) bool { return w.EndLane == w.FirstLane })
	}
	s := p.WaitStatus("steps of all", func(s api.Status) bool { return s.Step >= step && len(s.Workers) == workers && inRing(s) })
	for _, b := range blows {
		if b.after > 0 {
			tick := time.NewTimer(b.after)
			select {
			case <-tick.C:
			case <-p.done:
			}
		}
		_ = syscall.Kill(s.Workers[b.worker].PID, b.signal) // it may have ended by itself
	}
	p.WaitStatus("the others to go on", func(now api.Status) bool {
		return now.Generation > s.Generation && now.Step >= s.Step+on && inRing(now) && (left == 0 || len(now.Workers) == left)
	})
	p.Signal(interrupt)
	if r := p.Wait(); r.Code != 130 {
		l.t.Errorf("%s: exit status %d, want 130\n%s", dir, r.Code, r.Stderr)
		return
	}
	l.wantReplayed(file, dir, flags...)
}

// TestSecondBlow kills a worker, and another one while the others settle the loss of the first. Again with
// other signals to the owners of the first lane and of the last one.
func TestSecondBlow(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	sets := []string{endless, "eval.every=150", "checkpoint.every=60"}
	delays := []int{0, 5, 50}
	if *full {
		delays = []int{0, 1, 2, 5, 10, 20, 50, 100, 200}
	}
	for _, d := range delays {
		dir := fmt.Sprintf("second-%d", d)
		l.strike("run.yaml", dir, sets, 10, 100, 4, blow{3, syscall.SIGKILL, 0}, blow{1, syscall.SIGKILL, time.Duration(d) * time.Millisecond})
	}
	const wake = 5 * time.Second
	for _, worker := range []int{0, 3} {
		blows := map[string][]blow{
			"interrupt": {{worker, syscall.SIGINT, 0}},
			"soon":      {{worker, syscall.SIGTERM, 0}, {worker, syscall.SIGKILL, 50 * time.Millisecond}},
		}
		if *full {
			blows["terminate"] = []blow{{worker, syscall.SIGTERM, 0}}
			blows["kill"] = []blow{{worker, syscall.SIGKILL, 0}}
			blows["stop"] = []blow{{worker, syscall.SIGSTOP, 0}, {worker, syscall.SIGCONT, wake}}
		}
		for name, b := range blows {
			dir := fmt.Sprintf("%s-%d", name, worker)
			l.strike("run.yaml", dir, sets, 10, 100, 0, b...)
		}
	}
}
