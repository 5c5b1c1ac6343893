package integration

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// leadersRun has steps that take a while, for few of them to be computed again.
var leadersRun = []string{endless, "checkpoint.every=75", "batch.length=128", "eval.every=0"}

// TestLeaderFails kills or freezes the coordinator that leads, or asks it to leave. The other one
// leads, the workers follow it in the ring in which they are, and the run's weights are those of a
// calm one. A frozen one that wakes finds that another leads, and leaves with the run.
func TestLeaderFails(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	for _, tc := range []struct {
		name   string
		signal os.Signal
	}{{"killed", syscall.SIGKILL}, {"frozen", syscall.SIGSTOP}, {"leaves", syscall.SIGTERM}} {
		t.Run(tc.name, func(t *testing.T) {
			lab := *l
			lab.t = t
			c, second := lab.StartTwo(startEtcdServer(t), 2, tc.name, leadersRun...)
			c.StartWorkers(2)
			c.Coordinator.WaitStep(3)
			c.Coordinator.Signal(tc.signal)
			began := time.Now()
			s := second.WaitStatus("the lead", func(s api.Status) bool {
				return s.Run.Leader != "" && s.Phase != api.PhaseStandby && len(s.Workers) == 2 && s.Workers[0].Step > 0 && s.Workers[1].Step > 0
			})
			t.Logf("%s: led on after %v, at step %d", tc.name, time.Since(began), s.Step)
			if s.Generation != 1 {
				t.Errorf("generation %d: the ring was formed anew", s.Generation)
			}
			first := c.Coordinator
			c.Coordinator, c.Addr = second, c.others[0]
			c.WantCalm()
			switch tc.name {
			case "frozen":
				first.Signal(syscall.SIGCONT)
				if r := first.Wait(); r.Code != 130 {
					t.Errorf("the first, awake again: exit status %d\n%s", r.Code, r.Stderr)
				}
			case "leaves":
				l.WantError("the first", lastError(first.Wait()), 130, "the run goes on without it")
			}
		})
	}
}

// TestEtcdAway has the etcd of two coordinators out of reach for so long that it forgets both. The
// run goes on, the one that leads leads on, and what could not be written is written later: the
// other one hears of the end.
func TestEtcdAway(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	etcd := startEtcdServer(t)
	c, second := l.StartTwo(etcd, 2, "away", leadersRun...)
	c.StartWorkers(2)
	c.Coordinator.WaitStep(3)
	etcd.door.set(true)
	etcd.other.set(true)
	c.Coordinator.WaitOutput("the lead is in doubt")
	etcd.awaitNobody()
	etcd.door.set(false)
	etcd.other.set(false)
	c.Coordinator.WaitOutput("this coordinator leads again")
	c.WantCalm(second)
}

// TestLeaderAndWorkerFail kills the coordinator that leads and a worker at once. The other coordinator
// hears of it from the workers that are left, and they go on without it.
func TestLeaderAndWorkerFail(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	c, second := l.StartTwo(startEtcdServer(t), 3, "both", leadersRun...)
	c.StartWorkers(3)
	c.Coordinator.WaitStep(20)
	c.Workers[1].Signal(syscall.SIGKILL)
	c.Coordinator.Signal(syscall.SIGKILL)
	s := second.WaitStatus("the next view", func(s api.Status) bool { return s.Generation >= 2 && s.Step > 21 })
	t.Logf("led on at step %d with %d workers", s.Step, len(s.Workers))
	c.Coordinator, c.Addr, c.Workers = second, c.others[0], []*Process{c.Workers[0], c.Workers[2]}
	c.WantCalm()
}

// TestLeaderWithoutEtcd cuts the coordinator that leads off from etcd, and from nothing else. It says that the lead is in
// doubt, the workers follow the other one as soon as that leads, and when etcd is back the first knows that it leads no more.
func TestLeaderWithoutEtcd(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	etcd := startEtcdServer(t)
	c, second := l.StartTwo(etcd, 2, "cut", leadersRun...)
	c.StartWorkers(2)
	c.Coordinator.WaitStep(3)
	etcd.door.set(true)
	c.Coordinator.WaitOutput("the lead is in doubt")
	s := second.WaitStatus("the lead", func(s api.Status) bool { return len(s.Workers) == 2 && s.Workers[0].Step > 0 && s.Workers[1].Step > 0 })
	if s.Generation != 1 {
		t.Errorf("generation %d: the ring was formed anew", s.Generation)
	}
	etcd.door.set(false)
	c.Coordinator.WaitOutput("this coordinator does not lead")
	first := c.Coordinator
	c.Coordinator, c.Addr = second, c.others[0]
	c.WantCalm(first)
}

// TestSteerStandby asks a coordinator that stands by. It passes the wish on to the one that leads, and refuses
// a certificate that may not steer itself.
func TestSteerStandby(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c, second := l.StartTwo(startEtcdServer(t), 2, "standby", "steps=100000", "checkpoint.every=0", "eval.every=0")
	c.StartWorkers(2)
	c.Coordinator.WaitStep(3)
	second.WaitStatus("the leader", func(s api.Status) bool { return s.Phase == api.PhaseStandby && s.Run.Leader == c.Addr })
	leader := c.Addr
	c.Addr = c.others[0]
	l.WantError("a step beyond the end", c.Steer("lr", "1e-4", "--at", "200000"), 1, "coordinator "+c.Addr, "the leader "+leader, "200000")
	if text := fetch(t, second.Page()+"/api/desired"); !strings.Contains(text, `"desired_workers":`) {
		t.Errorf("the desired workers, asked of a standby: %s", text)
	}
	if r := c.Steer("lr", "1e-4", "--at", "+3"); r.Code != 0 {
		t.Errorf("rondo lr at a standby: exit status %d\n%s", r.Code, r.Stderr)
	}
	if r := c.Steer("stop"); r.Code != 0 {
		t.Errorf("rondo stop at a standby: exit status %d\n%s", r.Code, r.Stderr)
	}
	c.WantLeft(130)
}
