package coordinator

import (
	"fmt"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// when is at which step a wish takes effect; the zero value: as soon as it can.
type when struct {
	Steps uint64 // done
	Ahead bool   // of those that are done now
}

// at is how many steps are done when a wish takes effect; 0: as soon as it can. The reason says why it cannot be then.
func (s *state) at(w when) (at uint64, reason string) {
	if w == (when{}) {
		return 0, ""
	}
	done, of := s.done(), s.plan.Steps
	at = w.Steps
	if w.Ahead {
		at = done + min(w.Steps, math.MaxUint64-done)
	}
	switch {
	case at >= of:
		return 0, fmt.Sprintf("the run ends when %d steps are done: nothing can be asked for step %d", of, at)
	case at < done || at == done && s.begun() && !w.Ahead: // the step that follows is under way
		return 0, fmt.Sprintf("%d of %d steps are done: nothing can be asked for step %d; +1 is the next", done, of, at)
	case at == done:
		return 0, ""
	}
	return at, ""
}

// done is how many steps are done. A run that will go on from a checkpoint has done those of it.
func (s *state) done() uint64 {
	if last, ok := s.last(); ok && !s.begun() && s.plan.Resume {
		return last.Step
	}
	return s.Step
}

// once says when a wish takes effect.
func (s *state) once(at uint64) string {
	if at == 0 {
		return fmt.Sprintf("at the next step (%d of %d are done)", s.done(), s.plan.Steps)
	}
	return fmt.Sprintf("when %d steps are done (%d of %d are)", at, s.done(), s.plan.Steps)
}

// stopAsked passes a stop on to the view's first worker, once. One for the next
// step ends a run at once that has taken none: there is nothing to save.
func (d *decision) stopAsked(e stopAsked) {
	s := &d.s
	at, impossible := s.at(e.At)
	switch {
	case impossible != "":
		d.do(answer{Text: impossible, Refused: true})
		return
	case s.Phase == api.PhaseStopping: // it was told before
	case at > 0:
		if d.want(ask{At: at, Stop: true, Reason: e.Reason}) {
			text := "the run stops with a checkpoint " + s.once(at)
			d.do(note{Level: levelInfo, What: text, Reason: e.Reason})
			d.do(answer{Text: text})
		}
		return
	case s.Phase == api.PhaseTraining && (s.Adoption.Pending || slices.ContainsFunc(s.inView(), (*member).live)):
		if !d.want(ask{Stop: true, Reason: e.Reason}) {
			return
		}
		d.enter(api.PhaseStopping, "the run ends with a checkpoint after the next step: "+e.Reason)
	default:
		if s.begun() && slices.ContainsFunc(s.candidates(), func(m *member) bool { return m.Model }) {
			d.stopBetweenViews(e.Reason)
			break
		}
		reason := "stopped before the first step: " + e.Reason
		if s.Furthest > 0 {
			reason = fmt.Sprintf("stopped while no worker was in the ring: %s. %s", sentence(e.Reason), d.whereToGoOn())
		}
		d.do(answer{Text: reason})
		d.end(api.PhaseStopped, reason, exitStopped)
		return
	}
	d.do(answer{Text: s.Reason})
}

// stopBetweenViews stops a run whose ring forms, or that waits for workers: those that are
// here save what they have.
func (d *decision) stopBetweenViews(reason string) {
	s := &d.s
	waits := s.Phase == api.PhaseWaiting
	if !d.want(ask{Stop: true, Reason: reason}) {
		return
	}
	d.enter(api.PhaseStopping, "the run ends with a checkpoint after the next step: "+reason)
	if waits {
		d.formView("the run stops")
	}
}

// checkpointAsked passes a wish for a checkpoint on. One at a time is enough.
func (d *decision) checkpointAsked(e checkpointAsked) {
	s := &d.s
	at, impossible := s.at(e.At)
	follows := "a checkpoint follows " + s.once(at)
	switch {
	case impossible != "":
		d.do(answer{Text: impossible, Refused: true})
	case s.Phase == api.PhaseStopping:
		d.do(answer{Text: "the run is stopping, and a checkpoint follows at its end: " + s.Reason})
	case s.Phase != api.PhaseTraining && at == 0:
		d.do(answer{Text: "there is nothing new to save before the first step: " + s.Reason, Refused: true})
	case at == 0 && s.asked(keeps):
		d.do(answer{Text: follows + ": it was asked for before"})
	default:
		if d.want(ask{At: at, Checkpoint: true, Reason: e.Reason}) {
			d.note(levelInfo, "a checkpoint was asked for: %s", e.Reason)
			d.do(answer{Text: follows})
		}
	}
}

// rateAsked passes on a learning rate that is to count in the place of the
// schedule's.
func (d *decision) rateAsked(e rateAsked) {
	s := &d.s
	at, impossible := s.at(e.At)
	a := ask{At: at, LR: e.LR, Clear: e.LR == 0, Reason: e.Reason}
	switch {
	case !(e.LR >= 0) || math.IsInf(e.LR, 0):
		d.do(answer{Text: fmt.Sprintf("a learning rate of %v: want a finite number above 0", e.LR), Refused: true})
	case e.LR > 0 && (float32(e.LR) == 0 || math.IsInf(float64(float32(e.LR)), 0)):
		d.do(answer{Text: fmt.Sprintf("a learning rate of %v: in float32, in which runs compute, it is %v", e.LR, float32(e.LR)), Refused: true})
	case impossible != "":
		d.do(answer{Text: impossible, Refused: true})
	case s.Phase == api.PhaseStopping && at == 0:
		d.do(answer{Text: "the run is stopping, and takes no more steps: " + s.Reason, Refused: true})
	default:
		if d.want(a) {
			text := ratedText(e.LR, fmt.Sprintf("step %d", at))
			if at == 0 {
				text = ratedText(e.LR, "the next step")
			}
			text += fmt.Sprintf(" (%d of %d are done)", s.done(), s.plan.Steps)
			d.do(note{Level: levelInfo, What: text, Reason: e.Reason})
			d.do(answer{Text: text})
		}
	}
}

func decisionMessage(m *api.Decision) *api.ToWorker {
	return &api.ToWorker{Message: &api.ToWorker_Decision{Decision: m}}
}
