// The files of this folder are compiled into examples/custom for tests: a kind for texts, and models, losses and data that
// do wrong on purpose.
package main

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Kinds of models that panic: when they are built, when they are recorded, and at their third step.
func init() {
	register := func(name string, build func(ResidualText) (zoo.Model, error)) {
		zoo.Register(name, zoo.Kind[ResidualText]{Task: task.Next, Sequences: true, Defaults: ResidualText{Hidden: 128, Cell: "gru", Vocab: 256}, New: build})
	}
	register("built-clumsily", func(c ResidualText) (zoo.Model, error) { return []zoo.Model{}[c.Hidden], nil })
	register("recorded-clumsily", newClumsy(nil))
	register("run-clumsily", newClumsy(func(t *nn.Tape, x *nn.Node) *nn.Node {
		op := &fuse{x: x, y: t.Node(x.Layout, x.Cols), left: 3}
		t.Record(op, nn.Use{Name: "fuse", Inputs: []*nn.Node{x}, Outputs: []*nn.Node{op.y}})
		return op.y
	}))
}

// clumsy is residual-text with something between its layers.
type clumsy struct {
	*residualText
	between func(t *nn.Tape, x *nn.Node) *nn.Node
}

func newClumsy(between func(t *nn.Tape, x *nn.Node) *nn.Node) func(ResidualText) (zoo.Model, error) {
	return func(c ResidualText) (zoo.Model, error) {
		m, err := newResidualText(c)
		if err != nil {
			return nil, err
		}
		return &clumsy{m.(*residualText), between}, nil
	}
}

func (m *clumsy) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	return m.head.Forward(t, m.between(t, m.embed.Forward(t, b.Tokens("text", m.vocab))))
}

// fuse is an operation y = x that burns through.
type fuse struct {
	x, y *nn.Node
	left int
}

func (o *fuse) Forward() {
	if o.left--; o.left == 0 {
		panic("the fuse burnt\nthrough")
	}
	copy(o.y.Value().Data, o.x.Value().Data)
}

func (o *fuse) Backward() {
	for i, dy := range o.y.Grad().Data {
		o.x.Grad().Data[i] += dy
	}
}
