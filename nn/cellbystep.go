package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/tensor"
)

// Cell is a recurrent layer as one step, made of any layers and operations of this
// package:
//
//	func (c *minimal) Step(t *nn.Tape, x *nn.Node, was []*nn.Node) []*nn.Node {
//		h := was[0]
//		f := t.Sigmoid("forget", c.forget.Forward(t, t.Concat("xh", x, h)))
//		…
//		return []*nn.Node{next}
//	}
//
// It is one step of all rows: x is [L*R, in], and was are the states [L*R, H] that the
// step before left, h first and then the memories that [ByStep] names. Step returns
// their next values in the same order; the next h is the output. It is recorded once,
// and walked through time.
//
// Its weights' gradients are added up step by step, so it takes about twice as
// long as one of the package's own cells.
//
// A dropout inside has one mask for all steps of a batch (Gal and Ghahramani, 2016).
// A batch norm cannot be in a step: its moments would be those of many.
type Cell interface {
	Step(t *Tape, x *Node, was []*Node) (next []*Node)
}

// ByStep makes of a cell that is written as one step what [RegisterCell] takes. build
// registers the parameters of one layer ([CellLayer.Param], or layers that are called
// [CellLayer.Name]). memories name the states beside h that the cell keeps to itself,
// as "c" of an LSTM: each is H wide and begins as zero. What the layer can do
// beyond a step, the walk does: carried states, packed lengths, either direction.
func ByStep(build func(CellLayer) Cell, memories ...string) func(CellLayer) Recurrent {
	if build == nil {
		return nil
	}
	for i, m := range memories {
		if m == "" || m == "h" || slices.Contains(memories[:i], m) {
			panic(fmt.Sprintf("nn: a cell keeps %q beside h; each memory has a name of its own", m))
		}
	}
	return func(l CellLayer) Recurrent {
		cell := build(l)
		if cell == nil {
			panic(fmt.Sprintf("nn: %s: what builds the cell %s returns nothing", l.Path(), l.cell))
		}
		return &byStep{l, cell, memories}
	}
}

// byStep is a layer whose cell is written as one step.
type byStep struct {
	CellLayer
	step     Cell
	memories []string
}

// Forward records one operation. Within it, a tape of one step is replayed for each
// of them.
func (l *byStep) Forward(t *Tape, x *Node, run Sequences) *Node {
	o := &byStepOp{sequence: newSequence(t, l.CellLayer, x, run), cell: l.cell}
	for _, m := range l.memories {
		held := t.Buffer(x.Rows * l.Hidden)
		o.memories = append(o.memories, memoryOf{l.State(run.States, m), held, t.Buffer(o.rows * l.Hidden)})
		t.remembers(l.Path()+"."+m, x, l.Hidden, held)
	}
	o.records(l)
	use := Use{Name: l.Path(), Inputs: []*Node{x}, Outputs: []*Node{o.y}, Keep: []*Node{x, o.y}, Weights: o.weights, Sets: true}
	if t.Mode == Training {
		use.Saved = append(use.Saved, o.arena)
	} else {
		use.Scratch = append(use.Scratch, o.arena)
	}
	for _, m := range o.memories {
		use.Saved, use.Scratch = append(use.Saved, m.held), append(use.Scratch, m.grad)
	}
	o.record(o, use)
	return o.y
}

// records makes the tape of one step.
func (o *byStepOp) records(l *byStep) {
	t, layout := o.tape, o.x.Layout
	layout.Steps = 1
	inner := NewTape(t.params, t.pool, Shape{Steps: 1, Lanes: layout.Lanes, Rows: layout.LaneRows()}, t.Mode, t.seed)
	if t.inner != nil {
		inner.LookInside(t.inner.passing)
	}
	inner.poisoned, inner.apart, inner.alike, inner.again = t.poisoned, t.apart, t.alike, true
	o.inner = inner
	o.in = inner.entering(layout, l.In, o.x.needsGrad)
	for range 1 + len(o.memories) {
		o.was = append(o.was, inner.entering(layout, l.Hidden, t.Mode == Training))
	}
	o.ends = &stepEnds{nodes: l.recordStep(inner, o.in, o.was)}
	o.ends.grads = make([]tensor.Matrix, len(o.ends.nodes))
	inner.Record(o.ends, Use{Name: l.Path(), Inputs: o.ends.nodes, Sets: true})
	if err := inner.Err(); err != nil {
		t.Refuse(err)
	}
	for _, p := range t.params.List {
		if inner.weights[p] != nil {
			o.weights = append(o.weights, t.Param(p))
		}
	}
	inner.arrange()
	// The gradients of weights and what is measured are the affair of the tape outside.
	inner.begin, inner.ready = make([][]*Weight, len(inner.ops)), make([][]*Weight, len(inner.ops))
	inner.others = nil
	o.size = max(align, roundUp(inner.arena))
	steps := 1
	if t.Mode == Training {
		steps = o.x.Layout.Steps
	}
	o.arena = t.Buffer(steps * o.size)
}

// recordStep records the cell's step, and panics with its name when it does not fit.
func (l *byStep) recordStep(t *Tape, x *Node, was []*Node) []*Node {
	refuse := func(format string, args ...any) {
		panic(fmt.Sprintf("nn: %s, a step of the cell %s: %s", l.Path(), l.cell, fmt.Sprintf(format, args...)))
	}
	next := func() []*Node {
		defer func() { // a layer's complaint says whose step it is in
			switch v := recover().(type) {
			case nil:
			case string:
				refuse("%s", strings.TrimPrefix(v, "nn: "))
			default:
				panic(v)
			}
		}()
		return l.step.Step(t, x, slices.Clone(was))
	}()
	if len(next) != len(was) {
		refuse("it returns %s for the next of %s", count(len(next), "activation"), strings.Join(append([]string{"h"}, l.memories...), ", "))
	}
	for i, n := range next {
		switch name := append([]string{"h"}, l.memories...)[i]; {
		case n == nil:
			refuse("the next %s is nil", name)
		case n.tape != t:
			refuse("the next %s is not of the step's tape", name)
		case n.Cols != l.Hidden || n.Layout != was[i].Layout:
			refuse("the next %s is %v; want %v", name, n, was[i])
		}
	}
	if len(t.measures) > 0 || len(t.losses) > 0 {
		refuse("it measures statistics or ends in a loss, which a step cannot; a norm of each row (LayerNorm) can be in it")
	}
	return next
}

// entering adds an activation whose values are put in place before each replay.
func (t *Tape) entering(l Layout, cols int, needsGrad bool) *Node {
	n := &Node{Rows: l.Total(), Cols: cols, Layout: l, value: &Buffer{}, tape: t, producer: given, needsGrad: needsGrad}
	t.nodes = append(t.nodes, n)
	return n
}
