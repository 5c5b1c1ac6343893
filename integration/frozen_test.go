package integration

import (
	"strings"
	"syscall"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestStepLoopHangs has the step loop of one of three workers hang for ever, while its process lives and says so. It is evicted by
// name, the others end with the calm digest, and its process ends by itself.
func TestStepLoopHangs(t *testing.T) {
	t.Parallel()
	l := ownLab(t, "faulty")
	sets := []string{"steps=200", "checkpoint.every=50"}
	want := l.calm(sets...)
	c := l.StartCluster(3, sets...)
	hangs := l.StartEnv([]string{"OWN_MODEL_FAULT=hangs forward 20"}, c.WorkerArgs("worker-1")...)
	hangs.WaitOutput(`msg=joined`)
	c.StartWorker("worker-0")
	c.StartWorker("worker-2")
	c.Coordinator.WaitOutput(`worker-1 was lost at step \d+ \(standing still in step \d+ for .* while others wait for it\)`)
	c.WantLeft(0)
	if got := l.Digest(c.Dir); got != want {
		t.Errorf("digest %s, calm %s", got, want)
	}
	if r := hangs.Wait(); r.Code != 1 || !strings.Contains(r.Stderr, "the step loop does not come back from a step") {
		t.Errorf("the one that hangs: exit status %d\n%s", r.Code, r.Stderr)
	}
}

// TestKilledInPass kills one of three workers in the midst of a forward pass, and of a backward pass, when the gradients of later
// layers have left. The others end with the calm digest.
func TestKilledInPass(t *testing.T) {
	t.Parallel()
	l := ownLab(t, "faulty")
	sets := []string{"steps=60", "checkpoint.every=50"}
	want := l.calm(sets...)
	for _, pass := range []string{"forward", "backward"} {
		c := l.newCluster(nil, sets)
		c.Dir = pass
		c.sets = append(c.sets, "--set", "checkpoint.dir="+pass)
		c.coordinate(3, "--record-dir", "record-"+pass)
		dies := l.StartEnv([]string{"OWN_MODEL_FAULT=kills " + pass + " 20"}, c.WorkerArgs("worker-1")...)
		dies.WaitOutput(`msg=joined`)
		c.StartWorker("worker-0")
		c.StartWorker("worker-2")
		dies.Wait()
		c.WantLeft(0)
		if got := l.Digest(pass); got != want {
			t.Errorf("%s: digest %s, calm %s", pass, got, want)
		}
		if text := c.Coordinator.Wait().Stderr; !strings.Contains(text, "worker-1 was lost at step") {
			t.Errorf("%s: no word of the loss:\n%s", pass, text)
		}
	}
}

// TestNamesakeOfFrozen freezes a worker and starts another of its name, from another port. While the frozen one counts, the other is
// refused with host and process; after that it takes its place. The frozen one wakes, and has none: one of them alone takes part.
func TestNamesakeOfFrozen(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.StartCluster(3, endless, "checkpoint.every=200", "eval.every=0")
	c.StartWorkers(3)
	c.Coordinator.WaitStep(3)
	frozen := c.Workers[1]
	l.WantError("a namesake of one that lives", lastError(l.Run(c.WorkerArgs("worker-1")...)), 1, "worker-1 is here already (host ", "process ")
	frozen.Signal(syscall.SIGSTOP)
	c.Coordinator.WaitStatus("the others to go on", func(s api.Status) bool { return s.Generation >= 2 && len(s.Workers) == 2 })
	namesake := l.Start(c.WorkerArgs("worker-1")...)
	namesake.WaitOutput(`msg=joined`)
	c.Coordinator.WaitStatus("three", func(s api.Status) bool {
		return len(s.Workers) == 3 && s.Workers[1].PID == namesake.PID() && s.Workers[1].EndLane > s.Workers[1].FirstLane
	})
	frozen.Signal(syscall.SIGCONT)
	l.WantError("the one that wakes", lastError(frozen.Wait()), 1, "worker-1 is here already (host ", "process ")
	c.Workers = []*Process{c.Workers[0], namesake, c.Workers[2]}
	c.WantCalm()
	l.wantWholeLedger(c)
}
