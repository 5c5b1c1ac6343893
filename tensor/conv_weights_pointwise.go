package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// The gradient of one tap's weights is a transposed product:
//
//	dw [Cout, Cin]  +=  dy [pixels, Cout]T  *  x [pixels, Cin]
//
// Here both operands are read where they are.

// weightsViaInPlace shares out dw by tiles of output channels or by panels of input channels, whichever are more.
func (p *Pool) weightsViaInPlace(k gradientCall) {
	mr, nr := kernel.Active.Shape()
	tiles, panels := tilesOf(k.c.Cout, mr), (k.c.Cin+nr-1)/nr
	job := call{do: doWeightsViaInPlace, gradient: k, byCols: panels > tiles}
	units := max(tiles, panels)
	job.share(p, units, k.c.Flops(k.n)/2/units)
}

// runViaInPlace computes tiles, or panels, [lo, hi).
func runViaInPlace(k *call, lo, hi int) {
	mr, nr := kernel.Active.Shape()
	g := &k.gradient
	c, x, dy := g.c, g.x, g.dy
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
	each := weightDepth * wide.Stride / calls // values that each call fetches
	t.Pace = 4*each/weightDepth + 1
	for r := 0; r < dy.Rows; r += weightDepth {
		t.K0 = min(weightDepth, dy.Rows-r)
		if t.Start = nil; r == 0 && g.set {
			t.Start = zeros
		}
		later := wide.rowsAhead(r+weightDepth, weightDepth)
		for j := j0; j < j1; j += nr {
			t.B = x.Data[r*x.Stride+j:]
			for i := i0; i < i1; i += mr {
				t.Rows = min(mr, i1-i)
				t.A, t.C = dy.Data[r*dy.Stride+i:], g.dw[i*c.Cin+j:]
				if t.Next = later; len(later) == 0 {
					t.Next = nil
				}
				later = later[min(each, len(later)):]
				if j+nr > j1 {
					t.RunEdge(kernel.Active, j1-j)
				} else {
					t.Run(kernel.Active)
				}
			}
		}
	}
}
