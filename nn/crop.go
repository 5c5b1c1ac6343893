package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Crop records height x width pixels of the images x, from pixel (top, left) on:
// x[:, :, top:top+height, left:left+width] of PyTorch. It panics when x is no
// images, or they do not reach so far.
func (t *Tape) Crop(name string, x *Node, top, left, height, width int) *Node {
	l := x.Layout
	if !l.IsImage() || top < 0 || left < 0 || height < 1 || width < 1 || height > l.Height-top || width > l.Width-left {
		panic(fmt.Sprintf("nn: %s cuts %dx%d pixels from (%d, %d) out of %v", name, height, width, top, left, x))
	}
	op := &crop{pool: t.pool, x: x, y: t.Node(l.WithImage(height, width), x.Cols), top: top, left: left}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true, Strided: true})
	return op.y
}

type crop struct {
	pool      *tensor.Pool
	x, y      *Node
	top, left int

	dx    tensor.Matrix // while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over lines of images
}

func (o *crop) Forward() {
	l := o.y.Layout
	o.pool.For(o.y.Rows/l.Width, rowGrain(l.Width*o.y.Cols), o.forward)
}

func (o *crop) forwardRows(lo, hi int) {
	from, to := o.x.Layout, o.y.Layout
	x, y := o.x.Value(), o.y.Value()
	for i := lo; i < hi; i++ {
		at := (i/to.Height*from.Height+o.top+i%to.Height)*from.Width + o.left
		for k := range to.Width {
			copy(y.Row(i*to.Width+k), x.Row(at+k))
		}
	}
}

func (o *crop) Backward() {
	if o.dx, o.fresh = o.x.TakeGrad(); o.dx.Rows > 0 {
		l := o.x.Layout
		o.pool.For(o.x.Rows/l.Width, rowGrain(l.Width*o.x.Cols), o.backward)
	}
}

// backwardRows goes over lines of x, so that each is written by one goroutine.
func (o *crop) backwardRows(lo, hi int) {
	from, to := o.x.Layout, o.y.Layout
	dy := o.y.Grad()
	for i := lo; i < hi; i++ {
		image, down := i/from.Height, i%from.Height-o.top
		if o.fresh {
			clearRows(o.dx.Slice(i*from.Width, (i+1)*from.Width))
		}
		if down < 0 || down >= to.Height {
			continue
		}
		for k := range to.Width {
			put(o.dx.Row(i*from.Width+o.left+k), dy.Row((image*to.Height+down)*to.Width+k), o.fresh)
		}
	}
}

// reach is the same pixels, further down and right.
func (o *crop) reach(of Rect) Rect {
	return Rect{of.Top + o.top, of.Left + o.left, of.Bottom + o.top, of.Right + o.left}
}
