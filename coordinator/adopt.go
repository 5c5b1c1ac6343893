package coordinator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Workers outlive coordinators and streams. One that comes again says where it
// stands, and is taken up there: nothing of its ring changes and no step waits.
// A new leader begins with the view that the record holds and expects its workers.

// adoptPatience is how long a new leader waits for the workers of the view that
// the record holds.
const (
	adoptPatience  = 10 * time.Second
	brokenPatience = 2 * time.Second // when those who have come say that their ring broke
)

// adoption is a new leader's wait for the workers of the view that it found.
type adoption struct {
	Pending bool
	Since   time.Time // zero: no time has passed yet
	Anew    []string  // names whose workers came without anything: those of the view are gone
}

// expect is where a new leader begins when the record holds a view: with its
// workers, of whom none has come yet.
func (s *state) expect(past pastRun) {
	s.Adoption.Pending = true
	s.View, s.Step, s.Phase = past.View, past.View.Step, past.Phase.Phase
	for _, w := range past.View.Workers {
		s.Members = append(s.Members, member{Name: w.Name, Incarnation: w.Incarnation, Host: w.Host, FirstLane: w.First, EndLane: w.End,
			State: memberJoined, Away: true, Step: past.View.Step})
	}
	s.Basis = basis{HasCheckpoint: past.View.Digest != "", Step: past.View.Step, Digest: past.View.Digest, Dir: s.plan.Dir}
	s.Reason = s.expectation()
}

// expectation says whom a new leader waits for.
func (s *state) expectation() string {
	var missing []string
	for i := range s.Members {
		if m := &s.Members[i]; m.Away {
			missing = append(missing, m.Name)
		}
	}
	return fmt.Sprintf("took over the ring of generation %d; %d of %s have come to this coordinator, and training goes on meanwhile (missing: %s)",
		s.View.Generation, len(s.Members)-len(missing), count(len(s.Members), "worker"), strings.Join(missing, ", "))
}

// adoptable says that a record is of a run whose workers may stand in its view.
func (p *pastRun) adoptable() bool {
	at := p.Phase.Phase
	return p.View.Generation > 0 && len(p.View.Workers) > 0 && (at == api.PhaseStarting || at == api.PhaseTraining || at == api.PhaseStopping)
}

// comesAgain says whether a worker that is of the run comes again, or one of another run or record; or else whether it is
// too early for it. One that the others went on without joins like a new one.
func (d *decision) comesAgain(h *api.Hello) (comes, early bool) {
	s, st := &d.s, h.Standing
	m := s.byName(h.Name)
	same := m != nil && m.Incarnation == h.Incarnation && m.State != memberLost
	comes = same || st.GetGeneration() > 0 && (st.GetRunId() != s.plan.RunID || s.Adoption.Pending && st.GetGeneration() > s.Generation)
	return comes, !comes && s.Adoption.Pending
}

// rejoined takes up a worker that was in the run before, with this coordinator
// or an earlier one.
func (d *decision) rejoined(e workerJoined) {
	s, h := &d.s, e.Hello
	m := s.byName(h.Name)
	if reason := d.estranged(h); reason != "" {
		d.refuse(e.Conn, h.Name, reason)
		return
	}
	if s.Basis.From == "" {
		s.Basis.From, s.Basis.DataHash, s.Basis.ValidHash = h.Name, h.DataHash, h.ValidHash
		s.Basis.EpochSteps = h.EpochSteps
		s.Basis.Parameters, s.Basis.Tier, s.Basis.DirID, s.Basis.Dir = h.Parameters, h.Tier, h.CheckpointDirId, d.dir(h)
	}
	d.learnBasis(h)
	if m.Conn != 0 {
		d.do(hangUp{m.Conn, "the worker came again by another stream"})
	}
	m.Conn, m.Away, m.Cause, m.Seen = e.Conn, false, "", d.now
	m.Host, m.PID, m.RingUnix, m.RingTCP, m.Network, m.Tier, m.Threads = h.Host, h.Pid, h.RingUnix, h.RingTcp, h.Network, h.Tier, h.Threads
	d.trust(m.Name)
	d.do(admit{e.Conn, h.Name})
	m.Generation = h.Standing.GetGeneration()
	if st := h.Standing; st != nil && st.Generation > 0 {
		m.Model = true
		d.catchUp(m, st)
	}
	if s.Adoption.Pending {
		d.took(m)
		return
	}
	d.note(levelInfo, "%s came again", m.Name)
	if s.Phase == api.PhaseWaiting { // there is no ring, and some of the view may be gone
		d.endWaiting(count(len(s.candidates()), "worker") + " came")
		return
	}
	d.askOnceMore(m)
}

// estranged says why a worker that comes again cannot be taken up; empty when
// it can.
func (d *decision) estranged(h *api.Hello) string {
	s, st := &d.s, h.Standing
	where := fmt.Sprintf("it stands in generation %d of run %s", st.GetGeneration(), st.GetRunId())
	switch {
	case st != nil && st.RunId != s.plan.RunID:
		return fmt.Sprintf("%s, and this is run %s: start it again", where, s.plan.RunID)
	case st.GetGeneration() > s.Generation:
		return fmt.Sprintf("%s, and the record knows %d: is it the right record?", where, s.Generation)
	case max(st.GetStep(), st.GetSettledStep(), st.GetCommittedStep()) > s.plan.Steps: // no other checkpoint would come to count
		return fmt.Sprintf("%s and tells of more than the %d steps that this run has: start it again", where, s.plan.Steps)
	}
	return strings.Join(d.differences(h), "; ")
}

// catchUp takes from a worker what the record did not hold yet.
func (d *decision) catchUp(m *member, st *api.Standing) {
	s := &d.s
	m.Step = max(m.Step, st.Step)
	if st.Generation == s.View.Generation {
		s.Step = max(s.Step, st.Step)
	}
	if n := len(s.Committed); st.CommittedStep > 0 && st.CommittedDigest != "" && (n == 0 || s.Committed[n-1].Step < st.CommittedStep) {
		c := Checkpoint{Step: st.CommittedStep, Digest: st.CommittedDigest, Path: s.plan.Dir, At: d.now}
		s.keep(c)
		d.do(recordCheckpoint{c})
	}
	s.Settled = max(s.Settled, st.SettledStep)
}

// took notes that a worker of the view that a new leader found has come. With the
// last one the leader knows what it must. That the worker is in the ring of that view it says itself, before all that it tells of it:
// the view may not have reached it yet, and what it has saved is then of the ring before, in other parts.
func (d *decision) took(m *member) {
	s := &d.s
	s.Reason = s.expectation()
	for i := range s.Members {
		if s.Members[i].Away {
			return
		}
	}
	s.Adoption = adoption{}
	s.Reason = fmt.Sprintf("took over the ring of generation %d at step %d with all of its %s; no step has waited", s.View.Generation, s.Step, count(len(s.Members), "worker"))
	d.do(note{levelInfo, "leads on", s.Reason})
	for i := range s.Members {
		d.askOnceMore(&s.Members[i])
	}
}

// askOnceMore tells a worker what it may have missed while it had no stream.
func (d *decision) askOnceMore(m *member) {
	s := &d.s
	if !s.inRing(m) {
		return
	}
	if m.Generation < s.View.Generation {
		m.Generation = s.View.Generation
		d.send(m, &api.ToWorker{Message: &api.ToWorker_View{View: s.viewFor(s.placeOf(m))}})
	}
	if m == s.first() {
		if s.Change.Pending {
			d.askChange()
		}
		for _, a := range s.Asks {
			d.send(m, decisionMessage(a.decision()))
		}
	}
	for i := range s.Saves {
		c := &s.Saves[i]
		switch at := s.placeOf(m); {
		case c.Stage == stageVerifying && !c.Parts[at].Verified:
			next := c.Parts[(at+1)%len(c.Parts)]
			d.send(m, &api.ToWorker{Message: &api.ToWorker_Verify{Verify: &api.Verify{Step: c.Step, Files: next.Files}}})
		case c.Stage == stageCommitting && m.Name == c.Committer:
			d.send(m, &api.ToWorker{Message: &api.ToWorker_Commit{Commit: &api.Commit{Step: c.Step, Epoch: c.Epoch, Files: c.files(), Rates: s.ratesBefore(c.Step)}}})
		}
	}
}

// settledBefore answers a worker that does not know yet what became of a
// checkpoint; false when that is not settled.
func (d *decision) settledBefore(m *member, again *api.Saved) bool {
	if !again.Again || again.Step > d.s.Settled || d.saveOf(again.Step) != nil {
		return false
	}
	done := &api.CheckpointDone{Step: again.Step, Error: "it was abandoned under another coordinator, or while this worker had no stream"}
	for _, c := range d.s.Committed {
		if c.Step == again.Step {
			done.Digest, done.Error = c.Digest, ""
		}
	}
	d.send(m, &api.ToWorker{Message: &api.ToWorker_CheckpointDone{CheckpointDone: done}})
	return true
}

// stray has a worker wait that is not of the view while those of the view are expected: it was outside their ring, or comes for the
// first time. When all names have come for the first time, nobody is left who stands in it.
func (d *decision) stray(e workerJoined) {
	s := &d.s
	if name := e.Hello.Name; e.Hello.Standing.GetGeneration() == 0 && s.byName(name) != nil && !slices.Contains(s.Adoption.Anew, name) {
		s.Adoption.Anew = append(slices.Clip(s.Adoption.Anew), name)
	}
	for i := range s.Members {
		if m := &s.Members[i]; !m.Away || !slices.Contains(s.Adoption.Anew, m.Name) {
			d.do(refuse{Conn: e.Conn, Name: e.Hello.Name, Reason: s.expectation(), Later: true})
			return
		}
	}
	d.beginAgain("its workers were started again")
	d.joined(e)
}

// beginAgain gives up a view of whose workers none is left: the run goes on from its
// newest checkpoint with those that come.
func (d *decision) beginAgain(why string) {
	s := &d.s
	generation := s.View.Generation
	s.Adoption, s.Members, s.Basis, s.View, s.Step, s.Saves = adoption{}, nil, basis{}, View{}, 0, nil
	s.Phase, s.Reason = api.PhaseWaiting, s.waitingReason()
	d.do(recordPhase{s.Phase, s.Reason})
	d.do(note{levelWarn, fmt.Sprintf("the ring of generation %d is gone", generation), why})
}

// overdue ends the wait for workers that do not come.
func (d *decision) overdue() {
	s := &d.s
	if !s.Adoption.Pending {
		return
	}
	if s.Adoption.Since.IsZero() {
		s.Adoption.Since = d.now
	}
	patience := adoptPatience
	if slices.ContainsFunc(s.Suspicion.Signs, func(n sign) bool { return n.Kind == signVictim }) {
		patience = brokenPatience
	}
	if d.now.Sub(s.Adoption.Since) < patience {
		return
	}
	if !slices.ContainsFunc(s.Members, func(m member) bool { return !m.Away }) {
		why := fmt.Sprintf("none of its workers has come within %v", patience)
		if s.Phase == api.PhaseStopping {
			d.end(api.PhaseStopped, "stopped without a checkpoint: "+why+". "+d.whereToGoOn(), exitStopped)
			return
		}
		d.beginAgain(why)
		return
	}
	s.Adoption = adoption{}
	d.mournAway(signSilent, fmt.Sprintf("it has not come to this coordinator within %v", patience))
}

// away notes that a member has no stream. Where others could not tell its death from a
// broken stream, the ring tells: it may come again.
func (d *decision) away(m *member, cause string) {
	m.Conn, m.Away, m.Cause, m.Seen = 0, true, cause, d.now
	d.note(levelWarn, "the stream of %s broke: %s; it may come again, and training goes on", m.Name, cause)
}

// mayReturn says whether a broken stream alone tells nothing of its worker.
func (d *decision) mayReturn(m *member) bool {
	return !d.s.plan.SeesExits && !m.Failed && !m.done(&d.s) && len(d.s.Suspicion.Signs) == 0
}

// mournAway takes those without a stream for lost, when the ring has broken or they have not come.
// Without a cause it is that of the broken stream.
func (d *decision) mournAway(kind signKind, cause string) {
	if d.s.Adoption.Pending {
		return
	}
	var names []string // mourning changes the members
	for i := range d.s.Members {
		if m := &d.s.Members[i]; m.Away {
			names = append(names, m.Name)
		}
	}
	for _, name := range names {
		if m := d.s.byName(name); m != nil && m.Away && m.State != memberLost && !ended(d.s.Phase) {
			d.mourn(m, cmp.Or(cause, m.Cause), kind)
		}
	}
}

// ringMoves notes that the ring has done a step, which it does with all of its
// workers, heard or not.
func (d *decision) ringMoves() {
	for i := range d.s.Members {
		if m := &d.s.Members[i]; m.Away {
			m.Seen = d.now
		}
	}
}

// trust takes back what a broken stream made suspicious.
func (d *decision) trust(name string) {
	d.s.Suspicion.Signs = slices.DeleteFunc(d.s.Suspicion.Signs, func(n sign) bool {
		return n.Worker == name && (n.Kind == signLost || n.Kind == signSilent)
	})
}
