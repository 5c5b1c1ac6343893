package nn

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// Affine records every column of x times a constant, plus another: pixels as
// another convention of mean and deviation has them.
//
//	y[r, c] = x[r, c]·scale[c] + shift[c]
//
// It panics unless there is one of each for every column.
func (t *Tape) Affine(name string, x *Node, scale, shift []float32) *Node {
	if len(scale) != x.Cols || len(shift) != x.Cols {
		panic(fmt.Sprintf("nn: %s has %d factors and %d terms for %v", name, len(scale), len(shift), x))
	}
	op := &affine{
		byRows: byRows{pool: t.pool, x: x, y: t.like(x), grain: rowGrain(x.Cols)},
		scale:  slices.Clone(scale), shift: slices.Clone(shift),
	}
	op.is = AffineOp{op.scale, op.shift}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

type affine struct {
	byRows
	scale, shift []float32
}

func (o *affine) forwardRows(lo, hi int) {
	x, y := o.x.Value(), o.y.Value()
	for r := lo; r < hi; r++ {
		row := y.Row(r)
		tensor.Mul(row, x.Row(r), o.scale)
		tensor.Add(row, row, o.shift)
	}
}

func (o *affine) backwardRows(lo, hi int) {
	dy := o.y.Grad()
	for r := lo; r < hi; r++ {
		if o.fresh {
			tensor.Mul(o.dx.Row(r), dy.Row(r), o.scale)
		} else {
			tensor.AddMul(o.dx.Row(r), dy.Row(r), o.scale)
		}
	}
}
