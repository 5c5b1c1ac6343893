package nn

import (
	"fmt"
	"iter"

	"github.com/rondo-ml/rondo/tensor"
)

// Operations that make one row of a sequence: y [L*R, F], of one step, for
// x [T*L*R, F]. Lengths may be nil, which stands for all T steps. A row without
// any step yields zeros.

// Last records each row at its last step.
func (t *Tape) Last(name string, x *Node, lengths *Lengths) *Node {
	return t.pick(name, x, lengths, x.Cols)
}

// First records each row at its first step.
func (t *Tape) First(name string, x *Node, lengths *Lengths) *Node {
	return t.pick(name, x, lengths, 0)
}

// Ends records the last state of either direction for the output x [T*L*R, 2H]
// of a bidirectional [Stack], PyTorch's h_n of the last layer: the left half at
// each row's last step, the right half, which was read from the end, at its
// first.
func (t *Tape) Ends(name string, x *Node, lengths *Lengths) *Node {
	if x.Cols%2 != 0 {
		panic(fmt.Sprintf("nn: %s takes the outputs of two directions side by side, got %v", name, x))
	}
	return t.pick(name, x, lengths, x.Cols/2)
}

// MeanOverTime records the mean of each row's steps.
func (t *Tape) MeanOverTime(name string, x *Node, lengths *Lengths) *Node {
	o := t.newOverTime(name, "mean", x, lengths)
	o.forward, o.backward = o.meanRows, o.meanRowsBack
	t.Record(o, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{o.y}, Sets: true})
	return o.y
}

// MaxOverTime records the largest of each row's steps, feature by feature. The
// gradient goes to the first of equal ones; NaN counts as the largest.
func (t *Tape) MaxOverTime(name string, x *Node, lengths *Lengths) *Node {
	o := t.newOverTime(name, "max", x, lengths)
	o.at = t.Buffer(o.y.Rows * o.y.Cols)
	o.forward, o.backward = o.maxRows, o.maxRowsBack
	t.Record(o, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{o.y}, Saved: []*Buffer{o.at}, Sets: true})
	return o.y
}

// pick records columns [0, fromLast) of each row's last step and the others of its first.
func (t *Tape) pick(name string, x *Node, lengths *Lengths, fromLast int) *Node {
	take := "ends"
	switch fromLast {
	case 0:
		take = "first"
	case x.Cols:
		take = "last"
	}
	o := t.newOverTime(name, take, x, lengths)
	o.split = fromLast
	o.forward, o.backward = o.pickRows, o.pickRowsBack
	t.Record(o, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{o.y}, Sets: true})
	return o.y
}

// overTime is what these operations share.
type overTime struct {
	tape    *Tape
	take    string // "last", "first", "ends", "mean", "max"
	lengths *Lengths
	x, y    *Node
	steps   int     // T
	split   int     // pick: columns that are of the last step
	at      *Buffer // max: [N, F] the step that was the largest

	dx    tensor.Matrix // the gradient of x while Backward runs
	fresh bool

	forward, backward func(lo, hi int) // over rows of y
}

func (t *Tape) newOverTime(name, take string, x *Node, lengths *Lengths) *overTime {
	lengths.fit(name, x.Layout)
	if x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s takes rows of features, got images (%v); see Tape.Flatten", name, x))
	}
	l := x.Layout
	l.Steps = 1
	return &overTime{tape: t, take: take, lengths: lengths, x: x, y: t.Node(l, x.Cols), steps: x.Layout.Steps}
}

func (o *overTime) Forward() { o.tape.pool.For(o.y.Rows, 4, o.forward) }

func (o *overTime) Backward() {
	if !o.x.NeedsGrad() {
		return
	}
	o.dx, o.fresh = o.x.TakeGrad()
	o.tape.pool.For(o.y.Rows, 4, o.backward)
}

// step returns row i of m at step t.
func (o *overTime) step(m tensor.Matrix, i, t int) []float32 { return m.Row(t*o.y.Rows + i) }

// clear makes the gradient of row i zero from step t on, where it is fresh.
func (o *overTime) clear(i, t int) {
	for ; o.fresh && t < o.steps; t++ {
		clear(o.step(o.dx, i, t))
	}
}

func (o *overTime) pickRows(lo, hi int) {
	x, y := o.x.Value(), o.y.Value()
	for i := lo; i < hi; i++ {
		n := o.lengths.of(i, o.steps)
		if n == 0 {
			clear(y.Row(i))
			continue
		}
		copy(y.Row(i)[:o.split], o.step(x, i, n-1))
		copy(y.Row(i)[o.split:], o.step(x, i, 0)[o.split:])
	}
}

func (o *overTime) pickRowsBack(lo, hi int) {
	dy := o.y.Grad()
	for i := lo; i < hi; i++ {
		o.clear(i, 0)
		n := o.lengths.of(i, o.steps)
		if n == 0 {
			continue
		}
		put(o.step(o.dx, i, n-1)[:o.split], dy.Row(i)[:o.split], false)
		put(o.step(o.dx, i, 0)[o.split:], dy.Row(i)[o.split:], false)
	}
}

// meanRows goes step by step, as the rows of a step lie behind one another.
func (o *overTime) meanRows(lo, hi int) {
	x, y := o.x.Value(), o.y.Value().Slice(lo, hi)
	clear(y.Data)
	for t := range o.steps {
		for from, to := range o.reaching(t, lo, hi) {
			sum := y.Slice(from-lo, to-lo).Data
			tensor.Add(sum, sum, o.rows(x, from, to, t))
		}
	}
	o.divide(y, lo)
}

func (o *overTime) meanRowsBack(lo, hi int) {
	dy := o.y.Grad().Slice(lo, hi)
	o.divide(dy, lo) // nobody reads dy afterwards
	for t := range o.steps {
		if o.fresh {
			clear(o.rows(o.dx, lo, hi, t))
		}
		for from, to := range o.reaching(t, lo, hi) {
			put(o.rows(o.dx, from, to, t), dy.Slice(from-lo, to-lo).Data, o.fresh)
		}
	}
}

// divide makes means of sums, which are rows of y from the given one on.
func (o *overTime) divide(sums tensor.Matrix, first int) {
	for i := range sums.Rows {
		n, row := o.lengths.of(first+i, o.steps), sums.Row(i)
		for j := range row {
			row[j] /= float32(max(n, 1))
		}
	}
}

// rows returns rows [lo, hi) of m at step t.
func (o *overTime) rows(m tensor.Matrix, lo, hi, t int) []float32 {
	return m.Slice(t*o.y.Rows+lo, t*o.y.Rows+hi).Data
}

// reaching yields the runs [from, to) of rows of [lo, hi) that have a step t.
func (o *overTime) reaching(t, lo, hi int) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for from := lo; from < hi; from++ {
			to := from
			for to < hi && o.lengths.of(to, o.steps) > t {
				to++
			}
			if to > from && !yield(from, to) {
				return
			}
			from = max(from, to)
		}
	}
}

func (o *overTime) maxRows(lo, hi int) {
	x, y := o.x.Value(), o.y.Value()
	for i := lo; i < hi; i++ {
		n, row, at := o.lengths.of(i, o.steps), y.Row(i), o.at.Data[i*y.Cols:(i+1)*y.Cols]
		clear(row)
		clear(at)
		for t := range n {
			for j, v := range o.step(x, i, t) {
				if t == 0 || v > row[j] || v != v && row[j] == row[j] {
					row[j], at[j] = v, float32(t)
				}
			}
		}
	}
}

func (o *overTime) maxRowsBack(lo, hi int) {
	dy := o.y.Grad()
	for i := lo; i < hi; i++ {
		o.clear(i, 0)
		if o.lengths.of(i, o.steps) == 0 {
			continue
		}
		at := o.at.Data[i*dy.Cols : (i+1)*dy.Cols]
		for j, d := range dy.Row(i) {
			o.step(o.dx, i, int(at[j]))[j] += d
		}
	}
}
