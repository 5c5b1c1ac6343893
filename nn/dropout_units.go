package nn

import "github.com/rondo-ml/rondo/tensor"

// units records a dropout of whole channels or rows.
func (d *Dropout) units(t *Tape, x *Node) *Node {
	op := &unitDropout{Dropout: d, tape: t, x: x, y: t.like(x), pixels: x.Layout.Pixels(), each: 1}
	if d.Of == Channels {
		op.each = x.Cols
	}
	op.mask = t.Buffer(x.Rows / op.pixels * op.each)
	op.draw, op.forward, op.backward = op.drawRows, op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: d.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Saved: []*Buffer{op.mask}, Sets: true, Strided: true})
	return op.y
}

type unitDropout struct {
	*Dropout
	tape   *Tape
	x, y   *Node
	pixels int     // of a row
	each   int     // units of a row
	mask   *Buffer // [rows or images, each]: 0 or scale

	dx    tensor.Matrix // while Backward runs
	fresh bool

	draw              func(lo, hi int) // over images
	forward, backward func(lo, hi int) // over rows, or pixels
}

func (o *unitDropout) share(f func(lo, hi int)) {
	o.tape.pool.For(o.x.Rows, rowGrain(o.x.Cols), f)
}

func (o *unitDropout) Forward() {
	o.tape.pool.For(o.x.Rows/o.pixels, 64, o.draw)
	o.share(o.forward)
}

func (o *unitDropout) drawRows(lo, hi int) {
	l := o.x.Layout.WithImage(0, 0)
	for i := lo; i < hi; i++ {
		step, lane, at := l.Place(i)
		mask := o.mask.Data[i*o.each : (i+1)*o.each]
		o.tape.Stream(o.Site, lane).From(mask, uint64(at+step*l.Rows)*uint64(o.each))
		tensor.DropMask(mask, mask, o.Rate, o.scale())
	}
}

// of is the mask of the image that a row belongs to.
func (o *unitDropout) of(row int) []float32 {
	i := row / o.pixels * o.each
	return o.mask.Data[i : i+o.each]
}

func (o *unitDropout) forwardRows(lo, hi int) {
	x, y := o.x.Value(), o.y.Value()
	for row := lo; row < hi; row++ {
		if mask := o.of(row); o.each > 1 {
			tensor.Mul(y.Row(row), x.Row(row), mask)
		} else {
			tensor.Scale(y.Row(row), x.Row(row), mask[0])
		}
	}
}

func (o *unitDropout) Backward() {
	if o.dx, o.fresh = o.x.TakeGrad(); o.dx.Rows > 0 {
		o.share(o.backward)
	}
}

func (o *unitDropout) backwardRows(lo, hi int) {
	dy := o.y.Grad()
	for row := lo; row < hi; row++ {
		switch mask, to, from := o.of(row), o.dx.Row(row), dy.Row(row); {
		case o.each > 1 && o.fresh:
			tensor.Mul(to, from, mask)
		case o.each > 1:
			tensor.AddMul(to, from, mask)
		case o.fresh:
			tensor.Scale(to, from, mask[0])
		default:
			tensor.Axpy(to, mask[0], from)
		}
	}
}
