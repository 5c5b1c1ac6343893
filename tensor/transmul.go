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

// transRegion computes rows [r0, r1) and columns [c0, c1) of c, a few blocks of rows, or a part of one, at
// a time.
func transRegion(c Matrix, a, b Blocks, r0, r1, c0, c1 int) {
	s := takeScratch()
	defer s.give()
	groups := max(1, blockK/a.Rows)
	for g := 0; g < a.Count; g += groups {
		n := min(groups, a.Count-g)
		for r := 0; r < a.Rows; r += blockK {
			rows := min(blockK, a.Rows-r)
			for i := r0; i < r1; i += transRows {
				s.transBlock(c, a.part(g, n, r, rows), b.part(g, n, r, rows), i, min(i+transRows, r1), c0, c1)
			}
		}
	}
}

// part is rows [r, r+rows) of groups [g, g+n).
func (b Blocks) part(g, n, r, rows int) Blocks {
	return Blocks{M: b.M, First: b.First + g*b.Step + r, Count: n, Rows: rows, Step: b.Step}
}

// transBlock adds at most blockK rows to at most transRows rows of c. Both operands are copied first: their
// rows may be a power of two apart, where no cache could hold them, and every value is used many times.
func (s *scratch) transBlock(c Matrix, a, b Blocks, r0, r1, c0, c1 int) {
	mr, nr := active.shape()
	k := a.Count * a.Rows
	for i := r0; i < r1; i += mr {
		packRows(s.a[(i-r0)*k:], a, i, min(mr, r1-i), mr)
	}
	t := tile{cs: c.Stride, k0: k, k1: 1, ars: 1, acs: mr, brs: nr, ahead: mr * c.Stride, b: s.b[:]}
	for j := c0; j < c1; j += nr {
		width := min(nr, c.Cols-j)
		packRows(s.b[:], b, j, width, nr)
		for i := r0; i < r1; i += mr {
			t.m = min(mr, r1-i)
			t.a = s.a[(i-r0)*k:]
			t.c = c.Data[i*c.Stride+j:]
			if width < nr {
				t.runEdge(active, width)
			} else {
				t.run(active)
			}
		}
	}
}

// packRows copies columns [j, j+width) of b's rows to dst, one row after another, each padded with zeros to
// full values.
func packRows(dst []float32, b Blocks, j, width, full int) {
	for g := range b.Count {
		src := b.M.Data[(b.First+g*b.Step)*b.M.Stride+j:]
		to := dst[g*b.Rows*full:][:b.Rows*full]
		switch {
		case width == 32:
			for ; len(to) >= 32; to = to[32:] {
				*(*[32]float32)(to) = *(*[32]float32)(src)
				src = src[min(len(src), b.M.Stride):]
			}
		case width == 16 && full == 16:
			for ; len(to) >= 16; to = to[16:] {
				*(*[16]float32)(to) = *(*[16]float32)(src)
				src = src[min(len(src), b.M.Stride):]
			}
		case width == 8 && full == 8:
			for ; len(to) >= 8; to = to[8:] {
				*(*[8]float32)(to) = *(*[8]float32)(src)
				src = src[min(len(src), b.M.Stride):]
			}
		default:
			for ; len(to) >= full; to = to[full:] {
				clear(to[copy(to[:full], src[:width]):full])
				src = src[min(len(src), b.M.Stride):]
			}
		}
	}
}
