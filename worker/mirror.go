package worker

import (
	"fmt"
	"maps"
	"slices"
	"unsafe"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// mirror is what a worker keeps for the previous one in the ring: the states of
// its lanes. They survive it so.
type mirror struct {
	lanes         laneRange // empty: a worker alone keeps none
	current, next []float32 // [lanes, LaneSize]
	own           []float32 // what the next worker is given: reused
}

// keepFor makes room for the states of the worker before this one in a view.
func (t *trainer) keepFor(view allreduce.View, self int) {
	t.mirror = mirror{}
	size := t.states.LaneSize()
	if view.Workers() == 1 || size == 0 {
		return
	}
	lo, hi := view.LanesOf(view.Prev(self))
	t.mirror.lanes = laneRange{lo, hi}
	t.mirror.current, t.mirror.next = make([]float32, (hi-lo)*size), make([]float32, (hi-lo)*size)
	t.mirror.own = make([]float32, t.lanes.count()*size)
}

// stateless says that there is nothing to keep.
func (m *mirror) stateless() bool { return m.own == nil }

// lane is the current state of a lane that is kept.
func (m *mirror) lane(l int) []float32 {
	size := len(m.current) / m.lanes.count()
	at := (l - m.lanes.first) * size
	return m.current[at : at+size]
}

// stashStates keeps the states of all lanes that the worker has, until it has its
// place in another view and its neighbour a copy.
func (t *trainer) stashStates() {
	if t.stash != nil { // the last view did not come so far
		return
	}
	t.stash = map[int][]float32{}
	for l := range t.lanes.count() {
		t.stash[t.lanes.first+l] = make([]float32, t.states.LaneSize())
		t.states.Read(l, t.stash[t.lanes.first+l])
	}
	for l := t.mirror.lanes.first; l < t.mirror.lanes.end; l++ {
		t.stash[l] = slices.Clone(t.mirror.lane(l))
	}
}

// handOver gives everybody the states of all lanes, before all leave the ring as was decided: several of
// them may leave the run, owners and those who keep copies.
func (t *trainer) handOver(group *allreduce.Group) error {
	view, size := group.View(), t.states.LaneSize()
	if view.Workers() == 1 || size == 0 {
		return nil
	}
	t.stashStates()
	for root := range view.Workers() {
		lo, hi := view.LanesOf(root)
		states := make([]float32, (hi-lo)*size)
		for l := lo; l < hi && root == group.Self(); l++ {
			copy(states[(l-lo)*size:], t.stash[l])
		}
		came, err := group.Broadcast(t.applied, tagHandOver+uint32(root), root, bytesOf(states))
		if err != nil {
			return err
		}
		if len(came) != 4*len(states) {
			return fmt.Errorf("worker %d hands over %d bytes of states, want %d", root, len(came), 4*len(states))
		}
		copy(bytesOf(states), came)
		for l := lo; l < hi; l++ {
			t.stash[l] = states[(l-lo)*size : (l-lo+1)*size]
		}
	}
	return nil
}

// stashed are the lanes that stashStates keeps.
func (t *trainer) stashed() []int {
	if t.stash != nil {
		return slices.Sorted(maps.Keys(t.stash))
	}
	var lanes []int
	for _, r := range []laneRange{t.lanes, t.mirror.lanes} {
		for l := r.first; l < r.end; l++ {
			lanes = append(lanes, l)
		}
	}
	return lanes
}

// commit makes what the step under way leaves the current state.
func (m *mirror) commit() { m.current, m.next = m.next, m.current }

// mirrorStates gives the next worker the states as they are, when a view begins.
func (t *trainer) mirrorStates(group *allreduce.Group, step uint64) error {
	m := &t.mirror
	if m.stateless() {
		return nil
	}
	for l := range t.lanes.count() {
		t.states.Read(l, m.own[l*t.states.LaneSize():])
	}
	p, err := group.Mirror(step, tagMirrorStart, bytesOf(m.own), bytesOf(m.current))
	if err != nil {
		return err
	}
	return p.Wait()
}

// sendMirror gives the next worker, beside backward, the states that the step
// leaves. Who has the step's losses knows that all have what they keep.
func (t *trainer) sendMirror(group *allreduce.Group, step uint64) error {
	m := &t.mirror
	if m.stateless() {
		return nil
	}
	for l := range t.lanes.count() {
		t.states.ReadNext(l, m.own[l*t.states.LaneSize():])
	}
	t.fall.leaves(len(t.pending), api.Part_MIRROR, 0, 4*len(m.own))
	p, err := group.Mirror(step, tagMirror, bytesOf(m.own), bytesOf(m.next))
	if err != nil {
		return err
	}
	t.pending = append(t.pending, p)
	return nil
}

// bytesOf are the bytes of numbers as they lie in memory. All workers of a run
// have the same byte order: the ring sends its sums so, too.
func bytesOf[T float32 | float64 | int64](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}
