package worker

import (
	"slices"
)

// take makes the worker the owner of lanes. What it has of those that were its
// own before stays: their states and, of a step under way, their gradients.
// States of other lanes are the caller's to bring.
func (t *trainer) take(lanes laneRange) error {
	if lanes == t.lanes {
		return nil
	}
	passes, err := t.fit(lanes)
	if err != nil {
		return err
	}
	old := t.setAside()
	t.letGo()
	made, err := t.makeShare(lanes, passes)
	if err != nil {
		return err
	}
	t.share = made
	if t.losses == nil {
		t.losses, t.last = vectors(t.file.Batch.Lanes, len(t.own[0])), vectors(t.file.Batch.Lanes, len(t.own[0]))
	}
	t.computed = make([]bool, lanes.count())
	for l := range lanes.count() {
		if kept := old[lanes.first+l]; kept != nil {
			t.bringBack(l, kept)
		}
	}
	clear(old)
	release(t.params.Size())
	return nil
}

// letGo drops the share at hand before another is made: both at once would take more memory than was planned.
func (t *trainer) letGo() {
	t.share.close()
	t.share = share{}
	if t.sumsInPlace() {
		t.reduced = nil // it lies in the gradients
	}
	t.params.AllocateGrads(0)
	collect(t.params.Size())
}

// keptLane is what a worker has of a lane, between two views.
type keptLane struct {
	state     []float32
	next      []float32 // and from here on nil, unless the step under way was computed
	grads     []float32
	measured  []float32
	contribed []float64
}

// setAside keeps what there is of the own lanes, by lane. The gradients are not
// copied: they lie in memory that the next share leaves alone.
func (t *trainer) setAside() map[int]*keptLane {
	kept := map[int]*keptLane{}
	for l := range t.lanes.count() {
		k := &keptLane{state: make([]float32, t.states.LaneSize())}
		t.states.Read(l, k.state)
		if t.computed[l] {
			k.next = make([]float32, len(k.state))
			t.states.ReadNext(l, k.next)
			k.grads, k.measured, k.contribed = t.params.LaneGrads(l), t.params.LaneMeasured(l), t.own[l]
		}
		kept[t.lanes.first+l] = k
	}
	return kept
}

// bringBack gives own lane l what was kept of it.
func (t *trainer) bringBack(l int, k *keptLane) {
	t.states.Write(l, k.state)
	if k.grads == nil {
		return
	}
	t.states.WriteNext(l, k.next)
	copy(t.params.LaneGrads(l), k.grads)
	copy(t.params.LaneMeasured(l), k.measured)
	copy(t.own[l], k.contribed)
	t.computed[l] = true
}

// missing are the own lanes whose gradients of the step at hand are not there, in
// runs of no more lanes than a pass has.
func (t *trainer) missing() []laneRange {
	if t.file.LanesMeet() { // a lane's gradient needs what others have in the midst of the step, so all are computed at once
		clear(t.computed)
	}
	if !slices.Contains(t.computed, true) {
		return t.passes
	}
	most := t.passes[0].count()
	var runs []laneRange
	for l, done := range t.computed {
		at := t.lanes.first + l
		if done {
			continue
		}
		if n := len(runs) - 1; n >= 0 && runs[n].end == at && runs[n].count() < most {
			runs[n].end++
			continue
		}
		runs = append(runs, laneRange{at, at + 1})
	}
	return runs
}
