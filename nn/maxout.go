package nn

import (
	"fmt"
)

// Maxout records the maximum of every k neighbouring columns of x (Goodfellow et
// al. 2013), [T*L*R, x.Cols/k]:
//
//	y[c] = max over i < k of x[c·k + i]
//
// The gradient of a maximum goes to the first of equal values; NaN is larger than
// all numbers. It panics when k does not divide x's columns.
func (t *Tape) Maxout(name string, x *Node, k int) *Node {
	if k < 1 || x.Cols%k != 0 {
		panic(fmt.Sprintf("nn: %s takes the maximum of groups of %d columns, got %v", name, k, x))
	}
	op := &maxout{byRows: byRows{pool: t.pool, x: x, y: t.Node(x.Layout, x.Cols/k), grain: rowGrain(x.Cols)}, k: k}
	op.at = t.Buffer(op.y.Rows * op.y.Cols)
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Saved: []*Buffer{op.at}, Sets: true})
	return op.y
}

type maxout struct {
	byRows
	k  int
	at *Buffer // of y's shape: which of the k is the maximum
}

func (o *maxout) forwardRows(lo, hi int) {
	for row := lo; row < hi; row++ {
		x, y := o.x.Value().Row(row), o.y.Value().Row(row)
		at := o.at.Data[row*len(y):][:len(y)]
		for c := range y {
			group := x[c*o.k:][:o.k]
			best, place := group[0], 0
			for i, v := range group[1:] {
				if !(v <= best) && best == best {
					best, place = v, i+1
				}
			}
			y[c], at[c] = best, float32(place)
		}
	}
}

func (o *maxout) backwardRows(lo, hi int) {
	for row := lo; row < hi; row++ {
		dx, dy := o.dx.Row(row), o.y.Grad().Row(row)
		if o.fresh {
			clear(dx)
		}
		at := o.at.Data[row*len(dy):][:len(dy)]
		for c, g := range dy {
			dx[c*o.k+int(at[c])] += g
		}
	}
}
