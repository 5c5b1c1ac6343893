package coordinator

import (
	"github.com/rondo-ml/rondo/coordinator/api"
)

// stopAsked passes a stop on to the view's first worker, once. Before the
// first step there is nothing to save, and the run ends at once.
func (d *decision) stopAsked(e stopAsked) {
	s := &d.s
	switch {
	case s.Phase == api.PhaseStopping:
		return
	case s.Phase != api.PhaseTraining:
		d.end(api.PhaseStopped, "stopped before the first step: "+e.Reason, exitStopped)
		return
	}
	s.Stop = ask{Pending: true, Reason: e.Reason}
	d.enter(api.PhaseStopping, "the run ends with a checkpoint after the next step: "+e.Reason)
	d.send(s.first(), decisionMessage(&api.Decision{Stop: true, Reason: e.Reason}))
}

// checkpointAsked passes a wish for a checkpoint on. One at a time is enough.
func (d *decision) checkpointAsked(e checkpointAsked) {
	s := &d.s
	if s.Phase != api.PhaseTraining || s.Checkpoint.Pending {
		return
	}
	s.Checkpoint = ask{Pending: true, Reason: e.Reason}
	d.note(levelInfo, "a checkpoint was asked for: %s", e.Reason)
	d.send(s.first(), decisionMessage(&api.Decision{Checkpoint: true, Reason: e.Reason}))
}

func decisionMessage(m *api.Decision) *api.ToWorker {
	return &api.ToWorker{Message: &api.ToWorker_Decision{Decision: m}}
}
