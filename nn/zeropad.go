package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Margins are pixels at the edges of an image.
type Margins struct{ Top, Left, Bottom, Right int }

// ZeroPad2d records the images x with margins of zeros, as torch.nn.ZeroPad2d.
// Below zero they are pixels that are cut off. It panics when x is no images, or
// nothing is left of them.
func (t *Tape) ZeroPad2d(name string, x *Node, m Margins) *Node {
	height, width := x.Layout.Height+m.Top+m.Bottom, x.Layout.Width+m.Left+m.Right
	if !x.Layout.IsImage() || height < 1 || width < 1 {
		panic(fmt.Sprintf("nn: %s makes images of %dx%d of %v", name, height, width, x))
	}
	op := &zeroPad{pool: t.pool, margins: m, x: x, y: t.Node(x.Layout.WithImage(height, width), x.Cols)}
	op.forward, op.backward = op.forwardLines, op.backwardLines
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

type zeroPad struct {
	pool    *tensor.Pool
	margins Margins
	x, y    *Node

	dx    tensor.Matrix // while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over lines of the images of y, and of x
}

// share shares out lines of n.
func (o *zeroPad) share(n *Node, f func(lo, hi int)) {
	width := n.Layout.Width
	o.pool.For(n.Rows/width, rowGrain(width*n.Cols), f)
}

func (o *zeroPad) Forward() { o.share(o.y, o.forward) }

// inner is which pixels of a line of y are of x, and the first of them there.
func (o *zeroPad) inner() (from, to, first int) {
	m := o.margins
	from, to = max(m.Left, 0), o.y.Layout.Width-max(m.Right, 0)
	return from, to, from - m.Left
}

func (o *zeroPad) forwardLines(lo, hi int) {
	x, y := o.x.Value(), o.y.Value()
	height, width := o.y.Layout.Height, o.y.Layout.Width
	from, to, first := o.inner()
	for line := lo; line < hi; line++ {
		image, at := line/height, line%height-o.margins.Top
		out := y.Slice(line*width, (line+1)*width).Data
		if at < 0 || at >= o.x.Layout.Height || from >= to {
			clear(out)
			continue
		}
		begin := ((image*o.x.Layout.Height+at)*o.x.Layout.Width + first) * x.Cols
		clear(out[:from*x.Cols])
		copy(out[from*x.Cols:to*x.Cols], x.Data[begin:])
		clear(out[to*x.Cols:])
	}
}

func (o *zeroPad) Backward() {
	if o.dx, o.fresh = o.x.TakeGrad(); o.dx.Rows > 0 {
		o.share(o.x, o.backward)
	}
}

func (o *zeroPad) backwardLines(lo, hi int) {
	dy, cols := o.y.Grad(), o.x.Cols
	height, width := o.x.Layout.Height, o.x.Layout.Width
	from, to, first := o.inner()
	for line := lo; line < hi; line++ {
		image, at := line/height, line%height+o.margins.Top
		dx := o.dx.Slice(line*width, (line+1)*width).Data
		if o.fresh {
			clear(dx)
		}
		if at < 0 || at >= o.y.Layout.Height || from >= to {
			continue
		}
		begin := ((image*o.y.Layout.Height+at)*o.y.Layout.Width + from) * cols
		n := (to - from) * cols
		part := dx[first*cols:][:n]
		tensor.Add(part, part, dy.Data[begin:begin+n])
	}
}

func (o *zeroPad) reach(of Rect) Rect {
	m := o.margins
	return Rect{of.Top - m.Top, of.Left - m.Left, of.Bottom - m.Top, of.Right - m.Left}
}
