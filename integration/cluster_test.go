package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// TestCluster runs a coordinator and three workers with a ring over TLS. In the
// meantime workers that do not belong to the run knock: each is refused with
// what is different, and the digest is that of one worker alone.
func TestCluster(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	want := l.finishedRun()
	l.Write("other.txt", corpus(1800))
	l.Must("shard", "text", "--out", "other", "--valid", "0.1", "other.txt")

	c := l.StartCluster(3)
	c.StartWorker("worker-0")
	refused := func(what string, r Result, wants ...string) {
		t.Helper()
		r.Stderr = lastLine(r.Stderr)
		l.WantError(what, r, 1, append(wants, c.Addr)...)
	}
	refused("another configuration", l.Run(c.WorkerArgs("worker-1", "--set", "model.hidden=33", "--set", "seed=8")...),
		"refuses", "model.hidden: 33 and 32", "seed: 8 and 7")
	refused("another data set", l.Run(c.WorkerArgs("worker-1", "--set", "data.train=other/train")...),
		"refuses", "data.train", "worker-0")
	refused("another held-out set", l.Run(c.WorkerArgs("worker-1", "--set", "data.valid=other/valid")...),
		"refuses", "data.valid", "worker-0")
	refused("a name that is taken", l.Run(c.WorkerArgs("worker-0")...), "refuses", "worker-0", "another --name")
	foreign := l.foreign().Start(c.WorkerArgs("worker-1")...)
	foreign.WaitOutput("has this worker wait: its version is " + regexp.QuoteMeta(foreignVersion))
	foreign.Signal(syscall.SIGTERM)
	left := foreign.Wait()
	left.Stderr = lastLine(left.Stderr)
	l.WantError("another release, which waits and is asked to leave", left, 130, "asked to leave")

	others, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	stranger := append(c.WorkerArgs("worker-1"), c.tls(others, "worker-1")...) // the last flag of a name counts
	r := l.Run(stranger...)
	refused("a certificate of another authority", r, "certificate")
	if strings.Contains(r.Stderr, "refuses this worker") {
		t.Errorf("a stranger got as far as the join:\n%s", r.Stderr)
	}

	c.StartWorker("worker-1")
	c.StartWorker("worker-2")
	c.WantLeft(0)
	if got := l.Digest(c.Dir); got != want {
		t.Errorf("the cluster's digest is %s, one worker's %s", got, want)
	}
	if out := c.Coordinator.Wait().Stdout; !strings.Contains(out, want) {
		t.Errorf("the coordinator does not print the digest %s:\n%s", want, out)
	}
}

// foreign is the lab with a binary of another version.
func (l *Lab) foreign() *Lab {
	l.t.Helper()
	bin, err := foreignBinary()
	if err != nil {
		l.t.Fatal(err)
	}
	other := *l
	other.bin = bin
	return &other
}

// TestSteer asks a running cluster how it is, for a checkpoint, and to stop.
func TestSteer(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.StartGossiping(2, "steps=100000", "checkpoint.every=0", "eval.every=0")
	c.StartWorker("worker-0")
	l.WantError("a checkpoint before the first step", c.Steer("checkpoint"), 1, "nothing new to save", "1 of 2")
	c.StartWorker("worker-1")
	c.Coordinator.WaitStep(3)
	c.Coordinator.WaitStatus("gossip of both workers", func(s api.Status) bool {
		heard := map[string]bool{}
		for _, e := range s.Events {
			heard[e.What] = true
		}
		return heard["gossip: worker worker-0 joined"] && heard["gossip: worker worker-1 joined"]
	})

	page := strings.TrimPrefix(c.Coordinator.Page(), "http://")
	out := l.Must("status", "--status-addr", page)
	for _, want := range []string{"small: training", "of 100000", "worker-0", "0-3", "worker-1", "4-7"} {
		if !strings.Contains(out, want) {
			t.Errorf("rondo status does not say %q:\n%s", want, out)
		}
	}
	if out := l.Must("status", "--status-addr", page, "--json"); !strings.Contains(out, `"phase":"training"`) {
		t.Errorf("rondo status --json:\n%s", out)
	}

	r := c.Steer("checkpoint")
	if r.Code != 0 {
		t.Fatalf("rondo checkpoint: exit status %d\n%s", r.Code, r.Stderr)
	}
	find(t, r.Stdout, `^(a checkpoint follows at the next step \(\d+ of 100000 are done\))\n$`)
	c.Coordinator.WaitStatus("the checkpoint", func(s api.Status) bool { return len(s.Checkpoints) == 1 })
	l.Must("verify", c.Dir)
	first := l.Digest(c.Dir)
	if r := c.Steer("stop"); r.Code != 0 {
		t.Fatalf("rondo stop: exit status %d\n%s", r.Code, r.Stderr)
	}
	c.WantLeft(130)
	l.Must("verify", c.Dir)
	if l.Digest(c.Dir) == first {
		t.Error("stopping wrote no checkpoint of its own")
	}
	l.WantError("nobody there", c.Steer("stop"), 1, "coordinator "+c.Addr)
}

// lastError is the result with the error alone, without the log before it.
func lastError(r Result) Result {
	r.Stderr = lastLine(r.Stderr)
	return r
}

// TestTerminateOne sends SIGTERM to one worker of a cluster: it leaves, and the others go on. When all are asked
// to leave, the last one saves, and the run goes on later with another number of workers.
func TestTerminateOne(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.StartCluster(3, endless, "checkpoint.every=0", "eval.every=0", "batch.length=64")
	c.StartWorkers(3)
	c.Coordinator.WaitStep(2)
	c.Workers[1].Signal(syscall.SIGTERM)
	if r := c.Workers[1].Wait(); r.Code != 0 {
		t.Errorf("the worker that left: exit status %d\n%s", r.Code, r.Stderr)
	}
	c.Coordinator.WaitStatus("the others to go on", func(s api.Status) bool { return s.Generation >= 2 && len(s.Workers) == 2 })
	c.Workers = []*Process{c.Workers[0], c.Workers[2]}
	for _, p := range c.Workers {
		p.Signal(syscall.SIGTERM)
	}
	if r := c.Coordinator.Wait(); r.Code != 130 {
		t.Errorf("the coordinator: exit status %d, want 130\n%s", r.Code, r.Stderr)
	}
	l.Must("verify", c.Dir)

	// The coordinator and the workers again, as the message says.
	c.coordinate(2, "--resume")
	c.Workers = nil
	c.StartWorkers(2, "--resume")
	s := c.Coordinator.WaitStatus("the ring", func(s api.Status) bool { return s.Phase == api.PhaseTraining })
	c.Coordinator.WaitStep(s.Step + 5)
	c.WantCalm()
}

// TestClusterLosesWorker kills a worker and freezes another. The last one goes on alone, one of the first's
// name joins it, and the frozen one joins anew when it wakes.
func TestClusterLosesWorker(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.StartCluster(3, endless, "checkpoint.every=200", "eval.every=0")
	c.StartWorkers(3)
	c.Coordinator.WaitStep(3)
	c.Workers[1].Signal(syscall.SIGKILL)
	c.Workers[1].Wait()
	c.Coordinator.WaitStatus("the others to go on", func(s api.Status) bool { return s.Generation >= 2 && len(s.Workers) == 2 })
	c.Workers[2].Signal(syscall.SIGSTOP)
	c.Coordinator.WaitStatus("the last to go on", func(s api.Status) bool { return len(s.Workers) == 1 })
	again := c.StartWorker("worker-1")
	c.Coordinator.WaitStatus("two", func(s api.Status) bool { return len(s.Workers) == 2 && s.Workers[1].EndLane == 8 })
	c.Workers[2].Signal(syscall.SIGCONT)
	c.Coordinator.WaitStatus("three", func(s api.Status) bool { return len(s.Workers) == 3 && s.Workers[2].EndLane == 8 })
	c.Workers = []*Process{c.Workers[0], again, c.Workers[2]}
	c.WantCalm()
}

// TestClusterLosesCoordinator kills the only coordinator: the workers train on, past
// checkpoints that nobody commits. Started again with --resume it takes them up where they
// are, and the run's weights are those of a calm one.
func TestClusterLosesCoordinator(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.newCluster(nil, []string{endless, "checkpoint.every=50", "eval.every=0", "batch.length=32"})
	c.coordinate(2, "--listen", freeAddr(t))
	c.StartWorkers(2)
	c.Coordinator.WaitStep(3)
	c.Coordinator.Signal(syscall.SIGKILL)
	c.Coordinator.Wait()
	for _, p := range c.Workers {
		p.WaitOutput("the coordinator was lost; training goes on")
	}
	l.waitUncommitted(c.Dir)
	c.Coordinator = c.startCoordinator(2, "--resume", "--listen", c.Addr)
	c.Coordinator.WaitOutput("took over the ring of generation 1 at step .* with all of its 2 workers")
	c.WantCalm()
}

// waitUncommitted waits until there is a checkpoint in a run's directory that nobody has committed.
func (l *Lab) waitUncommitted(dir string) {
	l.t.Helper()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		all, _ := filepath.Glob(l.Path(dir, "step-*"))
		if slices.ContainsFunc(all, func(path string) bool {
			_, err := os.Stat(filepath.Join(path, "manifest.json"))
			return err != nil
		}) {
			return
		}
		select {
		case <-tick.C:
		case <-l.ctx.Done():
			l.t.Fatalf("no checkpoint in %s is without a manifest", dir)
		}
	}
}

// TestWorkerWaits starts a worker before its coordinator. It waits, joins, and leaves at once
// when it is asked to while it waits.
func TestWorkerWaits(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.newCluster(nil, []string{"steps=20"})
	c.Addr = freeAddr(t)
	impatient := l.Start(c.WorkerArgs("worker-1")...)
	impatient.WaitOutput("waiting for a coordinator that leads")
	impatient.Signal(syscall.SIGTERM)
	l.WantError("one that is asked to leave", lastError(impatient.Wait()), 130, "asked to leave")
	early := l.Start(c.WorkerArgs("worker-0")...)
	early.WaitOutput("waiting for a coordinator that leads.*cannot be reached")
	c.Coordinator = c.startCoordinator(1, "--listen", c.Addr)
	c.Workers = []*Process{early}
	c.WantLeft(0)
}
