package nn

import "github.com/rondo-ml/rondo/tensor"

// ZeroPadding records x with zeros in all steps beyond each row's length. What
// looks at neighbouring steps, as a convolution over time, then sees behind a
// row's end what it sees behind T. Nil lengths record nothing.
func (t *Tape) ZeroPadding(name string, x *Node, lengths *Lengths) *Node {
	lengths.fit(name, x.Layout)
	if lengths == nil {
		return x
	}
	op := &zeroPadding{tape: t, x: x, y: t.like(x), lengths: lengths}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

type zeroPadding struct {
	tape    *Tape
	x, y    *Node
	lengths *Lengths

	dx    tensor.Matrix // the gradient of x while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over rows
}

// live says whether row is a step that its row of the batch has.
func (o *zeroPadding) live(row int) bool {
	n := len(o.lengths.Of)
	return row/n < int(o.lengths.Of[row%n])
}

func (o *zeroPadding) Forward() { o.tape.pool.For(o.x.Rows, 64, o.forward) }

func (o *zeroPadding) forwardRows(lo, hi int) {
	x, y := o.x.Value(), o.y.Value()
	for row := lo; row < hi; row++ {
		if o.live(row) {
			copy(y.Row(row), x.Row(row))
		} else {
			clear(y.Row(row))
		}
	}
}

func (o *zeroPadding) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.tape.pool.For(o.x.Rows, 64, o.backward)
	}
}

func (o *zeroPadding) backwardRows(lo, hi int) {
	dy := o.y.Grad()
	for row := lo; row < hi; row++ {
		switch {
		case o.live(row):
			put(o.dx.Row(row), dy.Row(row), o.fresh)
		case o.fresh:
			clear(o.dx.Row(row))
		}
	}
}
