package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// ScaleChannels records the images x with every channel multiplied by a number of
// its image's own:
//
//	y[n, h, w, c] = x[n, h, w, c]·s[n, c]
//
// s is images of one pixel, or rows. It panics unless there is one for each image of
// x, with as many channels.
func (t *Tape) ScaleChannels(name string, x, s *Node) *Node {
	l := x.Layout
	if s.Cols != x.Cols || s.Layout.Pixels() != 1 || !s.Layout.SameRows(l.WithImage(0, 0)) {
		panic(fmt.Sprintf("nn: %s scales each channel of an image by one number, got %v for %v", name, s, x))
	}
	op := newScaledRows(t, x, s.Rows, s.Rows)
	op.scale = func() tensor.Matrix { return s.Value() }
	op.s = s
	use := op.use(name)
	use.Inputs, use.Keep = append(use.Inputs, s), append(use.Keep, s)
	t.Record(op, use)
	return op.y
}

// LayerScale multiplies every column by a parameter (Touvron et al., "Going deeper
// with image transformers", 2021), as ConvNeXt does.
type LayerScale struct {
	Name   string
	Weight *Param
}

// NewLayerScale registers the parameter name itself with a constant value, 1e-6 in
// ConvNeXt. Its shape is [features], or as a weights file has it: torchvision's
// layer_scale is [channels, 1, 1].
func NewLayerScale(ps *Params, name string, initial float32, shape ...int) *LayerScale {
	return &LayerScale{Name: name, Weight: ps.Add(name, ConstantInit(initial), shape...)}
}

// Forward records y[r, c] = x[r, c]·Weight[c].
func (l *LayerScale) Forward(t *Tape, x *Node) *Node {
	w := t.Param(l.Weight)
	if x.Cols != l.Weight.Size() {
		panic(fmt.Sprintf("nn: %s takes %d features, got %d (%v)", l.Name, l.Weight.Size(), x.Cols, x))
	}
	op := newScaledRows(t, x, 1, x.Layout.Steps*x.Layout.Lanes)
	op.scale = func() tensor.Matrix { return tensor.Of(w.Value().Data, 1, x.Cols) }
	op.w = w
	use := op.use(l.Name)
	use.Weights = []*Weight{w}
	t.Record(op, use)
	return op.y
}

// scaledRows multiplies blocks of rows by a row of scale each.
type scaledRows struct {
	tape   *Tape
	x, y   *Node
	s      *Node   // that scale is the value of, or
	w      *Weight // that it is the value of
	block  int     // rows that share a row of scale
	blocks int     // that the gradient of scale is summed over

	scale        func() tensor.Matrix
	sum, product *Buffer // [blocks, columns], of dy and of dy·x
	none         tensor.Matrix

	dx    tensor.Matrix // while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over rows
}

func newScaledRows(t *Tape, x *Node, scales, blocks int) *scaledRows {
	op := &scaledRows{tape: t, x: x, y: t.like(x), block: x.Rows / scales, blocks: blocks,
		sum: t.Buffer(blocks * x.Cols), product: t.Buffer(blocks * x.Cols), none: tensor.NewMatrix(blocks, x.Cols)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	return op
}

func (o *scaledRows) use(name string) Use {
	return Use{Name: name, Inputs: []*Node{o.x}, Outputs: []*Node{o.y}, Keep: []*Node{o.x}, Scratch: []*Buffer{o.sum, o.product}, Sets: true}
}

func (o *scaledRows) Forward() { o.tape.pool.For(o.x.Rows, rowGrain(o.x.Cols), o.forward) }

func (o *scaledRows) forwardRows(lo, hi int) {
	x, y, scale := o.x.Value(), o.y.Value(), o.scale()
	for r := lo; r < hi; r++ {
		tensor.Mul(y.Row(r), x.Row(r), scale.Row(r/o.block))
	}
}

func (o *scaledRows) Backward() {
	o.dx, o.fresh = o.x.TakeGrad()
	if o.dx.Rows > 0 {
		o.tape.pool.For(o.x.Rows, rowGrain(o.x.Cols), o.backward)
	}
	if o.w != nil || o.s.NeedsGrad() { // after that of x, which s may be
		o.scaleBack()
	}
}

// scaleBack forms the gradient of scale by the sums of batch norm's gradient, of
// differences to zero.
func (o *scaledRows) scaleBack() {
	sum, product := tensor.Of(o.sum.Data, o.blocks, o.x.Cols), tensor.Of(o.product.Data, o.blocks, o.x.Cols)
	o.tape.pool.BatchNormSums(sum, product, o.y.Grad(),
		tensor.Normed{X: o.x.Value(), Width: o.x.Layout.Width, R: tensor.Identity, Mean: o.none, Scale: o.none, Shift: o.none})
	if o.w != nil {
		o.w.addSums(o.x.Layout, product)
		return
	}
	if ds, fresh := o.s.TakeGrad(); fresh {
		copy(ds.Data, product.Data)
	} else {
		tensor.Add(ds.Data, ds.Data, product.Data)
	}
}

func (o *scaledRows) backwardRows(lo, hi int) {
	dy, scale := o.y.Grad(), o.scale()
	for r := lo; r < hi; r++ {
		if o.fresh {
			tensor.Mul(o.dx.Row(r), dy.Row(r), scale.Row(r/o.block))
		} else {
			tensor.AddMul(o.dx.Row(r), dy.Row(r), scale.Row(r/o.block))
		}
	}
}
