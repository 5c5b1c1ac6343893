package nn

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/rondo-ml/rondo/tensor"
)

// JoinParts records all columns of what lanes have parts of, [rows, n·F] for x [rows, F]: the parts of pipelines 0, 1,
// …, as if one lane had computed them. The gradient of a part is the sum, in the order of lanes, of those that the
// lanes of the group have for it. Without [Tape.Pipelines] it is x.
func (t *Tape) JoinParts(name string, x *Node) *Node {
	if t.pipelines == nil {
		return x
	}
	return t.exchange(name, x, t.pipelines.count*x.Cols, func(int) int { return 0 })
}

// joinBorders records the part of x with so many columns of those before and behind it, [rows, F + 2·reach]. Before the
// first part and behind the last there are zeros.
func (t *Tape) joinBorders(name string, x *Node, reach int) *Node {
	return t.exchange(name, x, x.Cols+2*reach, func(part int) int { return part*x.Cols - reach })
}

// exchange records windows of so many columns, each from a first one on, of all parts side by side.
func (t *Tape) exchange(name string, x *Node, cols int, first func(part int) int) *Node {
	op := &exchange{pipelines: t.pipelines, tape: t, name: name, x: x, y: t.Node(x.Layout, cols), first: first, site: t.pipelines.sites}
	t.pipelines.sites += 2
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true, Strided: true})
	return op.y
}

type exchange struct {
	*pipelines
	tape  *Tape
	name  string
	x, y  *Node
	first func(part int) int // column of its window
	site  uint32             // of Forward; that of Backward is the next

	came vectors // what Forward brought: FirstNonFinite asks for it again
}

// seen are the columns of a pipeline's part that are in the window of another, counted over all parts.
func (o *exchange) seen(by, of int) (lo, hi int) {
	lo, hi = of*o.x.Cols, (of+1)*o.x.Cols
	from := o.first(by)
	lo, hi = max(lo, from), min(hi, from+o.y.Cols)
	return lo, max(lo, hi)
}

// columns are those of a block. A lane's vector has a block of float32 for every other pipeline, in order, each row by
// row: in Forward the columns of its part that are in the other's window, in Backward the gradient of those of the
// other's part that are in its own window.
func (o *exchange) columns(from, to int, back bool) (lo, hi int) {
	if back {
		return o.seen(from, to)
	}
	return o.seen(to, from)
}

// rows is how many a lane has.
func (o *exchange) rows() int { return o.x.Rows / o.tape.Shape.Lanes }

// block is the part of a vector that goes from one pipeline to another.
func (o *exchange) block(v []float32, from, to int, back bool) []float32 {
	for other := range o.count {
		lo, hi := o.columns(from, other, back)
		n := o.rows() * (hi - lo)
		switch other {
		case from:
		case to:
			return v[:n]
		default:
			v = v[n:]
		}
	}
	panic("nn: an exchange of a pipeline with itself")
}

// width is how many numbers the longest vector has.
func (o *exchange) width() int {
	most := 0
	for from := range o.count {
		n := 0
		for to := range o.count {
			if to != from {
				lo, hi := o.columns(from, to, false)
				n += hi - lo
			}
		}
		most = max(most, n)
	}
	return o.rows() * most // and of Backward, whose blocks are these turned round
}

func (o *exchange) Forward() {
	x, y := o.x.Value(), o.y.Value()
	if !o.again {
		o.came = o.came.sized(o.lanes, o.width())
		if !o.bring(o.site, x, func(part int) int { return part * o.x.Cols }, false, o.came) {
			return
		}
		o.findOdd()
	}
	for l := range o.tape.Shape.Lanes {
		part := o.tape.part(l)
		first := o.first(part)
		for of := range o.count {
			lo, hi := o.seen(part, of)
			if lo == hi {
				continue
			}
			if of == part {
				o.each(l, func(_, row int) { copy(y.Row(row)[lo-first:hi-first], x.Row(row)[lo-of*o.x.Cols:]) })
				continue
			}
			block := o.block(o.came.numbers(o.mate(l, of)), of, part, false)
			o.each(l, func(i, row int) { copy(y.Row(row)[lo-first:hi-first], block[i*(hi-lo):]) })
		}
		o.clearOutside(l, y, first)
	}
}

// clearOutside puts zeros where a window has columns of no part.
func (o *exchange) clearOutside(lane int, y tensor.Matrix, first int) {
	before, end := max(0, -first), min(o.y.Cols, o.count*o.x.Cols-first)
	if before == 0 && end == o.y.Cols {
		return
	}
	o.each(lane, func(_, row int) {
		clear(y.Row(row)[:before])
		clear(y.Row(row)[end:])
	})
}

func (o *exchange) Backward() {
	dx, fresh := o.x.TakeGrad()
	if dx.Rows == 0 {
		return
	}
	dy := o.y.Grad()
	o.all = o.all.sized(o.lanes, o.width())
	if !o.bring(o.site+1, dy, o.first, true, o.all) {
		return
	}
	for l := range o.tape.Shape.Lanes {
		if fresh {
			o.each(l, func(_, row int) { clear(dx.Row(row)) })
		}
		part := o.tape.part(l)
		for from := range o.count {
			lo, hi := o.seen(from, part)
			if lo == hi {
				continue
			}
			of, own := part*o.x.Cols, o.first(part)
			if from == part {
				o.each(l, func(_, row int) { addTo(dx.Row(row)[lo-of:hi-of], dy.Row(row)[lo-own:]) })
				continue
			}
			block := o.block(o.all.numbers(o.mate(l, from)), from, part, true)
			o.each(l, func(i, row int) { addTo(dx.Row(row)[lo-of:hi-of], block[i*(hi-lo):]) })
		}
	}
}

// addTo adds the first of x to dst.
func addTo(dst, x []float32) { tensor.Add(dst, dst, x[:len(dst)]) }

// bring gives all tapes what the lanes have for each other of m, whose first column is number first of all parts, and
// says whether it is there.
func (o *exchange) bring(site uint32, m tensor.Matrix, first func(part int) int, back bool, all vectors) bool {
	o.own = o.own.sized(o.tape.Shape.Lanes, o.width())
	for l := range o.tape.Shape.Lanes {
		clear(o.own[l]) // also what is behind its numbers
		part := o.tape.part(l)
		for to := range o.count {
			if lo, hi := o.columns(part, to, back); to != part && lo < hi {
				block, at := o.block(o.own.numbers(l), part, to, back), first(part)
				o.each(l, func(i, row int) { copy(block[i*(hi-lo):], m.Row(row)[lo-at:hi-at]) })
			}
		}
	}
	if o.wholeGroups() {
		for l, v := range o.own {
			copy(all[o.tape.lane+l], v)
		}
		return true
	}
	if err := o.gather(site, all); err != nil {
		o.tape.failed = fmt.Errorf("%s: %w", o.name, err)
	}
	return o.tape.failed == nil
}

// wholeGroups says that no tape needs what another has.
func (o *exchange) wholeGroups() bool {
	g, ok := o.gatherer.(interface{ WholeGroups(n int) bool })
	return ok && g.WholeGroups(o.count) || o.tape.Shape.Lanes == o.lanes
}

func (o *exchange) gather(site uint32, all vectors) error {
	if o.gatherer == nil {
		return errors.New("the tape has not all lanes of the batch, and nobody brings it what the others have")
	}
	under, err := o.gatherer.Gather(site, o.own, all)
	if err != nil {
		return err
	}
	return under.Wait()
}

// memory is how many float32 its vectors take: those that stay, and those that operations share.
func (o *exchange) memory() (stay, share int) {
	return o.lanes * o.width(), (o.lanes + o.tape.Shape.Lanes) * o.width()
}

// findOdd finds the first lane whose values are not finite, where every tape sees those of all: in whole groups they
// stay among lanes of one tape, and nobody else's loss shows them.
func (o *exchange) findOdd() {
	if o.tape.Shape.Lanes < o.lanes && o.wholeGroups() {
		return
	}
	for l := 0; l < o.lanes && o.odd < 0; l++ {
		if tensor.HasNonFinite(o.came.numbers(l)) {
			o.odd = l
		}
	}
}

// mate is the lane of the batch that has a pipeline in the group of one of the tape's lanes.
func (o *exchange) mate(lane, part int) int {
	at := o.tape.lane + lane
	return at - at%o.count + part
}

// each goes through the rows of one of the tape's lanes.
func (o *exchange) each(lane int, f func(i, row int)) {
	l, n := o.x.Layout, o.x.Layout.LaneRows()
	for step := range l.Steps {
		for r := range n {
			f(step*n+r, (step*l.Lanes+lane)*n+r)
		}
	}
}

// vectors are numbers of lanes on their way: a [Gatherer] carries float64, each of which has the bits of two float32.
type vectors [][]float64

// sized returns room for so many vectors of so many float32, v's own if it has it.
func (v vectors) sized(n, numbers int) vectors {
	width := (numbers + 1) / 2
	if len(v) != n || cap(v[0]) < width {
		v = make(vectors, n)
		for i := range v {
			v[i] = make([]float64, width)
		}
	}
	for i := range v {
		v[i] = v[i][:width]
	}
	return v
}

// numbers is a vector as what it carries.
func (v vectors) numbers(i int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(v[i]))), 2*len(v[i]))
}
