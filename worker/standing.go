package worker

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// newSession makes the worker's session, which finds no coordinator yet.
func (w *worker) newSession(life context.Context, end context.CancelCauseFunc) *session {
	s := &session{outlives: w.cfg.Outlives, end: end, log: w.cfg.Log, out: newOutbox()}
	s.seek = &seeker{addrs: w.cfg.Coordinators, call: w.cfg.caller(), lookup: w.cfg.lookup(), log: w.cfg.Log, only: !w.cfg.Outlives,
		hello: func(addr string) (*api.Hello, error) { return w.introduce(life, addr) },
		hint:  func() string { return w.news.Load().leads() },
		part:  w.comesLate,
	}
	s.handle = func(m *api.ToWorker) { w.control.handle(life, m) }
	s.lost = func(addr string, err error) error {
		return &LostCoordinatorError{Coordinator: addr, Dir: w.saver.dir, Committed: w.control.newest(), Err: err}
	}
	return s
}

// partPatience is how long the step loop may take to come back from a step for which nobody waits any more.
const partPatience = 15 * time.Second

// comesLate leaves a ring that the others have left long since.
func (w *worker) comesLate() {
	w.control.views.part()
	if at := w.activity.since(); w.cfg.Stuck != nil && !w.activity.idle() && !w.late.Swap(true) {
		time.AfterFunc(partPatience, func() {
			if w.late.Store(false); !w.activity.idle() && w.activity.since().Equal(at) {
				w.cfg.Log.Error("the step loop does not come back from a step that the others finished without this worker: the process ends", "step", w.applied.Load())
				w.cfg.Stuck()
			}
		})
	}
}

// tell has the coordinator that leads told something, sooner or later. It never waits.
func (w *worker) tell(m *api.FromWorker) { w.session.out.put(m) }

// introduce is what the worker says to the coordinator at addr: who it is, which checkpoint it sees, and
// where it stands in the run if it was welcomed before.
func (w *worker) introduce(life context.Context, addr string) (*api.Hello, error) {
	h := proto.Clone(w.hello).(*api.Hello)
	if w.ring == nil { // a simulation's
		h.RingUnix = w.cfg.Name
	} else if err := w.ring.tell(life, h, addr, w.cfg.Coordinators); err != nil {
		return nil, err
	}
	// Others may have committed one while this worker waited for a coordinator.
	if _, err := w.look(h); err != nil {
		w.cfg.Log.Warn("the newest checkpoint cannot be read", "error", err) // what the start has seen is said again
	}
	if run := w.runID.Load(); run != nil {
		h.Standing = w.control.stand()
		h.Standing.RunId, h.Standing.Term = *run, w.session.heard()
		h.Standing.Generation, h.Standing.Step = w.generation.Load(), w.applied.Load()
		h.Standing.Idle = w.activity.idle()
	}
	return h, nil
}

// stand says what the worker has heard of checkpoints.
func (c *control) stand() *api.Standing {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &api.Standing{SettledStep: c.settled}
	if c.committed != nil {
		s.CommittedStep, s.CommittedDigest = c.committed.Step, c.committed.Digest
	}
	return s
}
