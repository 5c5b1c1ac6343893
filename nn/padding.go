package nn

// ZeroPadding records x with zeros in all steps beyond each row's length. What
// looks at neighbouring steps, as a convolution over time, then sees behind a
// row's end what it sees behind T. Nil lengths record nothing.
func (t *Tape) ZeroPadding(name string, x *Node, lengths *Lengths) *Node {
	lengths.fit(name, x.Layout)
	if lengths == nil {
		return x
	}
	op := &zeroPadding{byRows: byRows{pool: t.pool, x: x, y: t.like(x), grain: 64}, lengths: lengths}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

type zeroPadding struct {
	byRows
	lengths *Lengths
}

// live says whether row is a step that its row of the batch has.
func (o *zeroPadding) live(row int) bool {
	n := len(o.lengths.Of)
	return row/n < int(o.lengths.Of[row%n])
}

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
