package nn

import (
	"fmt"

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
	t.Record(op, Use{Name: name, Inputs: []*Node{a, b}, Outputs: []*Node{op.y}, Strided: true})
	return op.y
}

type residual struct {
	pool    *tensor.Pool
	a, b, y *Node

	forward, backward func(lo, hi int) // over rows
}

func (o *residual) Forward() { o.pool.For(o.y.Rows, rowGrain(o.y.Cols), o.forward) }

func (o *residual) forwardRows(lo, hi int) {
	runs(tensor.Add, o.y.Value().Slice(lo, hi), o.a.Value().Slice(lo, hi), o.b.Value().Slice(lo, hi))
}

func (o *residual) Backward() { o.pool.For(o.y.Rows, rowGrain(o.y.Cols), o.backward) }

func (o *residual) backwardRows(lo, hi int) {
	for _, x := range [...]*Node{o.a, o.b} {
		if x.NeedsGrad() {
			dx := x.Grad().Slice(lo, hi)
			runs(tensor.Add, dx, dx, o.y.Grad().Slice(lo, hi))
		}
	}
}
