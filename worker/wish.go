package worker

import (
	"slices"
	"sync"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// action is a decision from outside, as it travels in the gather.
type action int

const (
	noAction     action = 0
	stopAction   action = 1 << 0 // save and leave
	saveAction   action = 1 << 1 // save and go on
	changeAction action = 1 << 2 // leave the ring, for another
)

// wish is what the view's first worker brings into the gather of a step.
type wish struct {
	action action
	rate   standingRate
	known  uint64 // number of the newest decision that it was told of
}

// standingRate is a learning rate from outside, which counts in the place of
// the schedule's.
type standingRate struct {
	lr    float64 // 0: the schedule's counts
	since uint64  // step at which it was set plus 1; 0: none was ever set
}

// newer is the one that was set later.
func (r standingRate) newer(other standingRate) standingRate {
	if other.since > r.since {
		return other
	}
	return r
}

// bring puts the wish into a lane's part of the gather. A learning rate is in
// all lanes' parts, for those who were there at its step to tell those who were
// not; the action is the first lane's to say.
func (w wish) bring(lane []float64) {
	lane[gatherAction], lane[gatherKnown] = float64(w.action), float64(w.known)
	lane[gatherRate], lane[gatherSince] = w.rate.lr, float64(w.rate.since)
}

// gathered is what all lanes brought, which is the same for everybody.
func gathered(lanes [][]float64) wish {
	w := wish{action: action(lanes[0][gatherAction]), known: uint64(lanes[0][gatherKnown])}
	for _, lane := range lanes {
		w.rate = w.rate.newer(standingRate{lane[gatherRate], uint64(lane[gatherSince])})
	}
	return w
}

// decision is what a report says of what took effect with a step; nil: nothing.
func (w wish) decision(step uint64) *api.Decision {
	set := w.rate.since == step+1
	if w.action&(stopAction|saveAction) == 0 && !set {
		return nil
	}
	m := &api.Decision{Stop: w.action&stopAction != 0, Checkpoint: w.action&saveAction != 0, Id: w.known}
	if set {
		m.Lr, m.Clear = w.rate.lr, w.rate.lr == 0
	}
	return m
}

// wishes are the decisions that the coordinator has told of, until their steps.
type wishes struct {
	mu    sync.Mutex
	list  []*api.Decision
	known uint64
	told  map[uint64]bool // numbers of those of this view
}

// begin takes those that a view has yet to take in the place of all.
func (w *wishes) begin(v *api.View) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list, w.told = nil, map[uint64]bool{}
	for _, d := range v.Asks {
		w.addLocked(d)
	}
}

// add takes a decision that the coordinator tells of. One that it told before,
// as it may when it begins to lead, is not taken twice.
func (w *wishes) add(d *api.Decision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d.Id == 0 || !w.told[d.Id] {
		w.addLocked(d)
	}
}

func (w *wishes) addLocked(d *api.Decision) {
	if w.told == nil {
		w.told = map[uint64]bool{}
	}
	w.told[d.Id] = true
	w.known = max(w.known, d.Id)
	w.list = append(w.list, d)
}

// stops says whether the run has been asked to stop as soon as it can after a step, not at one that is still to come.
func (w *wishes) stops(step uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.list, func(d *api.Decision) bool { return d.Stop && d.At <= step })
}

// take returns what takes effect with a step, and forgets it. A learning rate
// counts for the step itself; a stop or a save follows it. Of several rates
// the one that was wished last counts.
func (w *wishes) take(step uint64) wish {
	w.mu.Lock()
	defer w.mu.Unlock()
	due, by := wish{known: w.known}, uint64(0)
	left := w.list[:0]
	for _, d := range w.list {
		later := &api.Decision{At: d.At, Id: d.Id, Stop: d.Stop, Checkpoint: d.Checkpoint, Lr: d.Lr, Clear: d.Clear}
		if d.At <= step+1 {
			if d.Stop {
				due.action |= stopAction
			}
			if d.Checkpoint {
				due.action |= saveAction
			}
			if d.Change {
				due.action |= changeAction
			}
			later.Stop, later.Checkpoint = false, false
		}
		if rates := d.Lr > 0 || d.Clear; rates && d.At <= step {
			if d.Id >= by {
				due.rate, by = standingRate{d.Lr, step + 1}, d.Id
			}
			later.Lr, later.Clear = 0, false
		}
		if later.Stop || later.Checkpoint || later.Lr > 0 || later.Clear {
			left = append(left, later)
		}
	}
	w.list = left
	return due
}
