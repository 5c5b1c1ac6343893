package nn

import (
	"fmt"
)

// A recurrent layer that reads from the end is one that reads forward, between
// two reversals of time. A row is reversed within its own length, so that its
// padding stays behind it.

// Reverse records y [T*L*R, F] with the steps of each row in reverse order: step
// t of a row of n steps is its step n-1-t of x. Padding stays where it is. Nil
// lengths stand for all T steps.
func (t *Tape) Reverse(name string, x *Node, lengths *Lengths) *Node {
	lengths.fit(name, x.Layout)
	op := &reverse{byRows: byRows{pool: t.pool, x: x, y: t.like(x), grain: 64}, turn: newTurn(x.Layout, lengths)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true, InPlace: true})
	return op.y
}

// turn finds rows of a reversed activation.
type turn struct {
	lengths *Lengths
	steps   int // T
	rows    int // N = L*R
}

func newTurn(l Layout, lengths *Lengths) turn {
	return turn{lengths: lengths, steps: l.Steps, rows: l.Lanes * l.LaneRows()}
}

// row returns where the given row of an activation is in the reversed one, and
// the other way round.
func (r *turn) row(row int) int {
	t, i := row/r.rows, row%r.rows
	return r.step(t, i)*r.rows + i
}

// step returns which step of row i step t is in the reversed activation.
func (r *turn) step(t, i int) int {
	if n := r.lengths.of(i, r.steps); t < n {
		return n - 1 - t
	}
	return t
}

// together calls f for rows [lo, hi), which are from others in the reversed activation, as many of a step at a time as are
// neighbours in both.
func (r *turn) together(lo, hi int, f func(row, from, n int)) {
	for lo < hi {
		t, i := lo/r.rows, lo%r.rows
		from, n, most := r.step(t, i), 1, min(hi-lo, r.rows-i)
		if r.lengths == nil {
			n = most
		}
		for n < most && r.step(t, i+n) == from {
			n++
		}
		f(lo, from*r.rows+i, n)
		lo += n
	}
}

type reverse struct {
	byRows
	turn
}

func (o *reverse) forwardRows(lo, hi int) {
	o.together(lo, hi, func(row, from, n int) {
		copy(o.y.Value().Slice(row, row+n).Data, o.x.Value().Slice(from, from+n).Data)
	})
}

func (o *reverse) backwardRows(lo, hi int) {
	dy := o.y.Grad()
	inPlace := &o.dx.Data[0] == &dy.Data[0]
	o.together(lo, hi, func(row, from, n int) {
		dx, dy := o.dx.Slice(row, row+n).Data, dy.Slice(from, from+n).Data
		switch {
		case !inPlace:
			put(dx, dy, o.fresh)
		case o.swaps(row, from):
			swap(dx, dy)
		}
	})
}

// swaps says which of two rows that change places has them do so when it is its turn. It is now the one and now the other,
// so that goroutines share them out.
func (o *reverse) swaps(row, from int) bool {
	early := min(row, from) / o.rows
	return row != from && (row < from) == (early%2 == 0)
}

// swap lets a and b change places, some values at a time that stay in the first cache.
func swap(a, b []float32) {
	var held [512]float32
	for len(a) > 0 {
		n := copy(held[:], a)
		copy(a, b[:n])
		copy(b, held[:n])
		a, b = a[n:], b[n:]
	}
}

// joinDirections records y [T*L*R, 2H]: beside the output of a layer that reads
// forward the output of one that reads from the end, step by step. The latter,
// back, comes in the order in which it was computed.
func (t *Tape) joinDirections(name string, ahead, back *Node, lengths *Lengths) *Node {
	if !ahead.Layout.SameRows(back.Layout) {
		panic(fmt.Sprintf("nn: %s takes two outputs of the same rows, got %v and %v", name, ahead, back))
	}
	op := &joinDirections{turn: newTurn(ahead.Layout, lengths), tape: t, ahead: ahead, back: back,
		y: t.Node(ahead.Layout, ahead.Cols+back.Cols)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{ahead, back}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

type joinDirections struct {
	turn
	tape        *Tape
	ahead, back *Node
	y           *Node

	dAhead, dBack taken // gradients while Backward runs

	forward, backward func(lo, hi int) // over rows
}

func (o *joinDirections) Forward() { o.tape.pool.For(o.y.Rows, 64, o.forward) }

func (o *joinDirections) forwardRows(lo, hi int) {
	ahead, back, y, n := o.ahead.Value(), o.back.Value(), o.y.Value(), o.ahead.Cols
	for row := lo; row < hi; row++ {
		copy(y.Row(row)[:n], ahead.Row(row))
		copy(y.Row(row)[n:], back.Row(o.row(row)))
	}
}

func (o *joinDirections) Backward() {
	if !o.y.NeedsGrad() {
		return
	}
	o.dAhead, o.dBack = take(o.ahead), take(o.back)
	o.tape.pool.For(o.y.Rows, 64, o.backward)
}

func (o *joinDirections) backwardRows(lo, hi int) {
	dy, n := o.y.Grad(), o.ahead.Cols
	for row := lo; row < hi; row++ {
		if o.dAhead.wanted() {
			o.dAhead.give(row, dy.Row(row)[:n])
		}
		if o.dBack.wanted() {
			o.dBack.give(o.row(row), dy.Row(row)[n:])
		}
	}
}
