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
	job := call{run2: transUnits, c: c, a: a, b: b, byCols: byCols}
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

// transRegion computes rows [r0, r1) and columns [c0, c1) of c, block of rows after block of rows.
func transRegion(c Matrix, a, b Blocks, r0, r1, c0, c1 int) {
	groups := max(1, blockK/a.Rows)
	for g := 0; g < a.Count; g += groups {
		n := min(groups, a.Count-g)
		for r := 0; r < a.Rows; r += blockK {
			rows := min(blockK, a.Rows-r)
			transBlock(c, a, b, g, n, r, rows, r0, r1, c0, c1)
		}
	}
}

// transBlock adds rows [r, r+rows) of groups [g, g+n).
func transBlock(c Matrix, a, b Blocks, g, n, r, rows, r0, r1, c0, c1 int) {
	mr, nr := active.shape()
	aAt := (a.First + g*a.Step + r) * a.M.Stride
	bAt := (b.First + g*b.Step + r) * b.M.Stride
	t := tile{cs: c.Stride, k0: rows, k1: n,
		ars: 1, acs: a.M.Stride, abs: a.Step * a.M.Stride, brs: b.M.Stride, bbs: b.Step * b.M.Stride}
	for j := c0; j < c1; j += nr {
		t.b = b.M.Data[bAt+j:]
		for i := r0; i < r1; i += mr {
			t.m = min(mr, r1-i)
			t.a = a.M.Data[aAt+i:]
			t.c = c.Data[i*c.Stride+j:]
			if width := c.Cols - j; width < nr {
				t.runRagged(active, width)
			} else {
				t.run(active)
			}
		}
	}
}

// raggedRows is how many rows of a narrow right operand are copied to the stack at a time.
const raggedRows = 64

// runRagged runs a tile where B too is only width columns wide, on copies of full width, so that nothing
// past the end of a row is read.
//
//go:noinline
func (t *tile) runRagged(on tier, width int) {
	var full [raggedRows * maxTileCols]float32
	_, nr := on.shape()
	u := *t
	u.k1, u.brs, u.b = 1, nr, full[:]
	for k1 := range t.k1 {
		for k := 0; k < t.k0; k += raggedRows {
			u.k0 = min(raggedRows, t.k0-k)
			for r := range u.k0 {
				copy(full[r*nr:r*nr+nr], t.b[k1*t.bbs+(k+r)*t.brs:][:width])
			}
			u.a = t.a[k1*t.abs+k*t.acs:]
			u.runEdge(on, width)
		}
	}
}
