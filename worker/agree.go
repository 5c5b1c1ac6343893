package worker

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/allreduce"
)

// inventory is what a worker brings into a view of a run that goes on.
type inventory struct {
	Model     bool   `json:"model,omitempty"`  // it has the weights after Applied steps
	Origin    uint64 `json:"origin,omitempty"` // generation of the view that began from a checkpoint or first values; its weights follow from those
	Applied   uint64 `json:"applied,omitempty"`
	Whole     bool   `json:"whole,omitempty"`   // and every sum of the next step; all mirrors of what it leaves are made
	Known     bool   `json:"known,omitempty"`   // and what was gathered in the last of them
	Settled   uint64 `json:"settled,omitempty"` // steps after which it has measured and saved what was due
	Evaluated uint64 `json:"evaluated,omitempty"`
	Committed uint64 `json:"committed,omitempty"` // step of the newest checkpoint that it knows to be committed
	Lanes     []int  `json:"lanes,omitempty"`     // whose states it has, as their owner or as the one who keeps a copy
}

// check says what no worker of a run can tell of itself.
func (s *inventory) check(lanes, steps int) error {
	switch {
	case s.Applied > uint64(steps):
		return fmt.Errorf("%d steps applied, of %d", s.Applied, steps)
	case len(s.Lanes) > 2*lanes: // its own, and those of the one before
		return fmt.Errorf("the states of %d lanes, of %d", len(s.Lanes), lanes)
	}
	return nil
}

// agreement is what follows from the inventories of all workers of a view. It is a
// pure function of them, so all come to the same.
type agreement struct {
	origin    uint64 // of the weights that count: the last
	step      uint64 // that is done next, by all
	rolls     []bool // by worker: it first applies the step before, whose sums it has
	teller    int    // who knows what was gathered in the step before; -1: nobody
	donors    []int  // who has the weights
	fresh     []bool // by worker: it is given them
	states    []int  // by lane: who has its state; -1: nobody
	committed uint64 // step of the newest checkpoint that somebody knows to be committed
	settles   bool   // what follows on the step before is done again, by all
	evaluates bool   // and the held-out set is measured, if it is due
}

// errNobody says that the run cannot go on from what its workers have.
var errNobody = errors.New("no worker has the weights any more")

// agree finds how a view goes on. The barrier makes it simple: where one worker has
// applied a step, all others of the last view have applied it or have all its sums.
// One that has neither was not in that view to its end; it begins like a new one. So
// does one whose steps are from before the run went back: what they led to may be wrong.
func agree(all []inventory, view allreduce.View) (agreement, error) {
	a := agreement{teller: -1, rolls: make([]bool, len(all)), fresh: make([]bool, len(all)), states: make([]int, view.Lanes)}
	for _, s := range all {
		if s.Model {
			a.origin = max(a.origin, s.Origin)
		}
	}
	all = slices.Clone(all)
	has := false
	for w := range all {
		s := &all[w]
		if s.Model = s.Model && s.Origin == a.origin; s.Model {
			has, a.step = true, max(a.step, s.Applied)
		}
	}
	if !has {
		return a, errNobody
	}
	for w, s := range all {
		a.committed = max(a.committed, s.Committed)
		a.rolls[w] = s.Model && s.Whole && s.Applied+1 == a.step
		a.fresh[w] = !s.Model || s.Applied != a.step && !a.rolls[w]
		if a.fresh[w] {
			continue
		}
		a.donors = append(a.donors, w)
		a.settles = a.settles || s.Settled < a.step
		a.evaluates = a.evaluates || s.Evaluated < a.step
		if a.teller < 0 && s.Known && s.Applied == a.step {
			a.teller = w
		}
	}
	a.settles = a.settles && a.teller >= 0
	for l := range a.states {
		a.states[l] = a.holder(all, l, view.Owner(l))
	}
	return a, nil
}

// holder is a worker that has the state of a lane: its owner, if it can be.
func (a *agreement) holder(all []inventory, lane, owner int) int {
	has := func(w int) bool { return !a.fresh[w] && slices.Contains(all[w].Lanes, lane) }
	if has(owner) {
		return owner
	}
	for w := range all {
		if has(w) {
			return w
		}
	}
	return -1
}

// LostStateError says what nobody in the ring has any more. The run goes back to its
// last checkpoint.
type LostStateError struct{ What string }

func (e *LostStateError) Error() string { return e.What }

func lostLane(lane int) error {
	return &LostStateError{fmt.Sprintf("the state of lane %d is lost: its owner and the worker that kept a copy are gone", lane)}
}
