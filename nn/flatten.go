package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Flatten records the images x as rows, [T*L*R, channels*height*width], in
// PyTorch's order: channel, row, column. So the weights of a linear layer behind
// it mean the same on both sides.
func (t *Tape) Flatten(name string, x *Node) *Node {
	if !x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s takes images, got %d rows of %d features (%v)", name, x.Rows, x.Cols, x))
	}
	pixels := x.Layout.Pixels()
	op := &flatten{byRows: byRows{pool: t.pool, x: x, y: t.Node(x.Layout.WithImage(0, 0), pixels*x.Cols), grain: 16}, pixels: pixels}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

type flatten struct {
	byRows // images
	pixels int
}

func (o *flatten) forwardRows(lo, hi int) {
	for i := lo; i < hi; i++ {
		tensor.Transpose(o.channels(o.y.Value(), i), o.x.Value().Slice(i*o.pixels, (i+1)*o.pixels))
	}
}

// channels is row i of y as [channels, pixels].
func (o *flatten) channels(y tensor.Matrix, i int) tensor.Matrix {
	return tensor.Of(y.Row(i), o.x.Cols, o.pixels)
}

func (o *flatten) backwardRows(lo, hi int) {
	for i := lo; i < hi; i++ {
		dx, dy := o.dx.Slice(i*o.pixels, (i+1)*o.pixels), o.channels(o.y.Grad(), i)
		if o.fresh {
			tensor.Transpose(dx, dy)
			continue
		}
		for p := range o.pixels {
			row := dx.Row(p)
			for c := range row {
				row[c] += dy.Data[c*o.pixels+p]
			}
		}
	}
}
