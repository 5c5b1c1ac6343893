package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// Cells by step, which all tests of kinds() run through beside those that are here.
func init() {
	RegisterCell("x-gru", ByStep(newStepGRU))
	RegisterCell("x-lstm", ByStep(newStepLSTM, "c"))
}

// ownCells are those that these tests add.
var ownCells = []string{"x-gru", "x-lstm"}

// builtInCells are those of the package.
func builtInCells() []string {
	return slices.DeleteFunc(Cells(), func(c string) bool { return slices.Contains(ownCells, c) })
}

// stepGates are the two products of torch's cells, with the names of its weights.
type stepGates struct{ x, h *Linear }

func newStepGates(l CellLayer, n int) stepGates {
	linear := func(part string, in int) *Linear {
		return &Linear{Name: l.Name(part), Weight: l.Param(part, n*l.Hidden, in)}
	}
	g := stepGates{linear("weight_ih", l.In), linear("weight_hh", l.Hidden)}
	g.x.Bias, g.h.Bias = l.Param("bias_ih", n*l.Hidden), l.Param("bias_hh", n*l.Hidden)
	return g
}

// stepGRU is the cell gru, written as torch.nn.GRUCell is defined.
type stepGRU struct {
	stepGates
	hidden int
}

func newStepGRU(l CellLayer) Cell { return &stepGRU{newStepGates(l, 3), l.Hidden} }

func (c *stepGRU) Step(t *Tape, x *Node, was []*Node) []*Node {
	n, h := c.hidden, was[0]
	xs, hs := c.x.Forward(t, x), c.h.Forward(t, h)
	part := func(of *Node, i int) *Node { return t.Slice("part", of, i*n, (i+1)*n) }
	r := t.Sigmoid("r", t.Add("r", part(xs, 0), part(hs, 0)))
	z := t.Sigmoid("z", t.Add("z", part(xs, 1), part(hs, 1)))
	new := t.Tanh("n", t.Add("n", part(xs, 2), t.Mul("reset", r, part(hs, 2))))
	return []*Node{t.Add("h", new, t.Mul("zh", z, t.Sub("d", h, new)))} // (1-z)·n + z·h
}

// stepLSTM is the cell lstm, as torch.nn.LSTMCell is defined.
type stepLSTM struct {
	stepGates
	hidden int
}

func newStepLSTM(l CellLayer) Cell { return &stepLSTM{newStepGates(l, 4), l.Hidden} }

func (c *stepLSTM) Step(t *Tape, x *Node, was []*Node) []*Node {
	n := c.hidden
	z := t.Add("gates", c.x.Forward(t, x), c.h.Forward(t, was[0]))
	part := func(i int) *Node { return t.Slice("part", z, i*n, (i+1)*n) }
	i, f, g, o := t.Sigmoid("i", part(0)), t.Sigmoid("f", part(1)), t.Tanh("g", part(2)), t.Sigmoid("o", part(3))
	memory := t.Add("c", t.Mul("fc", f, was[1]), t.Mul("ig", i, g))
	return []*Node{t.Mul("h", o, t.Tanh("tanh c", memory)), memory}
}

// A cell by step is the one of the package with the same formula: outputs, states and
// gradients, through time, layers, both directions and rows of different lengths.
func TestByStepIsTheCell(t *testing.T) {
	const in, hidden = 5, 7
	shape := Shape{Steps: 6, Lanes: 2, Rows: 3}
	for _, cell := range []string{"gru", "lstm"} {
		for _, opt := range []StackOptions{{}, {Bidirectional: true, Dropout: 0.2}} {
			for _, packed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %v %v", cell, opt.Bidirectional, packed), func(t *testing.T) {
					run := func(cell string) laneResult {
						pool := tensor.NewPool(2)
						defer pool.Close()
						k := kind{cell: cell, layers: 2, opt: opt}
						build := k.packedNetwork(t, shape, in, hidden)
						if !packed {
							build = func(ps *Params) func(*Tape, *States) *Node {
								x, s := newSource(ps, "x", shape, in), k.build(t, ps, in, hidden)
								return func(t *Tape, states *States) *Node {
									if opt.Bidirectional {
										states = nil
									}
									return s.Forward(t, x.Forward(t), states)
								}
							}
						}
						return newRig(pool, shape, build).run([]int{2})
					}
					want, got := run(cell), run("x-"+cell)
					wantNear(t, "outputs", got.outputs, want.outputs)
					wantNear(t, "gradients", got.grads, want.grads)
					for name, state := range want.states {
						wantNear(t, name, got.states[name], state)
					}
					if len(got.states) != len(want.states) {
						t.Errorf("states of %d parts, want %d", len(got.states), len(want.states))
					}
				})
			}
		}
	}
}

// wantNear allows the noise of float32: other orders of the same sums.
func wantNear(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if d := math.Abs(float64(got[i] - want[i])); !(d <= 4e-6*(1+math.Abs(float64(want[i])))) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// bent is a cell whose step does what a test says.
type bent struct {
	step func(t *Tape, x *Node, was []*Node) []*Node
}

func (b bent) Step(t *Tape, x *Node, was []*Node) []*Node { return b.step(t, x, was) }

// What is wrong with a cell is said with the name of its layer and its own.
func TestCellErrors(t *testing.T) {
	said := func(f func()) (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		f()
		return ""
	}
	own := func(l CellLayer) Cell { return bent{} }
	for _, c := range []struct {
		want string
		f    func()
	}{
		{`there is a cell "gru" already; the names that are taken are gru, `, func() { RegisterCell("gru", newGRU) }},
		{`no cell can be called ""`, func() { RegisterCell("", newGRU) }},
		{`no cell can be called "my cell"`, func() { RegisterCell("my cell", newGRU) }},
		{`the cell "none" has nothing that builds it`, func() { RegisterCell("none", nil) }},
		{`the cell "none" has nothing that builds it`, func() { RegisterCell("none", ByStep(nil)) }},
		{`a cell keeps "h" beside h`, func() { ByStep(own, "h") }},
		{`a cell keeps "c" beside h`, func() { ByStep(own, "c", "c") }},
	} {
		if text := said(c.f); !strings.Contains(text, c.want) {
			t.Errorf("it says %q, want %q", text, c.want)
		}
	}
	for _, c := range []struct {
		want string
		step func(t *Tape, x *Node, was []*Node) []*Node
	}{
		{"it returns 0 activations for the next of h, c", func(*Tape, *Node, []*Node) []*Node { return nil }},
		{"the next c is nil", func(t *Tape, x *Node, was []*Node) []*Node { return []*Node{was[0], nil} }},
		{"the next h is 3 columns for 1 step of 2 lanes of 1 row; want 4 columns for 1 step", func(t *Tape, x *Node, was []*Node) []*Node { return []*Node{x, was[1]} }},
		{"product multiplies 2x3 and 2x4", func(t *Tape, x *Node, was []*Node) []*Node { return []*Node{t.Mul("product", x, was[0]), was[1]} }},
		{"it measures statistics", func(t *Tape, x *Node, was []*Node) []*Node {
			return []*Node{NewBatchNorm(t.params, "norm", 4, BatchNormOptions{}).Forward(t, was[0]), was[1]}
		}},
	} {
		text := said(func() { recordBent(c.step) })
		if !strings.HasPrefix(text, "nn: rnn.l0, a step of the cell bent: ") || !strings.Contains(text, c.want) {
			t.Errorf("it says %q, want %q", text, c.want)
		}
	}
}

// recordBent records a layer of one cell of two states on a tape.
func recordBent(step func(t *Tape, x *Node, was []*Node) []*Node) (*Tape, *Node) {
	ps := NewParams()
	l := CellLayer{Params: ps, In: 3, Hidden: 4, cell: "bent", name: "rnn", suffix: "_l0"}
	r := ByStep(func(CellLayer) Cell { return bent{step} }, "c")(l)
	tape := NewTape(ps, tensor.NewPool(1), Shape{Steps: 2, Lanes: 2, Rows: 1}, Training, 0)
	y := r.Forward(tape, newFeed(tape, 3).y, Sequences{})
	return tape, y
}

// A step may leave what it was given, and read neither x nor a memory.
func TestStepThatDoesNothing(t *testing.T) {
	tape, y := recordBent(func(t *Tape, x *Node, was []*Node) []*Node { return []*Node{was[1], was[0]} })
	newSeed(tape, y, make([]float32, y.Rows*y.Cols))
	tape.Keep(y)
	tape.Plan()
	tape.Forward()
	tape.Backward(nil)
	for _, v := range y.Value().Data {
		if v != 0 {
			t.Fatalf("it yields %v, want zeros", y.Value().Data)
		}
	}
}

// The layer is one of its tape, by the name of its cell, with its weights and its work.
func TestByStepIsOneLayer(t *testing.T) {
	shape := Shape{Steps: 5, Lanes: 2, Rows: 3}
	work := func(cell string) (Operator, int) {
		ps := NewParams()
		forward := kind{cell: cell, layers: 1}.network(t, shape, 3, 4)(ps)
		pool := tensor.NewPool(1)
		defer pool.Close()
		tape := NewTape(ps, pool, shape, Training, 0)
		forward(tape, NewStates(2, 3))
		for _, o := range tape.Operators() {
			if o.Name == "rnn.l0" {
				return o, tape.TrainingOperations()
			}
		}
		t.Fatalf("%s: no layer rnn.l0", cell)
		return Operator{}, 0
	}
	want, wantWork := work("gru")
	got, gotWork := work("x-gru")
	if got.Kind != "x-gru" || len(got.Params) != len(want.Params) || got.MultiplyAdds != want.MultiplyAdds || gotWork != wantWork {
		t.Errorf("kind %s, %d weights, %d multiply-adds, %d operations of training; want x-gru, %d, %d, %d",
			got.Kind, len(got.Params), got.MultiplyAdds, gotWork, len(want.Params), want.MultiplyAdds, wantWork)
	}
}
