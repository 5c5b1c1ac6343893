package coordinator

import (
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// stopAsked passes a stop on to the view's first worker, once. Before the
// first step there is nothing to save, and the run ends at once.
func (d *decision) stopAsked(e stopAsked) {
	s := &d.s
	switch s.Phase {
	case api.PhaseStopping: // it was told before
	case api.PhaseTraining:
		s.Stop = ask{Pending: true, Reason: e.Reason}
		d.enter(api.PhaseStopping, "the run ends with a checkpoint after the next step: "+e.Reason)
		d.send(s.first(), decisionMessage(&api.Decision{Stop: true, Reason: e.Reason}))
	default:
		reason := "stopped before the first step: " + e.Reason
		d.do(answer{Text: reason})
		d.end(api.PhaseStopped, reason, exitStopped)
		return
	}
	d.do(answer{Text: s.Reason})
}

// checkpointAsked passes a wish for a checkpoint on. One at a time is enough.
func (d *decision) checkpointAsked(e checkpointAsked) {
	s := &d.s
	follows := fmt.Sprintf("a checkpoint follows at the next step (%d of %d are done)", s.Step, s.plan.Steps)
	switch {
	case s.Phase == api.PhaseStopping:
		d.do(answer{Text: "the run is stopping, and a checkpoint follows at its end: " + s.Reason})
	case s.Phase != api.PhaseTraining:
		d.do(answer{Text: "there is nothing new to save before the first step: " + s.Reason, Refused: true})
	case s.Checkpoint.Pending:
		d.do(answer{Text: follows + ": it was asked for before"})
	default:
		s.Checkpoint = ask{Pending: true, Reason: e.Reason}
		d.note(levelInfo, "a checkpoint was asked for: %s", e.Reason)
		d.send(s.first(), decisionMessage(&api.Decision{Checkpoint: true, Reason: e.Reason}))
		d.do(answer{Text: follows})
	}
}

func decisionMessage(m *api.Decision) *api.ToWorker {
	return &api.ToWorker{Message: &api.ToWorker_Decision{Decision: m}}
}
