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

// strike trains a run in dir with four workers, deals blows from a step on, and wants the calm digest. Workers are
// known by their place in the ring when the first blow falls.
func (l *Lab) strike(dir, calm string, step uint64, args []string, blows ...blow) {
	l.t.Helper()
	p := l.Start(args...)
	s := p.WaitStatus("steps of four", func(s api.Status) bool {
		return s.Step >= step && len(s.Workers) == 4 && !slices.ContainsFunc(s.Workers, func(w api.Worker) bool { return w.EndLane == w.FirstLane })
	})
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
	if r := p.Wait(); r.Code != 0 {
		l.t.Errorf("%s: exit status %d\n%s", dir, r.Code, r.Stderr)
		return
	}
	if got := l.Digest(dir); got != calm {
		l.t.Errorf("%s: digest %s, calm %s", dir, got, calm)
	}
}

// TestSecondBlow kills a worker, and another one while the others settle the loss of the first. Again with
// other signals to the owners of the first lane and of the last one.
func TestSecondBlow(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	sets := []string{"steps=400", "eval.every=150", "checkpoint.every=60"}
	calm := l.calm(sets...)
	more := append(setFlags(sets), "--workers", "4")
	delays := []int{0, 5, 50}
	if *full {
		delays = []int{0, 1, 2, 5, 10, 20, 50, 100, 200}
	}
	for _, d := range delays {
		dir := fmt.Sprintf("second-%d", d)
		l.strike(dir, calm, 10, trainArgs(dir, more...), blow{3, syscall.SIGKILL, 0}, blow{1, syscall.SIGKILL, time.Duration(d) * time.Millisecond})
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
			l.strike(dir, calm, 10, trainArgs(dir, more...), b...)
		}
	}
}
