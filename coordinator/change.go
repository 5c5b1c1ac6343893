package coordinator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A view changes in two ways. One that loses a worker is replaced at once: the
// survivors keep what they have of the step under way. One that a worker joins or
// leaves in good order ends at a step: the wish goes through the gather like a stop,
// all part after the same step and wait for the next view.

// change is one of the second kind that was asked for.
type change struct {
	Pending bool // told to the view's first worker, not yet taken
	Reason  string
}

// changeRing asks the view's first worker to end the view at the next step.
func (d *decision) changeRing(why string) {
	s := &d.s
	if s.Change.Pending {
		if !slices.Contains(strings.Split(s.Change.Reason, ", "), why) { // a worker tells a new leader again that it was asked to leave
			s.Change.Reason += ", " + why
		}
		return
	}
	s.Change = change{Pending: true, Reason: why}
	d.askChange()
}

// askChange tells the view's first worker of the change that is pending.
func (d *decision) askChange() {
	d.send(d.s.first(), decisionMessage(&api.Decision{Change: true, Reason: d.s.Change.Reason}))
}

// newcomer finds a new member its place.
func (d *decision) newcomer(m *member) {
	s := &d.s
	switch {
	case s.Phase == api.PhaseWaiting:
		d.endWaiting(count(len(s.candidates()), "worker") + " joined")
	case s.Phase == api.PhaseStopping: // it hears of the end
	case len(s.View.Workers) >= s.plan.Lanes:
		d.note(levelInfo, "%s waits: the %d lanes are taken, and it takes the place of the next worker that goes", m.Name, s.plan.Lanes)
	case s.Full != "":
		d.note(levelError, "%s waits for the record, and the ring goes on without it: %s", m.Name, s.Full)
	default:
		d.changeRing(m.Name + " joined")
	}
}

// endWaiting forms the view that a run waits for, when there are enough workers.
func (d *decision) endWaiting(why string) {
	s := &d.s
	switch {
	case len(s.candidates()) < s.least():
		s.Reason = s.waitingReason()
	case s.begun() && s.Full != "": // whoever tries gives the workers up, and what they have
		if reason := "the next ring waits for the record: " + s.Full; s.Reason != reason {
			s.Reason = reason
			d.note(levelError, "%s", reason)
		}
	default:
		d.formView(why)
	}
}

// leaves hears that a worker was asked to leave.
func (d *decision) leaves(e workerLeaves) {
	if m := d.heard(e.Conn); m != nil && !m.Leaving {
		d.letGo(m, m.Name+" was asked to leave")
	}
}

// letGo lets a worker leave. The others go on without it from the next step on. The last one saves, and the
// run stops; that of a pool stays until another has what it has.
func (d *decision) letGo(m *member, why string) {
	s := &d.s
	m.Leaving = true
	last := s.inRing(m) && len(s.candidates()) == 0 && !s.trainsUnheard()
	switch {
	case s.Phase == api.PhaseStopping: // it leaves with the others
	case last && (s.plan.Pool || s.plan.SeesExits && s.Wanted > 1):
		d.note(levelInfo, "%s: it stays until another, who is started, has what it has", why)
	case last:
		m.Leaving = false
		d.stopAsked(stopAsked{Reason: why})
	case !s.inRing(m) || s.Phase == api.PhaseWaiting:
		d.note(levelInfo, "%s", why)
		d.dismiss(s.Phase == api.PhaseWaiting)
		if s.Phase == api.PhaseWaiting {
			s.Reason = s.waitingReason()
		}
	default:
		d.note(levelInfo, "%s", why)
		d.changeRing(why)
	}
}

// trainsUnheard says that a worker of the ring has lost its stream alone, and stays in the run when it comes again.
func (s *state) trainsUnheard() bool {
	return slices.ContainsFunc(s.inView(), func(m *member) bool { return m.Away && m.State != memberLost && !m.Leaving })
}

// keepNeeded gives some that leave a place in the next view, for the others would lose something with them: the only ones with the
// weights, and those whose next worker in the ring, which has a copy of their lanes' states, is gone or leaves too, when nobody who
// stays was given all states. When nobody stays they wait for somebody whom their parent or a pool's keeper starts; where nobody does
// that they save, and the run stops. In a run that stops, all with the weights stay for the step that is saved.
func (d *decision) keepNeeded(why string) {
	s := &d.s
	for i := range s.Members {
		m := &s.Members[i]
		m.Kept = s.Phase == api.PhaseStopping && m.Leaving && m.Model && s.inRing(m)
	}
	if !s.begun() || s.Lost || s.Phase == api.PhaseStopping {
		return
	}
	stays := s.candidates()
	given := slices.ContainsFunc(stays, func(m *member) bool { return m.Model })
	handed := slices.ContainsFunc(stays, func(m *member) bool { return m.Handed })
	ring := s.View.Workers
	stopped := false
	for i, w := range ring {
		m := s.byName(w.Name)
		if m == nil || m.Incarnation != w.Incarnation || !m.live() || !m.Leaving || !m.Model {
			continue
		}
		if len(stays) == 0 && !s.plan.SeesExits && !s.plan.Pool {
			m.Leaving, stopped = false, true
			continue
		}
		next := ring[(i+1)%len(ring)]
		mirror := s.byName(next.Name)
		safe := mirror != nil && mirror != m && mirror.Incarnation == next.Incarnation && mirror.live() && (!mirror.Leaving || mirror.Kept)
		m.Kept = !given || !safe && !handed
	}
	if stopped {
		d.stopBetweenViews(why)
	}
}

// dismiss tells those that leave that they may: all, or those that are in no ring.
func (d *decision) dismiss(all bool) {
	s := &d.s
	kept := s.Members[:0]
	for i := range s.Members {
		m := s.Members[i]
		if !m.live() && all {
			continue
		}
		if m.Leaving && !m.Kept && (all || !s.inRing(&m)) {
			d.send(&m, &api.ToWorker{Message: &api.ToWorker_End{End: &api.End{Reason: m.Name + " has left; the run goes on without it"}}})
			continue
		}
		kept = append(kept, m)
	}
	clear(s.Members[len(kept):])
	s.Members = kept
}

// parted hears that a worker has left the ring as was decided. When all have, the next view
// follows.
func (d *decision) parted(e parted) {
	m := d.heard(e.Conn)
	if m == nil || e.Generation != d.s.View.Generation {
		return
	}
	m.Parted, m.Handed, m.Step = true, true, max(m.Step, e.Step)
	d.s.Step = max(d.s.Step, e.Step)
	for _, m := range d.s.inView() {
		if m.State != memberLost && !m.Parted {
			return
		}
	}
	why := d.s.Change.Reason
	if len(d.s.Suspicion.Signs) > 0 {
		why = d.verdict()
	}
	if why == "" {
		why = fmt.Sprintf("the ring of generation %d was left", d.s.View.Generation)
	}
	d.formView(why)
}
