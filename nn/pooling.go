package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// MaxPool records the maximum over every window of every channel, as
// torch.nn.MaxPool2d. The shape says all but the input's size. The gradient of a
// maximum goes to the first of equal values.
func (t *Tape) MaxPool(name string, x *Node, s tensor.PoolShape) *Node {
	op := &maxPool{pool: t.pool, shape: pooling(name, x, s), x: x}
	op.y = t.Node(x.Layout.WithImage(op.shape.OutH, op.shape.OutW), x.Cols)
	op.at = t.Buffer(op.y.Rows * op.y.Cols)
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Saved: []*Buffer{op.at}, Sets: true, Strided: true})
	return op.y
}

// pooling makes the shape ready for x. It panics when x is no images, or the
// window does not fit them.
func pooling(name string, x *Node, s tensor.PoolShape) *tensor.Pooling {
	if !x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s takes images, got %v", name, x))
	}
	s.InH, s.InW = x.Layout.Height, x.Layout.Width
	p, err := tensor.NewPooling(s)
	if err != nil {
		panic(fmt.Sprintf("nn: %s: %v (%v)", name, err, x))
	}
	return p
}

type maxPool struct {
	pool  *tensor.Pool
	shape *tensor.Pooling
	x, y  *Node
	at    *Buffer // of y's shape: the tap that is the maximum
	conv  *conv2d // that leaves x to this, or nil
}

func (o *maxPool) taps() tensor.Matrix { return tensor.Of(o.at.Data, o.y.Rows, o.y.Cols) }

func (o *maxPool) Forward() {
	if c := o.conv; c != nil && c.leavesOutputs() {
		w, bias := c.operands()
		o.pool.ConvMaxPool(o.y.Value(), o.taps(), o.x.Value(), c.x.Value(), w, bias, o.shape)
		return
	}
	o.pool.MaxPool(o.y.Value(), o.taps(), o.x.Value(), o.shape)
}

func (o *maxPool) Backward() {
	dx, fresh := o.x.TakeGrad()
	switch {
	case dx.Rows == 0:
	case fresh:
		o.pool.MaxPoolBackSet(dx, o.y.Grad(), o.taps(), o.shape)
	default:
		o.pool.MaxPoolBack(dx, o.y.Grad(), o.taps(), o.shape)
	}
}

// AvgPool records the mean over every window of every channel, as
// torch.nn.AvgPool2d. The shape says all but the input's size; countPad says
// whether the zeros of the padding count.
func (t *Tape) AvgPool(name string, x *Node, s tensor.PoolShape, countPad bool) *Node {
	op := &avgPool{pool: t.pool, shape: pooling(name, x, s), countPad: countPad, x: x}
	op.y = t.Node(x.Layout.WithImage(op.shape.OutH, op.shape.OutW), x.Cols)
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true, Strided: true})
	return op.y
}

// GlobalAvgPool records the mean of every channel of every image, [T*L*R,
// channels]: torch.nn.AdaptiveAvgPool2d(1), flattened.
func (t *Tape) GlobalAvgPool(name string, x *Node) *Node {
	y := t.AvgPool(name, x, tensor.PoolShape{KH: x.Layout.Height, KW: x.Layout.Width}, false)
	y.Layout = y.Layout.WithImage(0, 0) // of one pixel each
	return y
}

type avgPool struct {
	pool     *tensor.Pool
	shape    *tensor.Pooling
	countPad bool
	x, y     *Node
}

func (o *avgPool) Forward() { o.pool.AvgPool(o.y.Value(), o.x.Value(), o.shape, o.countPad) }

func (o *avgPool) Backward() {
	dx, fresh := o.x.TakeGrad()
	switch {
	case dx.Rows == 0:
	case fresh:
		o.pool.AvgPoolBackSet(dx, o.y.Grad(), o.shape, o.countPad)
	default:
		o.pool.AvgPoolBack(dx, o.y.Grad(), o.shape, o.countPad)
	}
}
