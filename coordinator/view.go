package coordinator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// formView makes the next view of those members that are here and do not leave, or
// waits for more of them. Members in a ring leave it when they hear of the next.
func (d *decision) formView(why string) {
	s := &d.s
	s.Adoption = adoption{} // whoever has not come is not waited for
	d.keepNeeded(why)
	d.dismiss(true)
	chosen := s.choose(func(m *member) bool { return !m.Leaving || m.Kept })
	if least := s.least(); len(chosen) < least {
		d.pause(least, why)
		return
	}
	if s.Fruitless++; s.Fruitless > maxFruitless {
		d.fail(fmt.Sprintf("%d rings have formed without a step, the last after this: %s", maxFruitless, sentence(why)))
		return
	}
	even, err := s.layLanes(chosen)
	if err != nil { // the plan was checked, so this cannot happen
		d.end(api.PhaseFailed, err.Error(), 1)
		return
	}
	s.Generation++
	d.placeView(chosen)
	if s.Backs > maxFruitless {
		d.fail(fmt.Sprintf("the run went back %d times and never came further than %d steps, the last time after this: %s", maxFruitless, s.Furthest, sentence(why)))
		return
	}
	for i := range s.Members { // also of those that wait outside
		m := &s.Members[i]
		m.Failed, m.Stopped, m.Parted, m.Handed = false, false, false, false
		if m.State == memberReady || m.State == memberTraining {
			m.State = memberJoined
		}
	}
	for i, m := range chosen {
		m.FirstLane, m.EndLane = even.LanesOf(i)
		m.Step, m.Generation, m.State = s.View.Step, s.View.Generation, memberJoined
		s.View.Workers = append(s.View.Workers, ViewWorker{m.Name, m.Incarnation, m.Host, m.FirstLane, m.EndLane})
	}
	level := s.Suspicion.level()
	s.Change, s.Suspicion, s.Moved = change{}, suspicion{}, d.now
	d.dropSaves()
	d.do(recordView{s.View})
	d.announce(level, why, len(chosen))
	for i, m := range chosen {
		d.send(m, &api.ToWorker{Message: &api.ToWorker_View{View: s.viewFor(i)}})
	}
}

// maxFruitless is how many views may come to no step, one after the other, before the run ends: what
// is wrong then does not pass.
const maxFruitless = 12

// candidates are the members that a view can have and that stay in the run.
func (s *state) candidates() []*member { return s.choose(func(m *member) bool { return !m.Leaving }) }

// choose returns those that are here and may be, those of the last view first when there are more than lanes.
func (s *state) choose(may func(*member) bool) []*member {
	var chosen []*member
	for i := range s.Members {
		if m := &s.Members[i]; m.live() && may(m) {
			chosen = append(chosen, m)
		}
	}
	for i := len(chosen) - 1; len(chosen) > s.plan.Lanes; i-- {
		if i < 0 {
			return s.arrange(chosen[:s.plan.Lanes])
		}
		if !s.View.has(chosen[i].Name) {
			chosen = slices.Delete(chosen, i, i+1)
		}
	}
	return s.arrange(chosen)
}

// least is how many workers a view needs. The first waits for all that were asked
// for; one that only saves and stops takes what is there.
func (s *state) least() int {
	switch {
	case !s.begun():
		return s.Wanted
	case s.asked(stops):
		return 1
	}
	return max(s.plan.Least, 1)
}

// begun says that the run has had a view.
func (s *state) begun() bool { return s.View.Generation > 0 }

// placeView says from where the view starts: it goes on with what its workers have, or
// from the newest checkpoint when none has been in a ring, or from the beginning.
func (d *decision) placeView(chosen []*member) {
	s := &d.s
	from, known := s.last()
	if !s.begun() {
		from, known = Checkpoint{Step: s.Basis.Step, Digest: s.Basis.Digest}, s.Basis.HasCheckpoint
		d.adoptRates(s.Basis.Rates, s.Basis.Step)
	}
	live := slices.ContainsFunc(chosen, func(m *member) bool { return m.Model }) && !s.Lost
	next := View{Generation: s.Generation, Lanes: s.plan.Lanes, Live: live, Step: s.Step}
	if !live {
		next.Step = 0
		if known {
			next.Step, next.Digest = from.Step, from.Digest
		}
	}
	if !s.begun() {
		d.noteStart()
	} else if !live && next.Step < s.Furthest {
		d.note(levelWarn, "the run goes back to step %d, and comes to the same again", next.Step)
	}
	s.View, s.Step, s.Lost = next, next.Step, false
	if !live {
		if s.Furthest > next.Step {
			s.Backs++
		}
		s.Measured = min(s.Measured, next.Step)
		s.Committed = slices.DeleteFunc(s.Committed, func(c Checkpoint) bool { return c.Step > s.View.Step }) // they will be made again
	}
}

// announce says that a ring forms. A run that stops goes on stopping.
func (d *decision) announce(level, why string, workers int) {
	s := &d.s
	reason := fmt.Sprintf("%s: the ring of generation %d forms", why, s.Generation)
	if s.Phase == api.PhaseStopping {
		s.Reason = reason
		d.do(note{level, api.RingChanges, reason})
		return
	}
	if s.View.Live && s.Phase == api.PhaseTraining {
		s.Reason = fmt.Sprintf("%s; generation %d goes on with %s", why, s.Generation, count(workers, "worker"))
		d.do(note{level, api.RingChanges, s.Reason})
		return
	}
	d.enterAt(level, api.PhaseStarting, reason)
}

// pause waits for workers. Those in a ring have left it, or cannot get on in it.
func (d *decision) pause(least int, why string) {
	s := &d.s
	for i := range s.Members {
		if m := &s.Members[i]; m.live() {
			m.State = memberJoined
		}
	}
	level := s.Suspicion.level()
	s.Change, s.Suspicion = change{}, suspicion{}
	if !s.begun() {
		s.Reason = s.waitingReason()
		return
	}
	d.dropSaves()
	if s.asked(stops) {
		d.end(api.PhaseStopped, fmt.Sprintf("%s while the run was to stop. %s", why, d.whereToGoOn()), exitStopped)
		return
	}
	d.enterAt(level, api.PhaseWaiting, fmt.Sprintf("%s: %d of at least %s; training goes on when there are enough", why, len(s.candidates()), count(least, "worker")))
}

// noteStart says where the run starts, when that may surprise.
func (d *decision) noteStart() {
	s := &d.s
	switch {
	case s.Basis.HasCheckpoint:
		d.note(levelInfo, "goes on from the checkpoint of step %d (digest %s)", s.Basis.Step, short(s.Basis.Digest))
		if n := len(s.Committed); n > 0 && s.Committed[n-1].Step > s.Basis.Step {
			d.note(levelWarn, "the record knows a checkpoint of step %d, but the newest in %s is of step %d: is it the right directory?",
				s.Committed[n-1].Step, s.plan.Dir, s.Basis.Step)
		}
	case s.plan.Resume:
		d.note(levelWarn, "%s holds no checkpoint: the run starts from the beginning", s.plan.Dir)
	}
}

// viewFor is the view as its worker self is told it.
func (s *state) viewFor(self int) *api.View {
	v := &api.View{Generation: s.View.Generation, Lanes: int32(s.View.Lanes), Self: int32(self), Step: s.View.Step, Live: s.View.Live,
		FromCheckpoint: s.View.Digest != "", CheckpointDigest: s.View.Digest, RunId: s.plan.RunID,
		Asks: s.asksFrom(s.View.Step)}
	if rates := s.ratesBefore(s.View.Step); len(rates) > 0 {
		last := rates[len(rates)-1]
		v.Rate, v.RateSince = last.Lr, last.Step+1
	}
	for _, w := range s.View.Workers {
		m := s.byName(w.Name)
		v.Peers = append(v.Peers, &api.Peer{Name: m.Name, Host: m.Host, RingUnix: m.RingUnix, RingTcp: m.RingTCP,
			FirstLane: int32(m.FirstLane), EndLane: int32(m.EndLane)})
	}
	return v
}

// has says whether a worker is in the view.
func (v *View) has(name string) bool {
	return slices.ContainsFunc(v.Workers, func(w ViewWorker) bool { return w.Name == name })
}

// inRing says whether a member, and no namesake of it, is in the view.
func (s *state) inRing(m *member) bool {
	return slices.ContainsFunc(s.View.Workers, func(w ViewWorker) bool { return w.Name == m.Name && w.Incarnation == m.Incarnation })
}

// broken says that a worker of the view is not here any more.
func (s *state) broken() bool {
	return slices.ContainsFunc(s.View.Workers, func(w ViewWorker) bool {
		m := s.named([2]string{w.Name, w.Incarnation})
		return m == nil || m.State == memberLost
	})
}

// inView are the members of the view, in its order.
func (s *state) inView() []*member {
	var members []*member
	for _, w := range s.View.Workers {
		if m := s.byName(w.Name); m != nil && m.Incarnation == w.Incarnation {
			members = append(members, m)
		}
	}
	return members
}

// early says that what a worker tells is of an earlier view: it has not taken its place in this one, or there is none.
// Before the first there was nothing to tell of.
func (s *state) early(m *member) bool {
	return !s.begun() || s.Phase == api.PhaseWaiting || !s.inRing(m) || m.State == memberJoined && s.View.Generation > 1
}

// ready notes that a worker has its state and its links.
func (d *decision) ready(e workerReady) {
	m := d.heard(e.Conn)
	if m == nil || e.Generation != d.s.View.Generation || m.State != memberJoined || !d.s.inRing(m) {
		return
	}
	m.State, m.Model = memberReady, true
	for _, m := range d.s.inView() {
		if m.State == memberJoined {
			return
		}
	}
	d.training()
	for _, m := range d.s.inView() {
		if m.Leaving && d.s.Phase != api.PhaseStopping {
			d.changeRing(m.Name + " was asked to leave")
		}
	}
}

// training begins when all are ready, or when a step shows that they were.
func (d *decision) training() {
	if d.s.Phase != api.PhaseStarting {
		return
	}
	d.enter(api.PhaseTraining, fmt.Sprintf("from step %[2]d under generation %[3]d, %[1]s",
		count(len(d.s.View.Workers), "worker"), d.s.View.Step, d.s.Generation))
}

// listed is "a", "a and b", "a, b and c".
func listed(words []string) string {
	n := len(words) - 1
	if n < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n], ", ") + " and " + words[n]
}
