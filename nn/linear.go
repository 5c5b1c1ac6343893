package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Linear is y = x·Wᵀ + b with W [out, in] and b [out] or nil.
type Linear struct {
	Name         string
	Weight, Bias *Param
}

// NewLinear registers the parameters name.weight and name.bias.
func NewLinear(ps *Params, name string, in, out int, bias bool) *Linear {
	init := UniformInit(1 / sqrt(float32(in)))
	l := &Linear{Name: name, Weight: ps.Add(name+".weight", init, out, in)}
	if bias {
		l.Bias = ps.Add(name+".bias", init, out)
	}
	return l
}

// Forward records y [rows, out] for x [rows, in].
func (l *Linear) Forward(t *Tape, x *Node) *Node {
	w := t.Param(l.Weight)
	if x.Cols != w.Cols {
		panic(fmt.Sprintf("nn: %s takes %d features, got %d", l.Name, w.Cols, x.Cols))
	}
	op := &linear{tape: t, x: x, w: w, y: t.Node(x.Rows, w.Rows)}
	use := Use{Name: l.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x}, Weights: []*Weight{w}}
	if l.Bias != nil {
		op.b = t.Param(l.Bias)
		use.Weights = append(use.Weights, op.b)
	}
	t.Record(op, use)
	return op.y
}

type linear struct {
	tape *Tape
	x, y *Node
	w, b *Weight
}

func (o *linear) Forward() {
	y := o.y.Value()
	if o.b != nil {
		tensor.BroadcastRows(y, o.b.Value().Data)
	} else {
		clear(y.Data)
	}
	o.tape.pool.MatMulAdd(y, o.x.Value(), o.w.Forward())
}

func (o *linear) Backward() {
	t, x, dy := o.tape, o.x.Value(), o.y.Grad()
	if o.x.NeedsGrad() {
		t.pool.MatMulAdd(o.x.Grad(), dy, o.w.Backward())
	}
	for l := range t.Shape.Lanes {
		t.pool.MatMulTransAdd(o.w.Grad(l), t.Lane(dy, l), t.Lane(x, l))
		if o.b != nil {
			t.pool.ColumnSumAdd(o.b.Grad(l).Data, t.Lane(dy, l))
		}
	}
}
