package coordinator

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// formView gives the members their lanes and starts them under a new
// generation.
func (d *decision) formView() {
	s := &d.s
	even, err := allreduce.EvenView(s.Generation+1, s.plan.Lanes, len(s.Members))
	if err != nil { // the plan was checked, so this cannot happen
		d.end(api.PhaseFailed, err.Error(), 1)
		return
	}
	s.Generation++
	s.View = View{Generation: s.Generation, Lanes: s.plan.Lanes}
	if s.Basis.HasCheckpoint {
		s.View.Step, s.View.Digest = s.Basis.Step, s.Basis.Digest
		d.adoptRates(s.Basis.Rates, s.Basis.Step)
	}
	s.Step = s.View.Step
	for i := range s.Members {
		m := &s.Members[i]
		m.FirstLane, m.EndLane = even.LanesOf(i)
		m.Step, m.Generation = s.View.Step, s.View.Generation
		s.View.Workers = append(s.View.Workers, ViewWorker{m.Name, m.Incarnation, m.Host, m.FirstLane, m.EndLane})
	}
	d.noteStart()
	s.Committed = slices.DeleteFunc(s.Committed, func(c Checkpoint) bool { return c.Step > s.View.Step }) // they will be made again
	d.do(recordView{s.View})
	d.enter(api.PhaseStarting, fmt.Sprintf("%s joined: the ring of generation %d forms", count(len(s.Members), "worker"), s.Generation))
	for i := range s.Members {
		d.send(&s.Members[i], &api.ToWorker{Message: &api.ToWorker_View{View: s.viewFor(i)}})
	}
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

// viewFor is the view as member self is told it.
func (s *state) viewFor(self int) *api.View {
	v := &api.View{Generation: s.View.Generation, Lanes: int32(s.View.Lanes), Self: int32(self), Step: s.View.Step,
		FromCheckpoint: s.View.Digest != "", CheckpointDigest: s.View.Digest, RunId: s.plan.RunID,
		Asks: s.asksFrom(s.View.Step)}
	if rates := s.ratesBefore(s.View.Step); len(rates) > 0 {
		last := rates[len(rates)-1]
		v.Rate, v.RateSince = last.Lr, last.Step+1
	}
	for i := range s.Members {
		m := &s.Members[i]
		v.Peers = append(v.Peers, &api.Peer{Name: m.Name, Host: m.Host, RingUnix: m.RingUnix, RingTcp: m.RingTCP,
			FirstLane: int32(m.FirstLane), EndLane: int32(m.EndLane)})
	}
	return v
}

// ready notes that a worker has its state and its links.
func (d *decision) ready(e workerReady) {
	m := d.heard(e.Conn)
	if m == nil || e.Generation != d.s.View.Generation || m.State != memberJoined {
		return
	}
	m.State = memberReady
	for i := range d.s.Members {
		if d.s.Members[i].State == memberJoined {
			return
		}
	}
	d.training()
}

// training begins when all are ready, or when a step shows that they were.
func (d *decision) training() {
	if d.s.Phase != api.PhaseStarting {
		return
	}
	d.enter(api.PhaseTraining, fmt.Sprintf("from step %[2]d under generation %[3]d, %[1]s",
		count(len(d.s.Members), "worker"), d.s.View.Step, d.s.Generation))
}
