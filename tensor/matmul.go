package tensor

import "fmt"

// Blocking. Chains start from C, so that none of these changes any bits.
const (
	blockK      = 256 // rows of the right operand at a time: one row of tiles of the left one stays in L1
	blockPanels = 16  // panels of them at a time: 512 KB at most stay in L2
)

// MatMulAdd computes c += a*b. For M = a.Rows:
//
//	c [M x N]  +=  a [M x K] * b [K x N]
//
// Every element of c is one chain c = fma(a[k], b[k], c) over k = 0, 1, ..., so that its bits depend on its
// row of a and its column of b alone. c may not overlap a.
func (p *Pool) MatMulAdd(c, a Matrix, b *Panels) {
	c.check("MatMulAdd", "c")
	a.check("MatMulAdd", "a")
	if c.Rows != a.Rows || a.Cols != b.k || c.Cols != b.n {
		panic(fmt.Sprintf("tensor: MatMulAdd: c is %dx%d, a %dx%d and b %dx%d",
			c.Rows, c.Cols, a.Rows, a.Cols, b.k, b.n))
	}
	if c.Rows == 0 || c.Cols == 0 || b.k == 0 {
		return
	}
	mr, nr := b.on.shape()
	units, byCols := divide(p.Size(), c.Rows, mr, b.count())
	job := call{do: doMatMul, c: c, a: Blocks{M: a}, panels: b, byCols: byCols}
	job.share(p, units, c.Rows*nr*b.count()/units*b.k)
}

// divide chooses between rows of tiles and columns of tiles as the units to share out: whichever leaves the
// busiest of size goroutines with less.
func divide(size, rows, mr, panels int) (units int, byCols bool) {
	tiles := (rows + mr - 1) / mr
	most := func(units int) int { return (units + size - 1) / size }
	if most(tiles)*panels <= most(panels)*tiles {
		return tiles, false
	}
	return panels, true
}

func matMulUnits(k *call, lo, hi int) {
	mr, _ := k.panels.on.shape()
	if k.byCols {
		matMulRegion(k.c, k.a.M, k.panels, 0, k.c.Rows, lo, hi)
		return
	}
	matMulRegion(k.c, k.a.M, k.panels, lo*mr, min(hi*mr, k.c.Rows), 0, k.panels.count())
}

// matMulRegion computes rows [r0, r1) of panels [p0, p1).
func matMulRegion(c, a Matrix, b *Panels, r0, r1, p0, p1 int) {
	mr, nr := b.on.shape()
	t := tile{acs: 1, brs: nr, k1: 1, ahead: nr}
	t.stride(a.Stride, c.Stride)
	for j0 := p0; j0 < p1; j0 += blockPanels {
		j1 := min(j0+blockPanels, p1)
		for k := 0; k < b.k; k += blockK {
			t.k0 = min(blockK, b.k-k)
			for i := r0; i < r1; i += mr {
				t.m = min(mr, r1-i)
				t.a = a.Data[i*a.Stride+k:]
				for j := j0; j < j1; j++ {
					t.b = b.panel(j)[k*nr:]
					t.c = c.Data[i*c.Stride+j*nr:]
					if width := c.Cols - j*nr; width < nr {
						t.runEdge(b.on, width)
					} else {
						t.run(b.on)
					}
				}
			}
		}
	}
}

// runEdge runs a tile of which only the first width columns are C's, on a copy of full width.
//
//go:noinline
func (t *tile) runEdge(on tier, width int) {
	var full [maxTileRows * maxTileCols]float32
	_, nr := on.shape()
	u := *t
	u.c = full[:]
	for i := range t.m {
		u.crows[i] = i * nr
		copy(full[i*nr:], t.c[t.crows[i]:][:width])
	}
	u.run(on)
	for i := range t.m {
		copy(t.c[t.crows[i]:][:width], full[i*nr:])
	}
}
