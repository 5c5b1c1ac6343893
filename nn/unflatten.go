package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Unflatten records rows x [T*L*R, channels*height*width] as images of the given
// size, in PyTorch's order: channel, row, column. It undoes [Tape.Flatten], and
// makes a line of the features of a row for a convolution along them: height 1,
// width features and one channel. It panics when the sizes do not multiply to x's
// columns, or x is images already.
func (t *Tape) Unflatten(name string, x *Node, height, width int) *Node {
	if x.Layout.IsImage() || height < 1 || width < 1 || x.Cols%(height*width) != 0 {
		panic(fmt.Sprintf("nn: %s makes images of %dx%d of rows, got %v", name, height, width, x))
	}
	pixels := height * width
	op := &unflatten{tape: t, pixels: pixels, x: x, y: t.Node(x.Layout.WithImage(height, width), x.Cols/pixels)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

type unflatten struct {
	tape   *Tape
	pixels int
	x, y   *Node

	dx    tensor.Matrix // the gradient of x while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over images
}

func (o *unflatten) Forward() { o.tape.pool.For(o.x.Rows, 16, o.forward) }

func (o *unflatten) forwardRows(lo, hi int) {
	for i := lo; i < hi; i++ {
		tensor.Transpose(o.y.Value().Slice(i*o.pixels, (i+1)*o.pixels), tensor.Of(o.x.Value().Row(i), o.y.Cols, o.pixels))
	}
}

func (o *unflatten) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.tape.pool.For(o.x.Rows, 16, o.backward)
	}
}

func (o *unflatten) backwardRows(lo, hi int) {
	for i := lo; i < hi; i++ {
		dx, dy := tensor.Of(o.dx.Row(i), o.y.Cols, o.pixels), o.y.Grad().Slice(i*o.pixels, (i+1)*o.pixels)
		if o.fresh {
			tensor.Transpose(dx, dy)
			continue
		}
		for c := range dx.Rows {
			row := dx.Row(c)
			for p := range row {
				row[p] += dy.Row(p)[c]
			}
		}
	}
}
