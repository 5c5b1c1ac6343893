package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// PReLU is torch.nn.PReLU (He et al., 2015): y = x where that is above zero, and
// Weight·x elsewhere, with one weight for each channel or one for all of them.
type PReLU struct {
	Name   string
	Weight *Param // [channels] or [1]
}

// NewPReLU registers name.weight, 0.25 at first, with as many values as parameters
// says: the channels, or 1.
func NewPReLU(ps *Params, name string, parameters int) *PReLU {
	return &PReLU{Name: name, Weight: ps.Add(name+".weight", ConstantInit(0.25), parameters)}
}

// Forward records y, of x's shape.
func (p *PReLU) Forward(t *Tape, x *Node) *Node {
	if n := p.Weight.Size(); n != 1 && n != x.Cols {
		panic(fmt.Sprintf("nn: %s takes %d channels, got %d (%v)", p.Name, n, x.Cols, x))
	}
	op := &prelu{layer: p, tape: t, x: x, y: t.like(x), w: t.Param(p.Weight), slopes: make([]float32, x.Cols),
		ds: t.Buffer(x.Rows * x.Cols), sums: t.Buffer(x.Cols)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: p.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x}, Scratch: []*Buffer{op.ds, op.sums},
		Weights: []*Weight{op.w}, Sets: true})
	return op.y
}

type prelu struct {
	layer  *PReLU
	tape   *Tape
	x, y   *Node
	w      *Weight
	slopes []float32 // of the columns
	ds     *Buffer   // of x's shape: what each value has of the weights' gradient
	sums   *Buffer   // of its columns

	dx    tensor.Matrix // while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over rows
}

func (o *prelu) share(f func(lo, hi int)) {
	o.tape.pool.For(o.x.Rows, rowGrain(o.x.Cols), f)
}

func (o *prelu) Forward() {
	w := o.w.Value().Data
	for j := range o.slopes {
		o.slopes[j] = w[j%len(w)]
	}
	o.share(o.forward)
}

func (o *prelu) forwardRows(lo, hi int) {
	for r := lo; r < hi; r++ {
		tensor.PReLU(o.y.Value().Row(r), o.x.Value().Row(r), o.slopes)
	}
}

func (o *prelu) Backward() {
	o.dx, o.fresh = o.x.TakeGrad()
	o.share(o.backward)
	l, ds := o.x.Layout, tensor.Of(o.ds.Data, o.x.Rows, o.x.Cols)
	if o.w.Cols > 1 || o.x.Cols == 1 {
		o.w.addColumnSums(l, ds)
		return
	}
	set := o.w.TakeGrads()
	for lane := range l.Lanes {
		clear(o.sums.Data)
		o.tape.pool.ColumnSumAdd(o.sums.Data, l.Lane(ds, lane))
		total := 0.0
		for _, v := range o.sums.Data {
			total += float64(v)
		}
		grad := o.w.Grad(lane).Data
		if set {
			grad[0] = 0
		}
		grad[0] += float32(total)
	}
}

func (o *prelu) backwardRows(lo, hi int) {
	x, dy, cols := o.x.Value(), o.y.Grad(), o.x.Cols
	for r := lo; r < hi; r++ {
		var dx []float32
		if o.dx.Rows > 0 {
			dx = o.dx.Row(r)
		}
		if o.fresh {
			clear(dx)
		}
		tensor.PReLUBack(dx, o.ds.Data[r*cols:(r+1)*cols], dy.Row(r), x.Row(r), o.slopes)
	}
}
