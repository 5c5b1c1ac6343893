package nn

import (
	"fmt"
)

// TimeToWidth records a sequence x [T*L*R, features] as images of one line and T
// pixels, [L*R*T, features] with one step: what convolves along time reads it so.
// [Tape.WidthToTime] is the way back. It panics when x's rows are images.
func (t *Tape) TimeToWidth(name string, x *Node) *Node {
	if x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s takes a sequence of rows, got %v", name, x))
	}
	l := x.Layout
	l.Steps = 1
	return t.permute(name, x, l.WithImage(1, x.Layout.Steps), 1)
}

// WidthToTime records images x as a sequence, with a step for each column of
// pixels: [W*L*R, channels*height], in PyTorch's order, channel by channel. So a
// recurrent network reads an image from left to right, or what [Tape.TimeToWidth]
// and convolutions have made of a sequence. It panics when x is no images, or has
// several steps already.
func (t *Tape) WidthToTime(name string, x *Node) *Node {
	if !x.Layout.IsImage() || x.Layout.Steps != 1 {
		panic(fmt.Sprintf("nn: %s takes images of one step, got %v", name, x))
	}
	l, height := x.Layout, x.Layout.Height
	l.Steps = l.Width
	return t.permute(name, x, l.WithImage(0, 0), height)
}

// permute records the rows of x in another order: as [T, L*R] where they are
// images of one line, and the other way round. Of images of several lines those
// of a column become one row.
func (t *Tape) permute(name string, x *Node, l Layout, height int) *Node {
	op := &permute{byRows: byRows{pool: t.pool, x: x, y: t.Node(l, x.Cols*height), grain: 64}, height: height}
	op.images, op.width = l.Lanes*l.Rows, max(l.Steps, l.Width)
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

// permute goes between [images, height, width] and [width, images]. Which of them
// y is, its layout says.
type permute struct {
	byRows
	images, height, width int
}

// from returns the first row of x that row i of y is made of; the others, for
// images of several lines, are width apart.
func (o *permute) from(i int) int {
	if o.y.Layout.IsImage() {
		return i%o.width*o.images + i/o.width
	}
	return i%o.images*o.height*o.width + i/o.images
}

func (o *permute) forwardRows(lo, hi int) {
	x, y := o.x.Value(), o.y.Value()
	for i := lo; i < hi; i++ {
		to, from := y.Row(i), o.from(i)
		if o.height == 1 {
			copy(to, x.Row(from))
			continue
		}
		for h := range o.height {
			for c, v := range x.Row(from + h*o.width) {
				to[c*o.height+h] = v
			}
		}
	}
}

func (o *permute) backwardRows(lo, hi int) {
	dy := o.y.Grad()
	for i := lo; i < hi; i++ {
		from := o.from(i)
		for h := range o.height {
			to := o.dx.Row(from + h*o.width)
			if o.fresh {
				clear(to)
			}
			for c := range to {
				to[c] += dy.Row(i)[c*o.height+h]
			}
		}
	}
}
