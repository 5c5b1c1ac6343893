package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// MatMulTransAdd computes c += aT*b, where a and b are the same R rows of two matrices:
//
//	c [M x N]  +=  a [R x M]T * b [R x N]
//
// Every element of c is one chain of fused multiply-adds over the R rows in the order of the blocks. This
// is the gradient of a weight: a the gradient of the outputs and b the inputs, or the other way round.
// a and b must have as many blocks of as many rows; c may not overlap either.
func (p *Pool) MatMulTransAdd(c Matrix, a, b Blocks) {
	if checkTransposed("MatMulTransAdd", c, a, b) {
		p.matMulTrans(call{do: doTrans, c: c, a: a, b: b})
	}
}

// MatMulTrans computes c = aT*b, with every chain starting from zero: the bits of MatMulTransAdd onto zeros,
// without a pass over c to clear it and without reading it.
func (p *Pool) MatMulTrans(c Matrix, a, b Blocks) {
	if checkTransposed("MatMulTrans", c, a, b) {
		p.matMulTrans(call{do: doTrans, c: c, a: a, b: b, fresh: true})
		return
	}
	c.set(nil)
}

// Target is a result of MatMulTransBoth and its right operand.
type Target struct {
	C     Matrix
	B     Blocks
	Fresh bool // as by MatMulTrans, else as by MatMulTransAdd
}

// MatMulTransBoth forms two products with the same left operand, which it reads and packs once where the second one
// is narrow:
//
//	t.C += aT*t.B,  u.C += aT*u.B
//
// or without the plus where they are fresh: the gradients of the weights of inputs and states.
func (p *Pool) MatMulTransBoth(a Blocks, t, u Target) {
	mr, nr := kernel.Active.Shape()
	checkTransposed("MatMulTransBoth", t.C, a, t.B)
	some := checkTransposed("MatMulTransBoth", u.C, a, u.B)
	if !some || p.Precision() == BF16 || t.C.Cols == 0 || u.C.Cols > besideCols || columnsFirst(p.Size(), t.C.Rows, mr, (t.C.Cols+nr-1)/nr) {
		p.matMulTransTo(a, t)
		p.matMulTransTo(a, u)
		return
	}
	p.matMulTrans(call{do: doTrans, c: t.C, a: a, b: t.B, fresh: t.Fresh, beside: u})
}

func (p *Pool) matMulTransTo(a Blocks, t Target) {
	if t.Fresh {
		p.MatMulTrans(t.C, a, t.B)
	} else {
		p.MatMulTransAdd(t.C, a, t.B)
	}
}

// checkTransposed tells whether there is anything to multiply, and panics unless the shapes fit.
func checkTransposed(op string, c Matrix, a, b Blocks) bool {
	c.check(op, "c")
	a.check(op, "a")
	b.check(op, "b")
	if a.blocks() != b.blocks() || a.Rows != b.Rows || c.Rows != a.M.Cols || c.Cols != b.M.Cols {
		panic(fmt.Sprintf("tensor: %s: c is %dx%d, a %d blocks of %dx%d and b %d blocks of %dx%d",
			op, c.Rows, c.Cols, a.blocks(), a.Rows, a.M.Cols, b.blocks(), b.Rows, b.M.Cols))
	}
	return c.Rows != 0 && c.Cols != 0 && a.blocks() != 0 && a.Rows != 0
}

func (p *Pool) matMulTrans(job call) {
	job.layout = productLayout(p.Precision(), kernel.Active)
	mr, nr := kernel.Active.BlockShape(job.layout)
	panels := (job.c.Cols + nr - 1) / nr
	units := tilesOf(job.c.Rows, mr)
	job.byCols = columnsFirst(p.Size(), job.c.Rows, mr, panels)
	if job.byCols {
		units = panels
	}
	job.share(p, units, job.c.Rows*job.c.Cols/units*job.a.blocks()*job.a.Rows)
}

func transUnits(k *call, lo, hi int) {
	mr, nr := kernel.Active.BlockShape(k.layout)
	region := transRegion
	if k.layout != kernel.Plain {
		region = blockedTransRegion
	}
	if k.byCols {
		region(k, 0, k.c.Rows, lo*nr, min(hi*nr, k.c.Cols))
		return
	}
	region(k, lo*mr, min(hi*mr, k.c.Rows), 0, k.c.Cols)
}

// transRegion computes rows [r0, r1) and columns [c0, c1) of c. Both operands are packed a block at a time: their
// rows may be a power of two apart, where no cache holds several of them, and every value is used many times. A block of
// c stays in cache until all rows of the packed block have been added to it. If there is a second product (k.beside), its
// right operand is packed beside the last columns of the first one, and uses the same left operand.
func transRegion(k *call, r0, r1, c0, c1 int) {
	s := takeScratch()
	defer s.release()
	mr, nr := kernel.Active.Shape()
	depth := k.a.blocks() * k.a.Rows
	beside := k.beside.C.Cols
	for q0 := 0; q0 < depth; q0 += transDepth {
		q1 := min(q0+transDepth, depth)
		for j0 := c0; j0 < c1; j0 += transCols {
			j1 := min(j0+transCols, c1)
			packTiles(s.b, k.b, q0, q1, j0, j1, nr, kernel.Plain, 0)
			both := beside > 0 && j1 == c1
			if both {
				packTiles(s.beside, k.beside.B, q0, q1, 0, beside, nr, kernel.Plain, 0)
			}
			for i0 := r0; i0 < r1; i0 += blockRows {
				i1 := min(i0+blockRows, r1)
				packTiles(s.a, k.a, q0, q1, i0, i1, mr, kernel.Plain, 0)
				s.transBlock(k.c, s.b, q1-q0, i0, i1, j0, j1, k.fresh && q0 == 0)
				if both {
					s.transBlock(k.beside.C, s.beside, q1-q0, i0, i1, 0, beside, k.beside.Fresh && q0 == 0)
				}
			}
		}
	}
}

// transBlock multiplies the packed operands, s.a [depth, i1-i0] and b [depth, j1-j0]: it takes a panel of b at a time and goes
// down the tiles of c. It takes all rows of a narrow panel at once, since reading them from L2 costs less than coming back to
// c, whose rows may lie where no cache holds several; of a wide panel it takes as many rows as stay in L1.
func (s *scratch) transBlock(c Matrix, b []float32, depth, i0, i1, j0, j1 int, fresh bool) {
	mr, nr := kernel.Active.Shape()
	t := kernel.Tile{K1: 1, Held: &s.hold, AK0: mr, BK0: nr, ADown: packedAt(mr, mr, depth), CDown: mr * c.Stride}
	t.EvenRows(1, c.Stride)
	tiles, whole, most := tilesOf(i1-i0, mr), (i1-i0)/mr, transDepth
	if nr > 16 {
		most = wideDepth
	}
	for j := j0; j < j1; j += nr {
		width := min(nr, c.Cols-j)
		for q := 0; q < depth; q += most {
			t.K0 = min(most, depth-q)
			t.B = b[packedAt(j-j0, nr, depth)+q*nr:]
			each := (t.K0*nr + tiles - 1) / tiles // values of the next panel that each tile fetches
			t.Next, t.Pace, t.NextDown = t.B[min(t.K0*nr, len(t.B)):], (4*each+t.K0-1)/t.K0, each
			t.Start = nil
			if fresh && q == 0 {
				t.Start = zeros
			}
			t.A, t.C, t.Rows = s.a[q*mr:], c.Data[i0*c.Stride+j:], mr
			t.RunColumn(kernel.Active, whole, width)
			if t.Rows = i1 - i0 - whole*mr; t.Rows > 0 {
				t.RunColumn(kernel.Active, 1, width)
			}
		}
	}
}
