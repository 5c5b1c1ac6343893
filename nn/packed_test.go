package nn

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// lateLengths fills lengths when the tape is replayed: only then is the place
// of the tape's lanes known.
type lateLengths struct {
	tape    *Tape
	all     Shape
	lengths *Lengths
}

// someLengths returns lengths that depend on the row's place among all lanes:
// 0 and T too.
func someLengths(t *Tape, all Shape) *Lengths {
	op := &lateLengths{tape: t, all: all, lengths: NewLengths(t.Shape)}
	t.Record(op, Use{Name: "lengths"})
	return op.lengths
}

func (o *lateLengths) Forward() {
	l := o.tape.Shape.Layout()
	l.Steps = 1
	for i := range o.lengths.Of {
		o.lengths.Of[i] = int32((globalRow(o.tape, o.all, l, i)*3 + o.all.Steps) % (o.all.Steps + 1))
	}
}

func (o *lateLengths) Backward() {}

// packedKinds are the stacks that the tests below run through.
func packedKinds() []kind {
	all := kinds()
	for _, cell := range smoothCells() {
		all = append(all, kind{name: "bidirectional " + cell, cell: cell, layers: 1, opt: StackOptions{Bidirectional: true}})
	}
	return append(all, kind{name: "two bidirectional layers", cell: "lstm", layers: 2, opt: StackOptions{Bidirectional: true, Dropout: 0.3}})
}

// packedNetwork is the stack over rows of different lengths.
func (k kind) packedNetwork(t testing.TB, shape Shape, in, hidden int) network {
	return func(ps *Params) func(*Tape, *States) *Node {
		x := newSource(ps, "x", shape, in)
		s := k.build(t, ps, in, hidden)
		return func(t *Tape, states *States) *Node {
			if k.opt.Bidirectional {
				states = nil
			}
			return s.ForwardPacked(t, x.Forward(t), someLengths(t, shape), states)
		}
	}
}

func TestPackedGradients(t *testing.T) {
	for _, k := range packedKinds() {
		t.Run(k.name, func(t *testing.T) {
			shape := Shape{Steps: 4, Lanes: 2, Rows: 3}
			gradcheck(t, shape, k.packedNetwork(t, shape, 3, 4))
		})
	}
}

// Rows are split over the pool in some of these and steps in others: see bind.
func TestPackedLanes(t *testing.T) {
	for _, k := range append(packedKinds(), kind{name: "rnn-relu", cell: "rnn-relu", layers: 1}) {
		t.Run(k.name, func(t *testing.T) {
			for _, rows := range []int{1, 3, 5} {
				shape := Shape{Steps: 4, Lanes: 4, Rows: rows}
				lanecheck(t, shape, k.packedNetwork(t, shape, 3, 17))
			}
		})
	}
}

// What is behind a row's end does not matter, and neither does T: outputs, the
// next state and gradients keep their bits.
func TestPaddingDoesNotMatter(t *testing.T) {
	const in, hidden, rows, most = 3, 9, 5, 7
	lengths := []int32{4, 0, 7, 1, 3}
	for _, k := range packedKinds() {
		if k.opt.Dropout > 0 {
			continue // its mask numbers values by step and row, not by T
		}
		t.Run(k.name, func(t *testing.T) {
			run := func(steps int, padding float32) (y, state, grads []float32) {
				pool := tensor.NewPool(2)
				defer pool.Close()
				shape := Shape{Steps: steps, Lanes: 1, Rows: rows}
				tr := &trainer{params: NewParams(), states: NewStates(1, rows), in: in}
				tr.stack = k.build(t, tr.params, in, hidden)
				tr.params.Allocate()
				tr.params.AllocateGrads(1)
				tr.params.Initialize(1)
				tape := NewTape(tr.params, pool, shape, Training, 0)
				x, own := newFeed(tape, in), NewLengths(shape)
				copy(own.Of, lengths)
				quantized(x.data, Stream{Seed: 2})
				states := tr.states
				if k.opt.Bidirectional {
					states = nil
				}
				out := tr.stack.ForwardPacked(tape, x.y, own, states)
				dy := make([]float32, out.Rows*out.Cols)
				quantized(dy, Stream{Seed: 3})
				for row := range out.Rows {
					if row/rows >= int(lengths[row%rows]) {
						tensor.Fill(x.data[row*in:(row+1)*in], padding)
						tensor.Fill(dy[row*out.Cols:(row+1)*out.Cols], padding)
					}
				}
				newSeed(tape, out, dy)
				tape.Keep(out)
				tape.Plan()
				tape.Begin(0, 0, 0)
				for range 2 {
					tape.Forward()
					tape.Backward(nil)
					tr.states.Commit()
				}
				for _, st := range tr.states.List {
					state = append(state, st.Current...)
				}
				y = out.Value().Data
				for row := range out.Rows {
					for _, v := range out.Value().Row(row) {
						if row/rows >= int(lengths[row%rows]) && v != 0 {
							t.Fatalf("step %d of row %d, which has %d steps, yields %g", row/rows, row%rows, lengths[row%rows], v)
						}
					}
				}
				return y[:most*rows*out.Cols], state, tr.params.LaneGrads(0)
			}
			y, state, grads := run(most, 0)
			for _, steps := range []int{most, most + 9} {
				gotY, gotState, gotGrads := run(steps, 0.75)
				for what, err := range map[string]error{
					"output": sameBits(gotY, y), "state": sameBits(gotState, state), "gradients": sameBits(gotGrads, grads),
				} {
					if err != nil {
						t.Errorf("%d steps and other padding: %s: %v", steps, what, err)
					}
				}
			}
		})
	}
}

// Lengths that are all T give the bits of no lengths.
func TestWholeLengths(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: 3, Lanes: 2, Rows: 5}
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			tr := newTrainer(t, pool, k, shape, 5, 17)
			want, grads := tr.output(), append([]float32(nil), tr.params.Grads...)
			packed := *tr
			tape := NewTape(tr.params, pool, shape, Training, 0)
			x := newFeed(tape, tr.in)
			quantized(x.data, Stream{Seed: 2})
			packed.tape, packed.y = tape, tr.stack.ForwardPacked(tape, x.y, NewLengths(shape), tr.states)
			grad := make([]float32, packed.y.Rows*packed.y.Cols)
			quantized(grad, Stream{Seed: 3})
			newSeed(tape, packed.y, grad)
			tape.Keep(packed.y)
			tape.Plan()
			if err := sameBits(packed.output(), want); err != nil {
				t.Error(err)
			}
			if err := sameBits(tr.params.Grads, grads); err != nil {
				t.Errorf("gradients: %v", err)
			}
		})
	}
}

func TestPackedReplayAllocatesNothing(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	for _, k := range packedKinds() {
		for _, rows := range []int{1, 8} {
			shape := Shape{Steps: 3, Lanes: 2, Rows: rows}
			rig := newRig(pool, shape, k.packedNetwork(t, shape, 5, 17))
			tape := rig.tape(2, 0, Training)
			step := func() {
				tape.Forward()
				tape.Backward(nil)
				rig.states.Commit()
			}
			step()
			if n := allocations(10, step); n != 0 {
				t.Errorf("%s, %d rows: %v allocations in a step, want none", k.name, rows, n)
			}
		}
	}
}

// The gradient of relu is checked away from 0, where it has none: large biases
// of either sign keep what enters it there.
func TestReLUCellGradients(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
	for _, bidirectional := range []bool{false, true} {
		k := kind{cell: "rnn-relu", layers: 1, opt: StackOptions{Bidirectional: bidirectional}}
		rig := newRig(pool, shape, k.packedNetwork(t, shape, 3, 4))
		for _, p := range rig.params.List {
			switch {
			case strings.Contains(p.Name, "bias_ih"):
				copy(p.Value().Data, []float32{6, -6, 6, -6})
			case strings.Contains(p.Name, "weight_hh"):
				tensor.Scale(p.Value().Data, p.Value().Data, 1.0/8)
			}
		}
		rig.params.Changed()
		rig.check(t)
	}
}

// Lengths that nobody has checked do no harm: they are cut to what can be.
func TestWrongLengths(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	ps := NewParams()
	s := kind{cell: "lstm", layers: 2, opt: StackOptions{Bidirectional: true}}.build(t, ps, 3, 4)
	ps.Allocate()
	ps.AllocateGrads(1)
	ps.Initialize(1)
	run := func(of ...int32) []float32 {
		tape := NewTape(ps, pool, Shape{Steps: 3, Lanes: 1, Rows: len(of)}, Training, 0)
		x, lengths := newFeed(tape, 3), NewLengths(tape.Shape)
		quantized(x.data, Stream{Seed: 2})
		copy(lengths.Of, of)
		y := s.ForwardPacked(tape, x.y, lengths, nil)
		y = tape.Add("sum", tape.Add("ends", tape.Ends("last", y, lengths), tape.MaxOverTime("max", y, lengths)), tape.MeanOverTime("mean", y, lengths))
		newSeed(tape, y, make([]float32, y.Rows*y.Cols))
		tape.Keep(y)
		tape.Plan()
		tape.Forward()
		tape.Backward(nil)
		return slices.Clone(y.Value().Data)
	}
	if err := sameBits(run(-5, 1<<30, 2), run(0, 3, 2)); err != nil {
		t.Error(err)
	}
}

func TestPackedRefusals(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
	refused := func(want string, record func(t *Tape, x *Node, ps *Params)) {
		t.Helper()
		pool := tensor.NewPool(1)
		defer pool.Close()
		defer func() {
			if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
				t.Errorf("panic %q, want one with %q", got, want)
			}
		}()
		ps := NewParams()
		tape := NewTape(ps, pool, shape, Training, 0)
		record(tape, newFeed(tape, 4).y, ps)
	}
	stack := func(ps *Params, opt StackOptions) *Stack {
		s, err := NewStack(ps, "rnn", "gru", 4, 3, 1, opt)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	refused("nn: rnn reads rows from their end, so it cannot carry states", func(t *Tape, x *Node, ps *Params) {
		stack(ps, StackOptions{Bidirectional: true}).Forward(t, x, NewStates(2, 2))
	})
	refused("nn: rnn.l0 takes a length for each of 2 rows of 2 lanes, got 3 lengths in 1 lane of at most 3 steps", func(t *Tape, x *Node, ps *Params) {
		stack(ps, StackOptions{}).ForwardPacked(t, x, NewLengths(Shape{3, 1, 3}), nil)
	})
	refused("nn: rnn.l0 takes a length for each of 2 rows of 2 lanes, got 4 lengths in 2 lanes of at most 4 steps", func(t *Tape, x *Node, ps *Params) {
		stack(ps, StackOptions{}).ForwardPacked(t, x, NewLengths(Shape{4, 2, 2}), nil)
	})
	refused("nn: ends takes the outputs of two directions side by side", func(t *Tape, x *Node, ps *Params) {
		t.Ends("ends", newFeed(t, 3).y, nil)
	})
	refused("nn: frames makes 4 steps of 3; room is for 2", func(t *Tape, x *Node, ps *Params) {
		t.MapLengths("frames", NewLengths(shape), 2, func(n int) int { return n + 1 })
	})
	long := NewLengths(shape)
	long.Of[1] = 4
	if err := long.Check(); err == nil || err.Error() != "nn: row 1 has 4 steps; a batch of 3 steps takes 0 to 3" {
		t.Errorf("error %v", err)
	}
}
