package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// narrowPointwise is the most channels on the narrower side of a convolution of one tap for which the gradient of
// the weights reads both operands in place: packing them would cost more than it saves.
const narrowPointwise = 32

// readsInPlace tells whether pointwiseWeightUnits takes the gradient of c's weights: its panels must be whole, or the
// last so narrow that a tile reads no more of it. Other layouts than the plain one need packing.
func (p *Pool) readsInPlace(c *Conv) bool {
	_, nr := kernel.Active.Shape()
	l := layoutOf(p.Precision(), kernel.Active)
	return l == kernel.Plain && c.isPointwise() && min(c.Cin, c.Cout) <= narrowPointwise && c.Cin%nr <= kernel.Active.Narrow(l)
}

// backPointwise is MatMulTrans, or MatMulTransAdd, in place.
func (p *Pool) backPointwise(k convCall, dw []float32) {
	mr, nr := kernel.Active.Shape()
	tiles, panels := tilesOf(k.c.Cout, mr), (k.c.Cin+nr-1)/nr
	job := call{do: doPointwiseWeights, conv: k, dst: dw, byCols: panels > tiles}
	units := max(tiles, panels)
	job.share(p, units, k.c.Flops(k.n)/2/units)
}

// pointwiseWeightUnits computes tiles of output channels, or panels of input channels, [lo, hi).
func pointwiseWeightUnits(k *call, lo, hi int) {
	mr, nr := kernel.Active.Shape()
	c, x, dy := k.conv.c, k.conv.x, k.conv.y
	i0, i1, j0, j1 := lo*mr, min(hi*mr, c.Cout), 0, c.Cin
	if k.byCols {
		i0, i1, j0, j1 = 0, c.Cout, lo*nr, min(hi*nr, c.Cin)
	}
	t := kernel.Tile{K1: 1, AK0: dy.Stride, BK0: x.Stride, AheadC: mr * c.Cin}
	t.EvenRows(1, c.Cin)
	wide := dy // the operand whose next rows are fetched meanwhile
	if x.Stride > dy.Stride {
		wide = x
	}
	calls := tilesOf(i1-i0, mr) * ((j1 - j0 + nr - 1) / nr)
	part := weightDepth * wide.Stride / calls
	t.Pace = 4*part/weightDepth + 1
	for r := 0; r < dy.Rows; r += weightDepth {
		t.K0 = min(weightDepth, dy.Rows-r)
		if t.Start = nil; r == 0 && k.conv.fresh {
			t.Start = noBias
		}
		later := wide.rowsAhead(r+weightDepth, weightDepth)
		for j := j0; j < j1; j += nr {
			t.B = x.Data[r*x.Stride+j:]
			for i := i0; i < i1; i += mr {
				t.Rows = min(mr, i1-i)
				t.A, t.C = dy.Data[r*dy.Stride+i:], k.dst[i*c.Cin+j:]
				if t.Next = later; len(later) == 0 {
					t.Next = nil
				}
				later = later[min(part, len(later)):]
				if j+nr > j1 {
					t.RunEdge(kernel.Active, j1-j)
				} else {
					t.Run(kernel.Active)
				}
			}
		}
	}
}
