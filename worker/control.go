package worker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// heartbeatEvery is how often a worker shows that its process runs, and what it does.
const heartbeatEvery = 250 * time.Millisecond

// control acts on what the coordinator that leads says, beside the step loop.
type control struct {
	session *session
	saver   *saver
	views   *views
	end     context.CancelCauseFunc // ends the worker with an *EndError or the stream's error
	look    func() *api.Heartbeat   // what the step loop does

	looking   atomic.Bool // into this process, for an operator
	recalling atomic.Bool // the history of the run

	looks  looks  // at the network, not yet taken
	wishes wishes // told by the coordinator, not yet put into a gather

	mu        sync.Mutex
	settled   uint64              // step of the newest checkpoint of which it told the end; 0: none
	committed *api.CheckpointDone // the newest that it told to be committed; nil: none
}

func (c *control) handle(ctx context.Context, m *api.ToWorker) {
	switch m := m.Message.(type) {
	case *api.ToWorker_View:
		if !c.views.knows(m.View) {
			c.wishes.begin(m.View)
			c.views.put(m.View)
		}
	case *api.ToWorker_Decision:
		c.wishes.add(m.Decision)
	case *api.ToWorker_Verify:
		c.saver.verify(m.Verify)
	case *api.ToWorker_Commit:
		c.saver.commit(m.Commit)
	case *api.ToWorker_CheckpointDone:
		c.checkpointDone(m.CheckpointDone)
	case *api.ToWorker_Inspect:
		c.inspect(ctx, m.Inspect)
	case *api.ToWorker_Recall:
		c.recall(m.Recall)
	case *api.ToWorker_Look:
		c.looks.ask(m.Look)
	case *api.ToWorker_Recorded:
		c.saver.history.recorded(m.Recorded)
	case *api.ToWorker_End:
		c.end(&EndError{Reason: m.End.Reason, Code: int(m.End.ExitCode)})
	}
}

// checkpointDone notes what became of a checkpoint.
func (c *control) checkpointDone(done *api.CheckpointDone) {
	c.session.out.settled(done.Step)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settled = done.Step
	if done.Error != "" {
		c.saver.log.Debug("a checkpoint was abandoned", "step", done.Step, "reason", done.Error) // the coordinator tells people
		c.saver.discard(done.Step)
		return
	}
	c.saver.log.Debug("a checkpoint is committed", "step", done.Step, "digest", done.Digest)
	c.committed = done
	c.saver.rotate(done.Step)
}

// newest is the step of the newest checkpoint that is known to be committed; 0 when none is.
func (c *control) newest() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.committed.GetStep()
}

// beat sends heartbeats until ctx ends.
func (c *control) beat(ctx context.Context) {
	tick := time.NewTicker(heartbeatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.session.out.put(&api.FromWorker{Message: &api.FromWorker_Heartbeat{Heartbeat: c.look()}})
		}
	}
}
