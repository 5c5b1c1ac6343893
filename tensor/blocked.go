package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Products in bfloat16. They are cut into blocks as those in float32 are, on operands that are packed on both sides. A chain is
// one of blocks of k here, so the cuts through k lie between these.

// blocked is the left operand of rows of a product, packed, and what its tiles have in common.
type blocked struct {
	t      kernel.BlockTile
	on     kernel.Tier
	layout kernel.Layout
	left   []float32
	mr, nr int
	apart  int // from one tile of the left operand to the next
	rows   int
}

// blockedDepth is how many values of k are multiplied at a time.
func blockedDepth(l kernel.Layout, nr int) int {
	switch {
	case l == kernel.Tiled:
		return tiledDepth
	case nr > 16:
		return wideDepth
	}
	return narrowDepth
}

// rowsOf is how many rows of the left operand stay in L2: blockRows, or as many whole tiles.
func rowsOf(l kernel.Layout) int {
	if l == kernel.Tiled {
		return tiledRows
	}
	return blockRows
}

// blockedRegion is matMulRegion in bfloat16.
func blockedRegion(k *call, r0, r1, p0, p1 int) {
	b := k.panels
	s := takeScratch()
	defer s.release()
	mr, nr := b.on.BlockShape(b.layout)
	d := blocked{on: b.on, layout: b.layout, mr: mr, nr: nr}
	depth, most := blockedDepth(b.layout, nr), rowsOf(b.layout)
	for i0 := r0; i0 < r1; i0 += most {
		i1 := min(i0+most, r1)
		for k0 := 0; k0 < b.k; k0 += depth {
			a := k.a.M
			d.pack(s, Matrix{Data: a.Data[i0*a.Stride+k0:], Rows: i1 - i0, Cols: min(depth, b.k-k0), Stride: a.Stride})
			for j := p0; j < p1; j++ {
				c := k.c.part(i0, i1, j*nr, min(nr, k.c.Cols-j*nr))
				d.t.Start = nil
				if k.fresh && k0 == 0 {
					d.t.Start, _ = startsOf(k.dst, j*nr, nr)
				}
				next := b.panel(min(j+1, p1-1))
				d.run(c, b.panel(j)[b.layout.Steps(k0)*nr:], next[b.layout.Steps(k0)*nr:])
			}
		}
	}
}

// part is rows [i0, i1) of some columns.
func (m Matrix) part(i0, i1, j, cols int) Matrix {
	return Matrix{Data: m.Data[i0*m.Stride+j:], Rows: i1 - i0, Cols: cols, Stride: m.Stride}
}

// pack packs rows of a left operand into s.a; s.b is free for that.
func (d *blocked) pack(s *scratch, a Matrix) {
	room := d.layout.Room(a.Cols)
	d.t.K, d.rows, d.left = room, a.Rows, s.a
	if d.layout == kernel.Tiled {
		d.t.AStride = room/2 + packGap
		d.apart = d.mr * d.t.AStride
		for i := range a.Rows {
			d.layout.RoundRow(s.a[i*d.t.AStride:], a.Data[i*a.Stride:][:a.Cols], kernel.PadLeft)
		}
		return
	}
	d.apart = d.mr*room + packGap
	for i := 0; i < a.Rows; i += d.mr {
		n := min(d.mr, a.Rows-i)
		for r := range n {
			d.layout.RoundRow(s.b[r*(room+packGap):], a.Data[(i+r)*a.Stride:][:a.Cols], kernel.PadLeft)
		}
		kernel.PackRows(s.a[i/d.mr*d.apart:], s.b, room+packGap, n, d.mr, room)
	}
}

// packTransposed packs rows [q0, q1) of columns [i0, i1) into s.a, as the left operand that is their transpose; s.beside is free.
func (d *blocked) packTransposed(s *scratch, a Blocks, q0, q1, i0, i1 int) {
	room := d.layout.Room(q1 - q0)
	d.t.K, d.rows, d.left = room, i1-i0, s.a
	if d.layout != kernel.Tiled {
		d.apart = packedAt(d.mr, d.mr, room)
		packTiles(s.a, a, q0, q1, i0, i1, d.mr, d.layout, kernel.PadLeft)
		return
	}
	d.t.AStride = room/2 + packGap
	d.apart = d.mr * d.t.AStride
	step := packedAt(d.mr, d.mr, room/2)
	s.packWords(s.beside, a, q0, q1, i0, i1, d.mr, step, kernel.PadLeft)
	for i := 0; i < i1-i0; i += d.mr {
		kernel.Transpose(s.a[i*d.t.AStride:], s.beside[i/d.mr*step:], d.t.AStride, d.mr, room/2, min(d.mr, i1-i0-i))
	}
}

// run adds the product of the left operand and one panel to c. The panel that comes next is fetched meanwhile, a piece by each
// tile.
func (d *blocked) run(c Matrix, panel, next []float32) {
	d.t.B, d.t.CStride = panel, c.Stride
	high := d.mr
	if d.layout == kernel.Tiled {
		high = d.rows
	}
	piece := d.t.K * d.nr / max(1, d.rows/high)
	for i := 0; i < d.rows; i += high {
		d.t.A, d.t.C = d.left[i/d.mr*d.apart:], c.Data[i*c.Stride:]
		d.t.Rows = min(high, d.rows-i)
		d.t.Next = next[min(len(next), i/high*piece):]
		d.t.Run(d.on, d.layout, c.Cols)
	}
}

// blockedTransRegion is transRegion in bfloat16, of one product.
func blockedTransRegion(k *call, r0, r1, c0, c1 int) {
	s := takeScratch()
	defer s.release()
	mr, nr := kernel.Active.BlockShape(k.layout)
	d := blocked{on: kernel.Active, layout: k.layout, mr: mr, nr: nr}
	depth, each, most := k.a.blocks()*k.a.Rows, blockedDepth(k.layout, nr), rowsOf(k.layout)
	for q0 := 0; q0 < depth; q0 += each {
		q1 := min(q0+each, depth)
		for j0 := c0; j0 < c1; j0 += transCols {
			j1 := min(j0+transCols, c1)
			step := packedAt(nr, nr, k.layout.Steps(q1-q0))
			if k.layout == kernel.Tiled {
				s.packWords(s.b, k.b, q0, q1, j0, j1, nr, step, kernel.PadRight)
			} else {
				packTiles(s.b, k.b, q0, q1, j0, j1, nr, k.layout, kernel.PadRight)
			}
			for i0 := r0; i0 < r1; i0 += most {
				i1 := min(i0+most, r1)
				d.packTransposed(s, k.a, q0, q1, i0, i1)
				for j := j0; j < j1; j += nr {
					c := k.c.part(i0, i1, j, min(nr, j1-j))
					d.t.Start = nil
					if k.fresh && q0 == 0 {
						d.t.Start = zeros
					}
					d.run(c, s.b[(j-j0)/nr*step:], s.b[((j-j0)/nr+1)*step:])
				}
			}
		}
	}
}
