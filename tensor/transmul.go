package tensor

import "fmt"

// MatMulTransAdd computes c += aT*b, where a and b are the same R rows of two matrices:
//
//	c [M x N]  +=  a [R x M]T * b [R x N]
//
// Every element of c is one chain of fused multiply-adds over the R rows in the order of the blocks. This
// is the gradient of a weight: a the gradient of the outputs and b the inputs, or the other way round.
// a.Count and a.Rows must equal b's; c may not overlap either.
func (p *Pool) MatMulTransAdd(c Matrix, a, b Blocks) {
	c.check("MatMulTransAdd", "c")
	a.check("MatMulTransAdd", "a")
	b.check("MatMulTransAdd", "b")
	if a.Count != b.Count || a.Rows != b.Rows || c.Rows != a.M.Cols || c.Cols != b.M.Cols {
		panic(fmt.Sprintf("tensor: MatMulTransAdd: c is %dx%d, a %d blocks of %dx%d and b %d blocks of %dx%d",
			c.Rows, c.Cols, a.Count, a.Rows, a.M.Cols, b.Count, b.Rows, b.M.Cols))
	}
	if c.Rows == 0 || c.Cols == 0 || a.Count == 0 || a.Rows == 0 {
		return
	}
	mr, nr := active.shape()
	panels := (c.Cols + nr - 1) / nr
	units, byCols := divide(p.Size(), c.Rows, mr, panels)
	job := call{do: doTrans, c: c, a: a, b: b, byCols: byCols}
	job.share(p, units, c.Rows*c.Cols/units*a.Count*a.Rows)
}

func transUnits(k *call, lo, hi int) {
	mr, nr := active.shape()
	if k.byCols {
		transRegion(k.c, k.a, k.b, 0, k.c.Rows, lo*nr, min(hi*nr, k.c.Cols))
		return
	}
	transRegion(k.c, k.a, k.b, lo*mr, min(hi*mr, k.c.Rows), 0, k.c.Cols)
}

// transRegion computes rows [r0, r1) and columns [c0, c1) of c, taking a few blocks of rows of the operands,
// or a part of one, at a time.
func transRegion(c Matrix, a, b Blocks, r0, r1, c0, c1 int) {
	s := takeScratch()
	defer s.give()
	groups := max(1, blockK/a.Rows)
	for g := 0; g < a.Count; g += groups {
		n := min(groups, a.Count-g)
		for r := 0; r < a.Rows; r += blockK {
			rows := min(blockK, a.Rows-r)
			s.transBlock(c, a.part(g, n, r, rows), b.part(g, n, r, rows), r0, r1, c0, c1)
		}
	}
}

// part is rows [r, r+rows) of groups [g, g+n).
func (b Blocks) part(g, n, r, rows int) Blocks {
	return Blocks{M: b.M, First: b.First + g*b.Step + r, Count: n, Rows: rows, Step: b.Step}
}

// transBlock adds at most blockK rows of the operands. Both are packed first, a block at a time: their rows
// may be a power of two apart, where no cache could hold them, and every value is used many times.
func (s *scratch) transBlock(c Matrix, a, b Blocks, r0, r1, c0, c1 int) {
	mr, nr := active.shape()
	k := a.Count * a.Rows
	t := tile{k0: k, k1: 1, acs: mr, brs: nr, ahead: mr * c.Stride}
	t.stride(1, c.Stride)
	for j0 := c0; j0 < c1; j0 += transCols {
		j1 := min(j0+transCols, c1)
		packTiles(s.b, b, j0, j1, nr, k)
		for i0 := r0; i0 < r1; i0 += transRows {
			i1 := min(i0+transRows, r1)
			packTiles(s.a, a, i0, i1, mr, k)
			for j := j0; j < j1; j += nr {
				t.b = s.b[packedAt(j-j0, nr, k):]
				for i := i0; i < i1; i += mr {
					t.a = s.a[packedAt(i-i0, mr, k):]
					t.c = c.Data[i*c.Stride+j:]
					t.m = min(mr, i1-i)
					if width := c.Cols - j; width < nr {
						t.runEdge(active, width)
					} else {
						t.run(active)
					}
				}
			}
		}
	}
}
