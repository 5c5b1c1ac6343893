package nn

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// kind is a way to build a stack that the tests below run through.
type kind struct {
	name, cell string
	layers     int
	opt        StackOptions
}

func kinds() []kind {
	var all []kind
	for _, cell := range smoothCells() {
		all = append(all, kind{name: cell, cell: cell, layers: 1})
	}
	return append(all,
		kind{name: "mlstm with weight norm", cell: "mlstm", layers: 1, opt: StackOptions{WeightNorm: true}},
		kind{name: "two layers of gru", cell: "gru", layers: 2},
	)
}

// smoothCells are those that finite differences can check: relu has a kink, and
// TestReLUCellGradients.
func smoothCells() []string {
	return slices.DeleteFunc(Cells(), func(cell string) bool { return cell == "rnn-relu" })
}

// build registers a stack and fails the test when it cannot.
func (k kind) build(t testing.TB, ps *Params, in, hidden int) *Stack {
	t.Helper()
	s, err := NewStack(ps, "rnn", k.cell, in, hidden, k.layers, k.opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// network is the stack over an input whose gradient is checked too.
func (k kind) network(t testing.TB, shape Shape, in, hidden int) network {
	return func(ps *Params) func(*Tape, *States) *Node {
		x := newSource(ps, "x", shape, in)
		s := k.build(t, ps, in, hidden)
		return func(t *Tape, states *States) *Node { return s.Forward(t, x.Forward(t), states) }
	}
}

func TestCellGradients(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
			gradcheck(t, shape, k.network(t, shape, 3, 4))
		})
	}
}

func TestCellGradientsOfOneStep(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			shape := Shape{Steps: 1, Lanes: 1, Rows: 1}
			gradcheck(t, shape, k.network(t, shape, 6, 3))
		})
	}
}

// Rows are split over the pool in some of these and steps in others: see bind.
func TestCellLanes(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			for _, rows := range []int{1, 3, 5} {
				shape := Shape{Steps: 4, Lanes: 4, Rows: rows}
				lanecheck(t, shape, k.network(t, shape, 3, 17))
			}
		})
	}
}

// Dropout between layers is part of the function: the same in every replay of a
// step, and the same for a lane wherever it is computed.
func TestStackDropout(t *testing.T) {
	k := kind{cell: "lstm", layers: 3, opt: StackOptions{Dropout: 0.4}}
	shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
	gradcheck(t, shape, k.network(t, shape, 3, 4))
	shape.Lanes = 4
	lanecheck(t, shape, k.network(t, shape, 3, 5))
	s := k.build(t, NewParams(), 3, 4)
	if len(s.dropout) != 2 || s.dropout[0].Site == s.dropout[1].Site {
		t.Errorf("%d dropouts for three layers, want two of different sites", len(s.dropout))
	}
}

// feed is an input and seed an output gradient that a test sets.
type feed struct {
	y    *Node
	data []float32
}

func newFeed(t *Tape, cols int) *feed {
	f := &feed{y: t.Node(t.Shape.Layout(), cols)}
	f.data = make([]float32, f.y.Rows*cols)
	t.Record(f, Use{Name: "feed", Outputs: []*Node{f.y}})
	return f
}

func (f *feed) Forward()  { copy(f.y.Value().Data, f.data) }
func (f *feed) Backward() {}

type seed struct {
	y    *Node
	grad []float32
}

func newSeed(t *Tape, y *Node, grad []float32) {
	t.Record(&seed{y, grad}, Use{Name: "seed", Inputs: []*Node{y}})
}

func (s *seed) Forward()  {}
func (s *seed) Backward() { tensor.Axpy(s.y.Grad().Data, 1, s.grad) }

// Half a sequence after the other, with the state carried over, yields the bits
// of the whole sequence.
func TestCarriedState(t *testing.T) {
	const in, hidden, half, rows = 3, 9, 3, 5
	for _, k := range kinds() {
		for _, mode := range []Mode{Inference, Training} {
			t.Run(k.name, func(t *testing.T) {
				pool := tensor.NewPool(1)
				defer pool.Close()
				ps := NewParams()
				s := k.build(t, ps, in, hidden)
				ps.Allocate()
				ps.Initialize(1)
				input := make([]float32, 2*half*rows*in)
				quantized(input, Stream{Seed: 2})
				run := func(steps, parts int) (out []float32, states *States) {
					states = NewStates(1, rows)
					tape := NewTape(ps, pool, Shape{Steps: steps, Lanes: 1, Rows: rows}, mode, 0)
					x := newFeed(tape, in)
					y := s.Forward(tape, x.y, states)
					tape.Keep(y)
					tape.Plan()
					for i := range parts {
						x.data = input[i*steps*rows*in : (i+1)*steps*rows*in]
						tape.Begin(uint64(i), 0, 0)
						tape.Forward()
						out = append(out, y.Value().Data...)
						states.Commit()
					}
					return out, states
				}
				whole, end := run(2*half, 1)
				parts, partsEnd := run(half, 2)
				if err := sameBits(parts, whole); err != nil {
					t.Errorf("outputs: %v", err)
				}
				for i, st := range end.List {
					if err := sameBits(partsEnd.List[i].Current, st.Current); err != nil {
						t.Errorf("state %s: %v", st.Name, err)
					}
				}
				if last := whole[len(whole)-rows*hidden:]; k.layers == 1 {
					if err := sameBits(end.List[0].Current, last); err != nil {
						t.Errorf("state %s against the last output: %v", end.List[0].Name, err)
					}
				}
			})
		}
	}
}

func TestInferenceHasTheBitsOfTraining(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			tr := newTrainer(t, pool, k, Shape{Steps: 3, Lanes: 2, Rows: 4}, 5, 17)
			infer := tr.inference()
			if err := sameBits(infer.output(), tr.output()); err != nil {
				t.Error(err)
			}
		})
	}
}

// trainer is a recorded step of one stack over a fixed input.
type trainer struct {
	params *Params
	states *States
	stack  *Stack
	in     int
	tape   *Tape
	y      *Node
}

func newTrainer(t testing.TB, pool *tensor.Pool, k kind, shape Shape, in, hidden int) *trainer {
	tr := &trainer{params: NewParams(), states: NewStates(shape.Lanes, shape.Rows), in: in}
	tr.stack = k.build(t, tr.params, in, hidden)
	tr.params.Allocate()
	tr.params.AllocateGrads(shape.Lanes)
	tr.params.Initialize(1)
	tr.record(NewTape(tr.params, pool, shape, Training, 0))
	return tr
}

func (tr *trainer) record(tape *Tape) {
	x := newFeed(tape, tr.in)
	quantized(x.data, Stream{Seed: 2})
	tr.tape, tr.y = tape, tr.stack.Forward(tape, x.y, tr.states)
	grad := make([]float32, tr.y.Rows*tr.y.Cols)
	quantized(grad, Stream{Seed: 3})
	newSeed(tape, tr.y, grad)
	tape.Keep(tr.y)
	tape.Plan()
}

// inference returns the same stack and parameters on a tape that learns nothing.
func (tr *trainer) inference() *trainer {
	other := *tr
	other.record(NewTape(tr.params, tr.tape.pool, tr.tape.Shape, Inference, 0))
	return &other
}

// output replays the tape, backward too if it learns, and returns its output.
func (tr *trainer) output() []float32 {
	tr.tape.Begin(0, 0, 0)
	tr.tape.Forward()
	out := slices.Clone(tr.y.Value().Data)
	if tr.tape.Mode == Training {
		tr.tape.Backward(nil)
	}
	return out
}

// step replays the tape with parameters that count as new.
func (tr *trainer) step() {
	tr.params.Changed()
	tr.params.ZeroGrads()
	tr.tape.Begin(0, 0, 0)
	tr.tape.Forward()
	tr.tape.Backward(nil)
	tr.states.Commit()
}

func TestReplayAllocatesNothing(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			for _, rows := range []int{1, 8} {
				tr := newTrainer(t, pool, k, Shape{Steps: 3, Lanes: 2, Rows: rows}, 5, 17)
				tr.step()
				if n := allocations(10, tr.step); n != 0 {
					t.Errorf("%d rows: %v allocations in a step, want none", rows, n)
				}
			}
		})
	}
}

func TestNewStackErrors(t *testing.T) {
	for _, c := range []struct {
		cell       string
		in, layers int
		opt        StackOptions
		want       string
	}{
		{"elman", 1, 1, StackOptions{}, `unknown cell "elman"; use one of gru, gru-textbook, lstm, lstm-peephole, mlstm, rnn, rnn-relu`},
		{"lstm", 0, 1, StackOptions{}, "0 inputs"},
		{"lstm", 1, 0, StackOptions{}, "0 layers"},
		{"lstm", 1 << 60, 1, StackOptions{}, "use 1 to 65536 units"},
		{"lstm", 1, 1, StackOptions{Dropout: 1}, "dropout is 1"},
		{"lstm", 1, 1, StackOptions{WeightNorm: true}, "weight normalization is for the cell mlstm"},
	} {
		ps := NewParams()
		_, err := NewStack(ps, "rnn", c.cell, c.in, 2, c.layers, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c, err, c.want)
		}
		if ps.Size() != 0 {
			t.Errorf("%+v: parameters registered in spite of the error", c)
		}
	}
}
