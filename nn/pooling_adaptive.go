package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// AdaptiveAvgPool records the means over height x width bins of every channel, as
// torch.nn.AdaptiveAvgPool2d: bin i of n along an axis is pixels floor(i·in/n) up
// to ceil((i+1)·in/n). It panics when x is no images.
func (t *Tape) AdaptiveAvgPool(name string, x *Node, height, width int) *Node {
	b := bins(name, x, height, width)
	if s, ok := evenBins(b); ok {
		return t.AvgPool(name, x, s, false)
	}
	return t.resample(name, x, tensor.MeanStencil(b.InH, b.OutH), tensor.MeanStencil(b.InW, b.OutW))
}

// AdaptiveMaxPool records the maxima over the bins of [Tape.AdaptiveAvgPool], as
// torch.nn.AdaptiveMaxPool2d. The gradient of a maximum goes to the first of equal
// values.
func (t *Tape) AdaptiveMaxPool(name string, x *Node, height, width int) *Node {
	b := bins(name, x, height, width)
	if s, ok := evenBins(b); ok {
		return t.MaxPool(name, x, s)
	}
	op := &maxBins{pool: t.pool, bins: b, x: x, y: t.Node(x.Layout.WithImage(height, width), x.Cols)}
	op.at = t.Buffer(op.y.Rows * op.y.Cols)
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Saved: []*Buffer{op.at}, Sets: true})
	return op.y
}

// GlobalMaxPool records the maximum of every channel of every image, [T*L*R,
// channels]: torch.nn.AdaptiveMaxPool2d(1), flattened.
func (t *Tape) GlobalMaxPool(name string, x *Node) *Node {
	y := t.AdaptiveMaxPool(name, x, 1, 1)
	y.Layout = y.Layout.WithImage(0, 0) // of one pixel each
	return y
}

// bins makes the bins ready for x. It panics when x is no images, or there are none.
func bins(name string, x *Node, height, width int) tensor.Bins {
	b, err := tensor.NewBins(tensor.Bins{InH: x.Layout.Height, InW: x.Layout.Width, OutH: height, OutW: width})
	if err == nil && !x.Layout.IsImage() {
		err = fmt.Errorf("takes images")
	}
	if err != nil {
		panic(fmt.Sprintf("nn: %s: %v, got %v", name, err, x))
	}
	return b
}

// evenBins returns the windows that are the bins where these lie side by side.
func evenBins(b tensor.Bins) (tensor.PoolShape, bool) {
	return tensor.PoolShape{KH: b.InH / b.OutH, KW: b.InW / b.OutW}, b.InH%b.OutH == 0 && b.InW%b.OutW == 0
}

type maxBins struct {
	pool *tensor.Pool
	bins tensor.Bins
	x, y *Node
	at   *Buffer // of y's shape: the pixel that is the maximum
}

func (o *maxBins) pixels() tensor.Matrix { return tensor.Of(o.at.Data, o.y.Rows, o.y.Cols) }

func (o *maxBins) Forward() { o.pool.MaxBins(o.y.Value(), o.pixels(), o.x.Value(), o.bins) }

func (o *maxBins) Backward() {
	if dx, fresh := o.x.TakeGrad(); dx.Rows > 0 {
		o.pool.MaxBinsBack(dx, o.y.Grad(), o.pixels(), o.bins, fresh)
	}
}
