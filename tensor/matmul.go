package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// The blocks of a product. A chain that is cut into blocks goes on from C, so that none of these decides any bits.
const (
	wideDepth   = 256 // rows of a panel that are multiplied at a time, if it has more than 16 columns
	narrowDepth = 384 // the same of other panels: 24 KiB of L1 in AVX2
	blockRows   = 120 // rows of the left operand at a time, which stay in L2; a multiple of the rows of every tile
	rowGap      = 16  // between copied rows: a power of two apart, they would share few lines of the cache
)

// MatMulAdd computes c += a*b. For M = a.Rows:
//
//	c [M x N]  +=  a [M x K] * b [K x N]
//
// Every element of c is one chain c = fma(a[k], b[k], c) over k = 0, 1, ..., so that its bits depend on its
// row of a and its column of b alone. c may not overlap a.
func (p *Pool) MatMulAdd(c, a Matrix, b *Panels) {
	if !checkProduct("MatMulAdd", c, a, b) {
		return
	}
	p.matMul(call{do: doMatMul, c: c, a: Blocks{M: a}, panels: b})
}

// MatMulBias computes c = bias + a*b, with every chain starting from bias[j], which has a value for each column:
// the bits of BroadcastRows and MatMulAdd after it, without the pass over c between. A nil bias is one of zeros.
func (p *Pool) MatMulBias(c, a Matrix, b *Panels, bias []float32) {
	if bias != nil && len(bias) != c.Cols {
		panic(fmt.Sprintf("tensor: MatMulBias: a bias of %d values for %d columns", len(bias), c.Cols))
	}
	if !checkProduct("MatMulBias", c, a, b) {
		c.set(bias)
		return
	}
	p.matMul(call{do: doMatMul, c: c, a: Blocks{M: a}, panels: b, dst: bias, fresh: true})
}

// checkProduct tells whether there is anything to multiply, and panics unless the shapes fit.
func checkProduct(op string, c, a Matrix, b *Panels) bool {
	c.check(op, "c")
	a.check(op, "a")
	if c.Rows != a.Rows || a.Cols != b.k || c.Cols != b.n {
		panic(fmt.Sprintf("tensor: %s: c is %dx%d, a %dx%d and b %dx%d",
			op, c.Rows, c.Cols, a.Rows, a.Cols, b.k, b.n))
	}
	return c.Rows != 0 && c.Cols != 0 && b.k != 0
}

// matMul shares out rows or panels, whichever leaves the busiest goroutine with less.
func (p *Pool) matMul(job call) {
	b := job.panels
	mr, nr := b.on.BlockShape(b.layout)
	units := job.c.Rows
	job.byCols = columnsFirst(p.Size(), job.c.Rows, mr, b.count())
	if job.byCols {
		units = b.count()
	}
	job.share(p, units, job.c.Rows*nr*b.count()/units*b.k)
}

// columnsFirst tells whether size goroutines share out panels, and not rows: whichever leaves the busiest one with less to do.
// If both are within a 32nd, it is what makes all goroutines read the smaller operand.
func columnsFirst(size, rows, mr, panels int) bool {
	if size == 1 {
		return false
	}
	byRows := rowCost((rows+size-1)/size, mr) * panels
	byCols := rowCost(rows, mr) * ((panels + size - 1) / size)
	if 31*byCols <= 32*byRows && 31*byRows <= 32*byCols {
		return rows < panels*16
	}
	return byCols < byRows
}

// rowCost is about what the tiles of some rows cost, in rows. A tile of less than two thirds of the most rows costs as much as
// two thirds: it has so few chains that it waits for their latency.
func rowCost(rows, mr int) int { return max(rows, tilesOf(rows, mr)*(mr*2/3)) }

// tilesOf is how many tiles rows take. Tile i is span(rows, tilesOf(rows, mr), i): tiles are of about equal height, since low
// ones are slow.
func tilesOf(rows, mr int) int { return (rows + mr - 1) / mr }

func matMulUnits(k *call, lo, hi int) {
	region := matMulRegion
	if k.panels.layout != kernel.Plain {
		region = blockedRegion
	}
	if k.byCols {
		region(k, 0, k.c.Rows, lo, hi)
		return
	}
	region(k, lo, hi, 0, k.panels.count())
}

// blockDepth is how many of the k rows of a panel [k, nr] are multiplied at a time: k is cut into about equal blocks that stay
// in L1, each a whole number of cache lines of the left operand.
func blockDepth(k, nr int) int {
	const line = 16
	most := narrowDepth
	if nr > 16 {
		most = wideDepth
	}
	n := (k + most - 1) / most
	return (k + n*line - 1) / (n * line) * line
}

// matMulRegion computes rows [r0, r1) of panels [p0, p1): for each block of rows of the left operand and each block of k, it
// goes through the panels and, in a panel, down the tiles of the block.
func matMulRegion(k *call, r0, r1, p0, p1 int) {
	b := k.panels
	_, nr := b.on.Shape()
	s := takeScratch()
	defer s.release()
	t := kernel.Tile{BK0: nr, K1: 1, Held: &s.hold, BPanel: nr * b.k}
	depth := blockDepth(b.k, nr)
	for i0 := r0; i0 < r1; i0 += blockRows {
		i1 := min(i0+blockRows, r1)
		for k0 := 0; k0 < b.k; k0 += depth {
			rows := Matrix{Data: k.a.M.Data[i0*k.a.M.Stride+k0:], Rows: i1 - i0, Cols: min(depth, b.k-k0), Stride: k.a.M.Stride}
			t.K0 = rows.Cols
			down := s.column(&t, k.c, rows, i0, b, p1-p0)
			first, next := k0*nr, (k0+depth)*nr
			for j, n := p0, 0; j < p1; j += n {
				n = down.atOnce(&t, nr, j*nr, p1-j)
				t.B, t.Next, t.Start, t.StartPanel = b.panel(j)[first:], nil, nil, 0
				if j+n < p1 {
					t.Next = b.panel(j + n)[first:]
				} else if k0+depth < b.k {
					t.Next = b.panel(p0)[next:]
				}
				if k0 == 0 && k.fresh {
					t.Start, t.StartPanel = startsOf(k.dst, j*nr, nr)
				}
				down.run(&t, b.on, j*nr, n)
			}
		}
	}
}

// column is the tiles of a block of rows, one below the other. The first `higher` ones have low+1 rows, the others low.
type column struct {
	a           []float32 // the left operand's rows in the block
	stride      int       // from one of these rows to the next, or 0 if they are packed by tiles
	apart       int       // from one packed tile to the next, or 0
	c           Matrix    // the result, all of it
	i0          int       // the block's first row in c
	low, higher int
	tiles       int
}

// column prepares the tiles of a block: rows of the left operand, for the rows of c from i0 on and for so many panels of b.
// The rows may lie a power of two apart, where no cache holds several of them. If there are enough panels to repay it, they
// are packed, or copied where the tier has no use for packed ones.
func (s *scratch) column(t *kernel.Tile, c, rows Matrix, i0 int, b *Panels, panels int) column {
	const repaid = 8
	mr, nr := b.on.Shape()
	n := tilesOf(rows.Rows, mr)
	d := column{c: c, i0: i0, low: rows.Rows / n, higher: rows.Rows % n, tiles: n}
	each := (t.K0*nr + n - 1) / n // values of the next panel that each tile fetches
	t.Pace, t.NextDown = (4*each+t.K0-1)/t.K0, each
	if panels >= repaid && n > 1 && b.on.HasColumns() {
		d.a, d.apart, t.AK0 = s.a, mr*rows.Cols, mr
		for i := range n {
			at, high := d.tile(i)
			kernel.PackRows(d.a[i*d.apart:], rows.Data[at*rows.Stride:], rows.Stride, high, mr, rows.Cols)
		}
		t.EvenRows(1, c.Stride)
		return d
	}
	if panels >= repaid {
		rows = s.copyRows(rows)
	}
	d.a, d.stride, t.AK0 = rows.Data, rows.Stride, 1
	t.EvenRows(rows.Stride, c.Stride)
	return d
}

// tile is the first row of tile i within the block, and its height.
func (d *column) tile(i int) (at, high int) {
	if i < d.higher {
		return i * (d.low + 1), d.low + 1
	}
	return i*d.low + d.higher, d.low
}

// atOnce is how many of the next panels are computed in one call, which no goroutine can interrupt: as many as take less than
// about 100 µs. The next panel begins at column j, and there are `panels` of them left.
func (d *column) atOnce(t *kernel.Tile, nr, j, panels int) int {
	const most = 1 << 22 // multiply-adds
	if !kernel.ColumnsAtOnce || d.apart == 0 || d.low < kernel.LeastColumnRows {
		return 1
	}
	each := (d.tiles*d.low + d.higher) * t.K0 * nr
	return max(1, min(panels, (d.c.Cols-j)/nr, most/each))
}

// run computes `panels` panels from column j on: one, or as many as atOnce says.
func (d *column) run(t *kernel.Tile, on kernel.Tier, j, panels int) {
	_, nr := on.Shape()
	t.A, t.C, t.Panels = d.a, d.c.Data[d.i0*d.c.Stride+j:], panels
	high, low := d.higher, d.tiles-d.higher
	if t.Rows = d.low + 1; high == 0 {
		t.Rows, high, low = d.low, low, 0
	}
	t.ADown, t.CDown = t.Rows*d.stride+d.apart, t.Rows*d.c.Stride
	if d.c.Cols-j >= nr && t.TryColumns(on, high, low) {
		return
	}
	for _, n := range [...]int{high, low} {
		t.ADown, t.CDown = t.Rows*d.stride+d.apart, t.Rows*d.c.Stride
		t.RunColumn(on, n, min(nr, d.c.Cols-j))
		t.Rows--
	}
}

// startsOf is what the chains of the panel at column j start from, and the distance to what those of the next panel start from.
func startsOf(bias []float32, j, nr int) (start []float32, step int) {
	if bias == nil {
		return zeros, 0
	}
	return bias[j:], nr
}

// copyRows copies a block of the left operand to s.a, with gaps between its rows.
func (s *scratch) copyRows(a Matrix) Matrix {
	c := Matrix{Data: s.a, Rows: a.Rows, Cols: a.Cols, Stride: narrowDepth + rowGap}
	for i := range a.Rows {
		copy(c.Data[i*c.Stride:], a.Data[i*a.Stride:][:a.Cols])
	}
	return c
}
