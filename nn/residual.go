package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Add records y = a + b, the end of a residual block. Where one of them is the
// result of a batch norm that nobody else reads, the norm adds the other.
func (t *Tape) Add(name string, a, b *Node) *Node {
	if !a.Layout.SameRows(b.Layout) || a.Cols != b.Cols {
		panic(fmt.Sprintf("nn: %s adds %dx%d and %dx%d (%v; %v)", name, a.Rows, a.Cols, b.Rows, b.Cols, a, b))
	}
	op := &residual{pool: t.pool, a: a, b: b, y: t.like(a)}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{a, b}, Outputs: []*Node{op.y}, Sets: true, Strided: true, InPlace: true, atOnce: true})
	return op.y
}

type residual struct {
	pool    *tensor.Pool
	a, b, y *Node

	da, db taken // gradients while Backward runs

	forward, backward func(lo, hi int) // over rows
}

func (o *residual) Forward() { o.pool.For(o.y.Rows, rowGrain(o.y.Cols), o.forward) }

func (o *residual) forwardRows(lo, hi int) {
	runs(tensor.Add, o.y.Value().Slice(lo, hi), o.a.Value().Slice(lo, hi), o.b.Value().Slice(lo, hi))
}

func (o *residual) Backward() {
	o.da, o.db = take(o.a), take(o.b)
	o.pool.For(o.y.Rows, rowGrain(o.y.Cols), o.backward)
}

func (o *residual) backwardRows(lo, hi int) {
	dy := o.y.Grad()
	if o.a == o.b && o.da.fresh {
		runs(func(dx, dy, _ []float32) { tensor.Twice(dx, dy) }, o.da.m.Slice(lo, hi), dy.Slice(lo, hi), dy.Slice(lo, hi))
		return
	}
	// Some rows at a time, so that what the one reads is in cache for the other. a comes last, as its gradient may take the place of dy.
	for most := max(1, inCache/dy.Cols); lo < hi; lo += most {
		end := min(lo+most, hi)
		for _, dx := range [...]*taken{&o.db, &o.da} {
			if dx.wanted() {
				dx.addRows(lo, end, dy)
			}
		}
	}
}

// addRows adds rows [lo, hi) of dy to the gradient, from zero where it is fresh: no zero of it is negative.
func (g *taken) addRows(lo, hi int, dy tensor.Matrix) {
	runs(func(dx, dy, _ []float32) {
		if g.fresh {
			tensor.SubtractFrom(dx, dy, float32(math.Copysign(0, -1))) // 0 + dy, in one pass
		} else {
			tensor.Add(dx, dx, dy)
		}
	}, g.m.Slice(lo, hi), dy.Slice(lo, hi), dy.Slice(lo, hi))
}
