package integration

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// crashSeed repeats the kills of a run whose log said so.
var crashSeed = flag.Uint64("crash-seed", 0, "seed of TestCrash; 0 draws one")

// TestCrash kills everything at once, again and again, while a run writes a
// checkpoint nearly all the time. What is committed is always whole, and the
// run that goes on has the weights of a calm one.
func TestCrash(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-crash-seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	kills := 3
	if *full {
		kills = 20
	}
	for i := range kills {
		dir := fmt.Sprintf("killed-%d", i)
		args := trainArgs(dir, "--workers", "3", "--set", endless, "--set", "checkpoint.every=1", "--set", "eval.every=0")
		p := l.Start(args...)
		step, looks := uint64(1+r.IntN(60)), r.IntN(4)
		s := p.WaitStatus("the moment", func(s api.Status) bool {
			if s.Step >= step && len(s.Checkpoints) > 0 {
				looks--
			}
			return looks < 0
		})
		p.Signal(syscall.SIGKILL)
		for _, w := range s.Workers {
			_ = syscall.Kill(w.PID, syscall.SIGKILL) // it may have died with its parent
		}
		p.Wait()
		for _, w := range s.Workers {
			waitGone(l, w.PID)
		}
		l.Must("verify", dir)
		p = l.Start(append(args, "--resume", "--workers", fmt.Sprint(1+i%4), "--set", "checkpoint.every=0")...)
		p.WaitStep(s.Step + 30)
		p.Signal(interrupt)
		if r := p.Wait(); r.Code != 130 {
			t.Fatalf("killed at step %d, going on: exit status %d, want 130\n%s", s.Step, r.Code, r.Stderr)
		}
		l.wantReplayed("run.yaml", dir, "--set", endless, "--set", "eval.every=0")
	}
}
