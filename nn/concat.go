package nn

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// Concat records y [rows, ΣF] with the columns of all xs [rows, F] side by side:
// torch.cat along the channels of images, or the features of rows. What the plan
// lays into y's own memory, where it is written to or read from, is not copied
// ([Tape.Fusions]): blocks that grow by concatenation, as y = Concat(y, f(y)), need
// no memory or time for it. It panics when there is none, or they are not the same
// rows.
func (t *Tape) Concat(name string, xs ...*Node) *Node {
	if len(xs) == 0 {
		panic(fmt.Sprintf("nn: %s joins the columns of nothing", name))
	}
	cols := 0
	for _, x := range xs {
		if !x.Layout.SameRows(xs[0].Layout) {
			panic(fmt.Sprintf("nn: %s joins the columns of other rows (%v; %v)", name, xs[0], x))
		}
		cols += x.Cols
	}
	op := &concat{pool: t.pool, xs: slices.Clone(xs), y: t.Node(xs[0].Layout, cols), grads: make([]taken, len(xs))}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: op.xs, Outputs: []*Node{op.y}, Sets: true, Strided: true})
	return op.y
}

type concat struct {
	pool  *tensor.Pool
	xs    []*Node
	y     *Node
	grads []taken // of xs while Backward runs

	forward, backward func(lo, hi int) // over rows
}

func (o *concat) Forward() {
	at := 0
	for _, x := range o.xs {
		if !x.liesIn(o.y, at) {
			o.share(o.forward)
			return
		}
		at += x.Cols
	}
}

func (o *concat) share(f func(lo, hi int)) { o.pool.For(o.y.Rows, rowGrain(o.y.Cols), f) }

func (o *concat) forwardRows(lo, hi int) {
	y, at := o.y.Value(), 0
	for _, x := range o.xs {
		if !x.liesIn(o.y, at) {
			from, to := x.Value(), y.Columns(at, at+x.Cols)
			for r := lo; r < hi; r++ {
				copy(to.Row(r), from.Row(r))
			}
		}
		at += x.Cols
	}
}

func (o *concat) Backward() {
	work := false
	for i, x := range o.xs {
		o.grads[i] = taken{}
		if x.gradIn.of != o.y {
			o.grads[i] = take(x)
			work = work || o.grads[i].wanted()
		}
	}
	if work {
		o.share(o.backward)
	}
}

func (o *concat) backwardRows(lo, hi int) {
	dy, at := o.y.Grad(), 0
	for i := range o.xs {
		cols := o.xs[i].Cols
		if g := &o.grads[i]; g.wanted() {
			part := dy.Columns(at, at+cols)
			for r := lo; r < hi; r++ {
				g.give(r, part.Row(r))
			}
		}
		at += cols
	}
}

// Slice records columns [from, to) of x, [rows, to-from]: channels of images, or
// features of rows. They are copied only for an operation that cannot read rows
// that lie apart. It panics when x has not so many columns.
func (t *Tape) Slice(name string, x *Node, from, to int) *Node {
	if from < 0 || to <= from || to > x.Cols {
		panic(fmt.Sprintf("nn: %s takes columns [%d, %d) of %v", name, from, to, x))
	}
	op := &columnSlice{pool: t.pool, from: from, x: x, y: t.Node(x.Layout, to-from)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true, Strided: true})
	return op.y
}

type columnSlice struct {
	pool *tensor.Pool
	from int
	x, y *Node
	dx   taken // while Backward runs

	forward, backward func(lo, hi int) // over rows
}

func (o *columnSlice) Forward() {
	if !o.y.liesIn(o.x, o.from) {
		o.share(o.forward)
	}
}

func (o *columnSlice) share(f func(lo, hi int)) {
	o.pool.For(o.y.Rows, rowGrain(o.y.Cols), f)
}

func (o *columnSlice) forwardRows(lo, hi int) {
	from, y := o.x.Value().Columns(o.from, o.from+o.y.Cols), o.y.Value()
	for r := lo; r < hi; r++ {
		copy(y.Row(r), from.Row(r))
	}
}

func (o *columnSlice) Backward() {
	if o.x.NeedsGrad() {
		o.dx = take(o.x)
		o.share(o.backward)
	}
}

func (o *columnSlice) backwardRows(lo, hi int) {
	dy, to := o.y.Grad(), o.from+o.y.Cols
	part := taken{o.dx.m.Columns(o.from, to), o.dx.fresh}
	for r := lo; r < hi; r++ {
		if o.dx.fresh {
			row := o.dx.m.Row(r)
			clear(row[:o.from])
			clear(row[to:])
		}
		part.give(r, dy.Row(r))
	}
}
