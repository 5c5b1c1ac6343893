package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// States is the hidden state that recurrent layers carry from one step to the
// next, for all lanes of a worker: each named part is [lanes, R, width].
// A step reads the current state and writes the next; Commit makes the next
// current once the step is applied, so a step can be computed again.
type States struct {
	Lanes, Rows int
	List        []*State
}

// State is one part of a hidden state: "rnn.h_l0".
type State struct {
	Name          string
	Width         int
	Current, Next []float32 // [lanes, R, Width]
	set           *States
	written       bool // Next, since the last Commit
	held          []heldUnit
}

// heldUnit is a unit that has the same value behind every step.
type heldUnit struct {
	unit  int
	value float32
}

// NewStates returns an empty set for so many lanes of so many rows.
func NewStates(lanes, rows int) *States { return &States{Lanes: lanes, Rows: rows} }

// Add returns the part of that name, made on first use. Tapes that are
// recorded for different shapes share it. It panics when the width differs.
func (s *States) Add(name string, width int) *State {
	for _, st := range s.List {
		if st.Name == name {
			if st.Width != width {
				panic(fmt.Sprintf("nn: state %s has width %d, not %d", name, st.Width, width))
			}
			return st
		}
	}
	n := s.Lanes * s.Rows * width
	st := &State{Name: name, Width: width, Current: tensor.AlignedSlice(n), Next: tensor.AlignedSlice(n), set: s}
	s.List = append(s.List, st)
	return st
}

// Zero clears the current state: an epoch begins. Rows that begin by themselves are
// those of [Batch.Begins].
func (s *States) Zero() {
	for _, st := range s.List {
		clear(st.Current)
	}
}

// Commit makes the next state current. A part that no tape has written since the
// last time stays as it is.
func (s *States) Commit() {
	for _, st := range s.List {
		if st.written {
			st.Current, st.Next, st.written = st.Next, st.Current, false
		}
	}
}

// Hold keeps a unit at a value in all rows, from the next replay on: a layer that writes this state overwrites the unit
// once it has computed the step, in the state and in its own output alike, so that the layers above see the value too
// where the state is the output (h). A memory (c) acts from the step after on. It is for tapes of one step; a tape of
// more of them, or of packed rows, panics in Forward.
func (st *State) Hold(unit int, value float32) { st.held = append(st.held, heldUnit{unit, value}) }

// Lane returns the current state of one own lane, [R, Width].
func (st *State) Lane(lane int) []float32 {
	n := st.set.Rows * st.Width
	return st.Current[lane*n : (lane+1)*n]
}

// In returns the current state of the tape's lanes, [L*R, Width].
func (st *State) In(t *Tape) tensor.Matrix { return st.view(t, st.Current) }

// Out returns the next state of the tape's lanes, [L*R, Width], to be written.
func (st *State) Out(t *Tape) tensor.Matrix {
	st.written = true
	return st.view(t, st.Next)
}

func (st *State) view(t *Tape, all []float32) tensor.Matrix {
	rows := t.Shape.Lanes * t.Shape.Rows
	at := t.gradLane * t.Shape.Rows * st.Width
	return tensor.Of(all[at:at+rows*st.Width], rows, st.Width)
}

// LaneSize is the number of elements of one lane's state, all parts together.
func (s *States) LaneSize() int {
	n := 0
	for _, st := range s.List {
		n += s.Rows * st.Width
	}
	return n
}

// Read copies the current state of an own lane, all parts one after another, to
// dst [LaneSize].
func (s *States) Read(lane int, dst []float32) {
	for _, st := range s.List {
		dst = dst[copy(dst, st.Lane(lane)):]
	}
}

// Write sets the current state of an own lane from src [LaneSize].
func (s *States) Write(lane int, src []float32) {
	for _, st := range s.List {
		src = src[copy(st.Lane(lane), src):]
	}
}

// ReadNext copies what Commit would make the state of an own lane to dst [LaneSize].
func (s *States) ReadNext(lane int, dst []float32) {
	for _, st := range s.List {
		from := st.Current
		if st.written {
			from = st.Next
		}
		n := s.Rows * st.Width
		dst = dst[copy(dst, from[lane*n:(lane+1)*n]):]
	}
}

// WriteNext sets what Commit makes the state of an own lane from src [LaneSize].
func (s *States) WriteNext(lane int, src []float32) {
	for _, st := range s.List {
		n := s.Rows * st.Width
		st.written = true
		src = src[copy(st.Next[lane*n:(lane+1)*n], src):]
	}
}
