package integration

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOneDirectory starts a second run, of another name and with a record of its
// own, in the checkpoint.dir of one that has not saved yet. It is refused and
// names the directory and the run. When everybody of the first is dead the
// second may have the directory.
func TestOneDirectory(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	first := l.StartCluster(1, "steps=100000", "checkpoint.every=0", "eval.every=0")
	holder := first.StartWorker("worker-0")
	first.Coordinator.WaitStep(1)

	second := *first
	second.Workers = nil
	second.sets = append(append([]string{}, first.sets...), "--set", "name=second", "--set", "steps=10", "--set", "seed=8")
	start := func() (coordinator, worker *Process) {
		second.Coordinator = second.startCoordinator(1, "--record-dir", "record-2")
		second.Addr = second.Coordinator.WaitOutput(`workers join\s+(\S+)`)[1]
		return second.Coordinator, l.Start(second.WorkerArgs("worker-0")...)
	}
	coordinator, worker := start()
	for what, p := range map[string]*Process{"the coordinator": coordinator, "the worker": worker} {
		l.WantError(what, lastError(p.Wait()), 1, second.Dir, `run "small"`, "checkpoint.dir")
	}

	holder.Signal(syscall.SIGKILL)
	holder.Wait()
	first.Coordinator.Signal(syscall.SIGTERM) // it would wait for another worker
	first.Coordinator.Wait()
	_, worker = start()
	second.Workers = []*Process{worker}
	second.WantLeft(0)
	l.Must("verify", second.Dir)
}

// TestReplacedDirectory moves the checkpoint.dir of a run away while all of its processes stand still, and trains another run under that
// path. The first one writes nothing into what is the other's, and removes nothing from it, not even what it was about to when it stood
// still: it says whose it is.
func TestReplacedDirectory(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	first := l.StartCluster(1, "steps=100000", "checkpoint.every=5", "checkpoint.keep=1", "eval.every=0")
	processes := []*Process{first.Coordinator, first.StartWorker("worker-0")}
	at := first.Coordinator.WaitStep(20).Step
	for _, p := range processes {
		p.Signal(syscall.SIGSTOP)
	}
	if err := os.Rename(l.Path(first.Dir), l.Path("moved")); err != nil {
		t.Fatal(err)
	}

	second := *first
	second.Workers = nil
	second.sets = append(append([]string{}, first.sets...), "--set", "name=second", "--set", "steps=10", "--set", "seed=8")
	second.coordinate(1, "--record-dir", "record-2")
	second.StartWorkers(1)
	second.WantLeft(0)
	for _, p := range processes {
		p.Signal(syscall.SIGCONT)
	}
	first.Coordinator.WaitOutput(`was abandoned.*removed or replaced, and taken by run .*second`)
	first.Coordinator.WaitStep(at + 50)
	for _, p := range processes {
		p.Signal(syscall.SIGKILL)
		p.Wait()
	}
	l.Must("verify", second.Dir)
	if there, err := filepath.Glob(l.Path(second.Dir, "step-*")); err != nil || len(there) != 1 || filepath.Base(there[0]) != "step-000000010" {
		t.Errorf("%s holds %q, want the second run's last checkpoint alone: %v", second.Dir, there, err)
	}
}
