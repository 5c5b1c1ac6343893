package coordinator

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// stepped notes an applied step, and the decision that was taken with it.
func (d *decision) stepped(e stepReported) {
	m := d.heard(e.Conn)
	if m == nil || !d.s.inRing(m) || m.State == memberFinished {
		return
	}
	if !d.s.early(m) {
		d.training()
		m.State, m.Model = memberTraining, true
	}
	m.notePace(e.Report)
	m.Step = max(m.Step, e.Report.Step+1)
	d.ringMoves()
	if m.Step > d.s.Step {
		d.s.Usual.add(d.now.Sub(d.s.Moved))
		d.s.Step, d.s.Epoch, d.s.Moved = m.Step, e.Report.Epoch, d.now
	}
	if m.Step > d.s.View.Step {
		d.s.Fruitless = 0
	}
	if m.Step > d.s.Furthest {
		d.s.Furthest, d.s.Backs = m.Step, 0
	}
	if taken := e.Report.Decision; taken != nil {
		d.taken(e.Report.Step, taken)
	}
}

// evaluated notes a pass over the held-out set. Every worker reports the same
// one; the view's first is listened to.
func (d *decision) evaluated(e evaluated) {
	m := d.heard(e.Conn)
	if m == nil || d.s.View.Generation == 0 || m != d.s.first() {
		return
	}
	d.s.Moved = d.now
	if e.Report.Step <= d.s.Measured { // once more, for a worker that was lost in the midst of it
		return
	}
	d.s.Measured = e.Report.Step
	last := e.Report.Step == d.s.plan.Steps
	n := note{Level: levelInfo, What: fmt.Sprintf("held-out loss after step %d: %s", e.Report.Step, d.s.plan.lossText("%.4f", e.Report.Loss))}
	if math.IsNaN(e.Report.Loss) || math.IsInf(e.Report.Loss, 0) {
		n = note{Level: levelWarn, What: fmt.Sprintf("the held-out loss after step %d is not finite", e.Report.Step)}
	}
	d.noteSparingly(&d.s.Evaluations, last, n)
}

// finished notes that a worker has nothing left to do. When none has, and all
// checkpoints are settled, the run is over.
func (d *decision) finished(e finished) {
	m := d.heard(e.Conn)
	if m == nil || d.s.early(m) {
		return
	}
	m.State, m.Stopped = memberFinished, e.Stopped
	m.Step = max(m.Step, e.Step)
	d.s.Step = max(d.s.Step, e.Step)
	d.finishIfDone()
}

func (d *decision) finishIfDone() {
	if len(d.s.Saves) > 0 || len(d.s.Suspicion.Signs) > 0 || len(d.s.View.Workers) == 0 {
		return
	}
	stopped := false
	for _, m := range d.s.inView() {
		if m.State != memberFinished {
			return
		}
		stopped = stopped || m.Stopped
	}
	if !stopped {
		d.end(api.PhaseFinished, fmt.Sprintf("all %d steps are done", d.s.Step), 0)
		return
	}
	d.end(api.PhaseStopped, fmt.Sprintf("stopped at step %d; go on with %s", d.s.Step, d.s.plan.Again), exitStopped)
}

// exitStopped is the exit status of a run that was asked to stop.
const exitStopped = 130

// exitOf is the exit status of a run that ended in a phase.
func exitOf(p api.Phase) int {
	switch p {
	case api.PhaseFinished:
		return 0
	case api.PhaseStopped:
		return exitStopped
	}
	return 1
}
