package integration

import (
	"testing"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

// TestRoles holds certificates of the run's own authority against roles that
// they are not for. Each is refused with the name that is missing, at once, and
// the run goes on.
func TestRoles(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.StartCluster(2, "steps=100000", "checkpoint.every=0", "eval.every=0")
	as := func(holder string) []string { return c.tls(c.authority, holder) }
	l.WantError("another worker's name", lastError(l.Run(append(c.WorkerArgs("worker-0"), as("worker-1")...)...)), 2,
		"--tls-cert", "worker-1.pem", identity.NamedWorker("worker-0"))
	l.WantError("an operator that works", lastError(l.Run(append(c.WorkerArgs("worker-0"), as("operator")...)...)), 2, identity.WorkerRole)
	l.WantError("a worker that coordinates", lastError(l.Run(append([]string{"coordinator", "run.yaml", "--listen", "127.0.0.1:0",
		"--record-dir", "other"}, as("worker-0")...)...)), 2, "worker-0.pem", identity.CoordinatorRole)
	for _, what := range []string{"stop", "checkpoint"} {
		l.WantError("a worker that asks to "+what, lastError(l.Run(append([]string{what, "--coordinator", c.Addr}, as("worker-0")...)...)), 2,
			"worker-0.pem", identity.OperatorRole)
	}
	c.StartWorkers(2)
	c.Coordinator.WaitStep(2)
	if r := c.Steer("stop"); r.Code != 0 {
		t.Errorf("rondo stop: exit status %d\n%s", r.Code, r.Stderr)
	}
	c.WantLeft(130)
}
