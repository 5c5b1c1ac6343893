package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Panels is a K x N right-hand operand packed for the tile: panels of as many columns as the tile is wide,
// each holding its K rows one after another, the last one padded with zeros. Packing again reuses the
// memory, so a Panels that is packed once a step allocates once. The zero value is empty and ready to use.
type Panels struct {
	data   []float32
	k, n   int
	on     kernel.Tier
	layout kernel.Layout
}

// K is the number of rows of the packed operand, and N that of its columns.
func (p *Panels) K() int { return p.k }

// N is the number of columns of the packed operand.
func (p *Panels) N() int { return p.n }

// Pack makes p a copy of b.
func (p *Panels) Pack(pool *Pool, b Matrix) {
	b.check("Pack", "b")
	p.pack(pool, b, b.Rows, b.Cols, doPack)
}

// PackTransposed makes p a copy of b's transpose: K = b.Cols, N = b.Rows.
func (p *Panels) PackTransposed(pool *Pool, b Matrix) {
	b.check("PackTransposed", "b")
	p.pack(pool, b, b.Cols, b.Rows, doPackTransposed)
}

// Use has p pack into memory, which others may use when nobody reads p. Where that is too small, p takes other.
func (p *Panels) Use(memory []float32) { p.data = memory[:0] }

// PackedProduct returns how many values a [k, n] operand takes when p packs it.
func (p *Pool) PackedProduct(k, n int) int {
	_, nr := kernel.Active.Shape()
	return (n + nr - 1) / nr * nr * productLayout(p.Precision(), kernel.Active).Steps(k)
}

func (p *Panels) pack(pool *Pool, b Matrix, k, n int, do task) {
	p.k, p.n, p.on = k, n, kernel.Active
	p.layout = productLayout(pool.Precision(), kernel.Active)
	_, nr := p.on.Shape()
	size := p.count() * nr * p.layout.Steps(k)
	if cap(p.data) < size {
		p.data = kernel.AlignedSlice(size)
	}
	p.data = p.data[:size]
	job := call{do: do, c: b, panels: p}
	job.share(pool, p.count(), nr*k)
}

// count is the number of panels.
func (p *Panels) count() int {
	_, nr := p.on.Shape()
	return (p.n + nr - 1) / nr
}

// panel is panel i: rows of as many values as the tile is wide, k of them unless the layout has others.
func (p *Panels) panel(i int) []float32 {
	_, nr := p.on.Shape()
	size := nr * p.layout.Steps(p.k)
	return p.data[i*size : (i+1)*size]
}

// packPanels goes a few rows of b at a time, so that it reads along several rows and writes a stretch of each panel.
func packPanels(k *call, lo, hi int) {
	if k.panels.layout == kernel.Tiled {
		packTiledPanels(k, lo, hi)
		return
	}
	const few = 16
	_, nr := k.panels.on.Shape()
	l := k.panels.layout
	for r0 := 0; r0 < k.panels.k; r0 += few {
		n := min(few, k.panels.k-r0)
		for i := lo; i < hi; i++ {
			dst, src := k.panels.panel(i), k.c.Data[i*nr:]
			width := min(nr, k.panels.n-i*nr)
			if width == nr && l == kernel.Plain {
				kernel.PackColumn(dst[r0*nr:], src[r0*k.c.Stride:], n, nr, k.c.Stride)
				continue
			}
			for r := r0; r < r0+n; r++ {
				row := dst[l.Place(r, k.panels.k)*nr:][:nr]
				copy(row, src[r*k.c.Stride:][:width])
				clear(row[width:])
			}
		}
	}
	for i := lo; i < hi; i++ {
		k.panels.layout.Finish(k.panels.panel(i), k.panels.k, nr, kernel.PadRight)
	}
}

// packTransposedPanels goes over some of the columns at a time in bfloat16, as the rounded ones are to stay in cache.
func packTransposedPanels(k *call, lo, hi int) {
	b := k.panels
	_, nr := b.on.Shape()
	if b.layout != kernel.Plain {
		s := takeScratch()
		defer s.release()
		for i := lo; i < hi; i++ {
			for q := 0; q < b.k; q += roundedCols {
				rows := k.c.part(i*nr, min((i+1)*nr, b.n), q, min(roundedCols, b.k-q))
				s.packRounded(b.panel(i)[b.layout.Steps(q)*nr:], rows, b.layout, nr)
			}
		}
		return
	}
	for i := lo; i < hi; i++ {
		dst := b.panel(i)
		width := min(nr, b.n-i*nr)
		if width < nr {
			clear(dst)
		}
		kernel.Transpose(dst, k.c.Data[i*nr*k.c.Stride:], nr, k.c.Stride, width, b.k)
	}
}
