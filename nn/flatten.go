package nn

import "fmt"

// Flatten records the images x as rows, [L*R, channels*height*width], in
// PyTorch's order: channel, row, column. So the weights of a linear layer behind
// it mean the same on both sides.
func (t *Tape) Flatten(name string, x *Node) *Node {
	if x.Height == 0 {
		panic(fmt.Sprintf("nn: %s takes images, got %d rows of %d features", name, x.Rows, x.Cols))
	}
	pixels := x.Height * x.Width
	op := &flatten{tape: t, pixels: pixels, x: x, y: t.Node(x.Rows/pixels, pixels*x.Cols)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}})
	return op.y
}

type flatten struct {
	tape   *Tape
	pixels int
	x, y   *Node

	forward, backward func(lo, hi int) // over images
}

func (o *flatten) Forward() { o.tape.pool.For(o.y.Rows, 16, o.forward) }

func (o *flatten) forwardRows(lo, hi int) {
	for i := lo; i < hi; i++ {
		x, y := o.x.Value().Slice(i*o.pixels, (i+1)*o.pixels), o.y.Value().Row(i)
		for p := range o.pixels {
			for c, v := range x.Row(p) {
				y[c*o.pixels+p] = v
			}
		}
	}
}

func (o *flatten) Backward() {
	if o.x.NeedsGrad() {
		o.tape.pool.For(o.y.Rows, 16, o.backward)
	}
}

func (o *flatten) backwardRows(lo, hi int) {
	for i := lo; i < hi; i++ {
		dx, dy := o.x.Grad().Slice(i*o.pixels, (i+1)*o.pixels), o.y.Grad().Row(i)
		for p := range o.pixels {
			row := dx.Row(p)
			for c := range row {
				row[c] += dy[c*o.pixels+p]
			}
		}
	}
}
