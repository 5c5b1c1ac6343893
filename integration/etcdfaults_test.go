package integration

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// fill writes until there is no room, which raises an alarm: from then on etcd takes no write of anybody.
func (e *etcdServer) fill() {
	e.t.Helper()
	client := v3client.New(e.server.Server)
	for {
		switch _, err := client.Put(e.t.Context(), "another's", strings.Repeat("x", 1<<20)); {
		case errors.Is(err, rpctypes.ErrNoSpace):
			return
		case err != nil:
			e.t.Fatal(err)
		}
	}
}

// compact drops all revisions but the newest.
func (e *etcdServer) compact() (client *clientv3.Client) {
	e.t.Helper()
	client = v3client.New(e.server.Server)
	reply, err := client.Get(e.t.Context(), "another's")
	if err == nil {
		_, err = client.Compact(e.t.Context(), reply.Header.Revision, clientv3.WithCompactPhysical())
	}
	if err != nil {
		e.t.Fatal(err)
	}
	return client
}

// room makes room again, as its operator would.
func (e *etcdServer) room() {
	e.t.Helper()
	client := e.compact()
	err := e.server.Server.Backend().Defrag()
	if err == nil {
		_, err = client.AlarmDisarm(context.Background(), &clientv3.AlarmMember{})
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

// TestEtcdFull has another client fill etcd. Steps go on, a line says that there is no space, and whose etcd it is; a worker that joins
// waits, and the ring goes on without it. When there is room again it joins, and the record is as if nothing had been.
func TestEtcdFull(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	sets := []string{endless, "checkpoint.every=5", "eval.every=0"}
	etcd := startEtcdServer(t)
	c, second := l.StartTwo(etcd, 2, "full", sets...)
	c.StartWorkers(2)
	c.Coordinator.WaitStep(3)
	etcd.fill()
	c.Coordinator.WaitOutput("the record cannot be written.*etcd " + etcd.door.addr() + ": it has no space left")
	at := c.Coordinator.WaitStatus("the step", func(s api.Status) bool { return true }).Step
	if s := c.Coordinator.WaitStep(at + 50); s.Generation != 1 {
		t.Errorf("the ring changed: generation %d", s.Generation)
	}
	c.StartWorker("worker-2")
	c.Coordinator.WaitOutput("worker-2 waits for the record, and the ring goes on without it: etcd " + etcd.door.addr() + ": it has no space left")
	at = c.Coordinator.WaitStatus("the step", func(s api.Status) bool { return true }).Step
	if s := c.Coordinator.WaitStep(at + 50); s.Generation != 1 {
		t.Errorf("a worker that joins changed the ring: generation %d", s.Generation)
	}
	etcd.room()
	c.Coordinator.WaitStatus("the ring with the worker that waited", func(s api.Status) bool { return s.Generation == 2 })
	c.WantCalm(second) // which hears of the end by the record
	if n := strings.Count(c.Coordinator.Wait().Stderr, "no space left"); n != 2 {
		t.Errorf("%d lines say that there is no space", n)
	}
}

// TestEtcdRestarted compacts etcd while two coordinators use it, stops it, and starts it again with its data. The run goes on, in
// the ring in which it is, and both coordinators end with it.
func TestEtcdRestarted(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	etcd := startEtcdServer(t)
	c, second := l.StartTwo(etcd, 2, "restarted", leadersRun...)
	c.StartWorkers(2)
	c.Coordinator.WaitStep(3)
	etcd.compact()
	c.Coordinator.WaitStep(10)
	etcd.server.Close()
	c.Coordinator.WaitOutput("the lead is in doubt|the record cannot be written")
	at := c.Coordinator.WaitStep(10).Step
	etcd.start()
	c.Coordinator.WaitStep(at + 20)
	c.WantCalm(second)
	if text := c.Coordinator.Wait().Stderr; strings.Contains(text, "the ring changes") {
		t.Errorf("the ring changed:\n%s", text)
	}
}

// TestRecordOfDeadRun kills a run as a whole and removes its checkpoints, while etcd still knows of it: one of the same name begins at step 0,
// says that there is no checkpoint, and has the bits of a calm run.
func TestRecordOfDeadRun(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	etcd := startEtcdServer(t)
	sets := []string{endless, "checkpoint.every=5", "eval.every=0"}
	begin := func() *Cluster {
		c := l.newCluster(nil, sets)
		c.coordinate(1, "--etcd", etcd.door.addr(), "--etcd-tls=false")
		c.StartWorkers(1)
		return c
	}
	first := begin()
	dead := first.Coordinator.WaitStatus("two checkpoints", func(s api.Status) bool { return len(s.Checkpoints) > 1 })
	for _, p := range []*Process{first.Coordinator, first.Workers[0]} {
		p.Signal(syscall.SIGKILL)
		p.Wait()
	}
	if err := os.RemoveAll(l.Path(first.Dir)); err != nil {
		t.Fatal(err)
	}
	etcd.awaitNobody() // until its lease is over
	second := begin()
	second.Coordinator.WaitOutput("holds no checkpoint: the run starts from the beginning")
	if s := second.Coordinator.WaitStep(3); s.Generation <= dead.Generation || len(s.Checkpoints) > 0 && s.Checkpoints[len(s.Checkpoints)-1].Step > s.Step+5 {
		t.Errorf("of the dead run there are generation %d and checkpoints %v; now generation %d at step %d", dead.Generation, s.Checkpoints, s.Generation, s.Step)
	}
	second.WantCalm()
}
