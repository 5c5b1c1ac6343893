package nn

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// TestStateHold: two layers of each cell, of which a unit of h is held in either, give what each layer gives by itself where
// the value is written into its output and its next state between the two.
func TestStateHold(t *testing.T) {
	const in, hidden, bytes = 3, 6, 4
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for _, k := range kinds() {
		if k.layers != 1 || k.opt.Bidirectional {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			pool := tensor.NewPool(1)
			defer pool.Close()
			ps := NewParams()
			lower, err := NewStack(ps, "lower", k.cell, in, hidden, 1, k.opt)
			if err != nil {
				t.Fatal(err)
			}
			upper, err := NewStack(ps, "upper", k.cell, hidden, hidden, 1, k.opt)
			if err != nil {
				t.Fatal(err)
			}
			ps.Allocate()
			ps.Initialize(7)

			states := NewStates(1, shape.Rows)
			whole := NewTape(ps, pool, shape, Inference, 0)
			x := newFeed(whole, in)
			y := upper.Forward(whole, lower.Forward(whole, x.y, states), states)
			whole.Keep(y)
			whole.Plan()
			states.Add("lower.h_l0", hidden).Hold(2, 0.75)
			states.Add("upper.h_l0", hidden).Hold(4, -3)

			twins := []*heldLayer{newHeldLayer(ps, pool, lower, shape, in, 2, 0.75), newHeldLayer(ps, pool, upper, shape, hidden, 4, -3)}
			for i := range bytes {
				for j := range x.data {
					x.data[j] = float32(i+1) / float32(j+2)
				}
				whole.Forward()
				states.Commit()
				want := twins[1].step(twins[0].step(x.data))
				if !slices.Equal(y.Value().Data, want) {
					t.Fatalf("step %d: %v, want %v", i, y.Value().Data, want)
				}
				if y.Value().Row(1)[4] != -3 || states.Add("lower.h_l0", hidden).Lane(0)[2] != 0.75 {
					t.Fatalf("step %d: the units have other values", i)
				}
			}
		})
	}
}

// heldLayer is a layer on a tape of its own, whose output and state a test overwrites.
type heldLayer struct {
	tape   *Tape
	states *States
	x      *feed
	y      *Node
	h      *State
	unit   int
	value  float32
}

func newHeldLayer(ps *Params, pool *tensor.Pool, s *Stack, shape Shape, in, unit int, value float32) *heldLayer {
	l := &heldLayer{tape: NewTape(ps, pool, shape, Inference, 0), states: NewStates(1, shape.Rows), unit: unit, value: value}
	l.x = newFeed(l.tape, in)
	l.y = s.Forward(l.tape, l.x.y, l.states)
	l.tape.Keep(l.y)
	l.tape.Plan()
	l.h = l.states.Add(s.Name+".h_l0", s.Hidden)
	return l
}

func (l *heldLayer) step(x []float32) []float32 {
	copy(l.x.data, x)
	l.tape.Forward()
	l.states.Commit()
	y := slices.Clone(l.y.Value().Data)
	for at := l.unit; at < len(y); at += l.h.Width {
		y[at], l.h.Lane(0)[at] = l.value, l.value
	}
	return y
}

// A tape of more than a step cannot hold what stands between its steps.
func TestStateHoldOfManySteps(t *testing.T) {
	ps, states := NewParams(), NewStates(1, 1)
	s, err := NewStack(ps, "rnn", "gru", 2, 3, 1, StackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ps.Allocate()
	pool := tensor.NewPool(1)
	defer pool.Close()
	tape := NewTape(ps, pool, Shape{Steps: 2, Lanes: 1, Rows: 1}, Inference, 0)
	s.Forward(tape, newFeed(tape, 2).y, states)
	tape.Plan()
	states.Add("rnn.h_l0", 3).Hold(0, 1)
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, "nn: a unit of rnn.h_l0 is held on a tape of") {
			t.Errorf("%q", said)
		}
	}()
	tape.Forward()
}
