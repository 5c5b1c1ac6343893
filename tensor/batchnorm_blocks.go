package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// momentRows is the most rows whose sums are formed in float32 before they are added in float64: fixed for good,
// since the bits depend on it.
const momentRows = 256

// normBlock is the rows of a block: whole rows of images of the width where those are not wider than a block.
func normBlock(width int) int {
	if width <= 0 || width > momentRows {
		return momentRows
	}
	return momentRows / width * width
}

// normCall is the operands of batch norm's kernels. Sums are formed block by block, and whoever writes the rows of a
// block may form them on the way: do is the kernel for it, or doNothing.
type normCall struct {
	do                      task
	x, y, dy, dx, add, dadd Matrix
	mean, scale, shift      Matrix // by lane
	b, c                    Matrix
	rectifier               Rectifier
	setX, setAdd            bool // dx, dadd are set, not added to
	rows, block             int  // of a lane, and of a block
	first, second           Matrix
	sums                    []float32 // of every block: one row of sums, one of sums of products
}

// perLane is how many blocks a lane has, and blocks how many there are.
func (n *normCall) perLane() int { return (n.rows + n.block - 1) / n.block }
func (n *normCall) blocks() int  { return n.x.Rows / n.rows * n.perLane() }

// span is the rows [r0, r1) of block i.
func (n *normCall) span(i int) (r0, r1 int) {
	l, at := i/n.perLane(), i%n.perLane()*n.block
	return l*n.rows + at, l*n.rows + min(n.rows, at+n.block)
}

// at is the block of a row.
func (n *normCall) at(row int) int { return row/n.rows*n.perLane() + row%n.rows/n.block }

// even tells whether blocks can be shared out evenly among size goroutines.
func (n *normCall) even(size int) bool { return n.blocks()%size == 0 || n.blocks() >= 8*size }

// share goes over all blocks, or shares out columns.
func (n *normCall) share(p *Pool) {
	if n.rows == 0 {
		return
	}
	job := call{do: n.do, norm: *n}
	if job.byCols = !n.even(p.Size()); job.byCols {
		job.share(p, (n.x.Cols+normColumns-1)/normColumns, 4*n.x.Rows*normColumns)
		return
	}
	job.share(p, n.blocks(), 4*n.x.Cols*n.block)
}

// normColumns is how many columns are shared out at a time.
const normColumns = 16

func normUnits(k *call, lo, hi int) {
	n := &k.norm
	if k.byCols {
		for i := range n.blocks() {
			r0, r1 := n.span(i)
			n.rowsOf(i, r0, r1, lo*normColumns, min(hi*normColumns, n.x.Cols))
		}
		return
	}
	for i := lo; i < hi; i++ {
		r0, r1 := n.span(i)
		n.rowsOf(i, r0, r1, 0, n.x.Cols)
	}
}

// rowsOf computes rows [r0, r1) of block i, in columns [j0, j1). A block's sums are cleared with its first row, so a block
// may be computed in several calls if they go through its rows in order.
func (n *normCall) rowsOf(i, r0, r1, j0, j1 int) {
	l := i / n.perLane()
	d := kernel.ChannelRows{Rows: r1 - r0, Cols: j1 - j0}
	d.X, d.XStep = n.x.Data[r0*n.x.Stride+j0:], n.x.Stride
	first, _ := n.span(i)
	if n.sums != nil {
		sums := n.sums[2*n.x.Cols*i:][:2*n.x.Cols]
		d.Sums, d.Products = sums[j0:j1], sums[n.x.Cols+j0:][:j1-j0]
		if r0 == first {
			clear(d.Sums)
			clear(d.Products)
		}
	}
	if n.do == doMoments {
		d.Mean = n.x.Data[first*n.x.Stride+j0:]
		d.Moments()
		return
	}
	d.Scale, d.Shift = n.scale.Data[l*n.scale.Stride+j0:], n.shift.Data[l*n.shift.Stride+j0:]
	if n.y.Rows > 0 {
		d.Y, d.YStep = n.y.Data[r0*n.y.Stride+j0:], n.y.Stride
	}
	if n.do == doNorm {
		if n.add.Rows > 0 {
			d.Add, d.AddStep = n.add.Data[r0*n.add.Stride+j0:], n.add.Stride
		}
		d.Lo, d.Hi = n.rectifier.cuts()
		d.Norm()
		return
	}
	d.DY, d.DYStep = n.dy.Data[r0*n.dy.Stride+j0:], n.dy.Stride
	d.Lo, d.Hi = n.rectifier.stops()
	if n.do == doNormSums {
		d.Mean = n.mean.Data[l*n.mean.Stride+j0:]
		d.NormSums()
		return
	}
	d.B, d.C = n.b.Data[l*n.b.Stride+j0:], n.c.Data[l*n.c.Stride+j0:]
	d.DX, d.DXStep = n.dx.Data[r0*n.dx.Stride+j0:], n.dx.Stride
	if n.dadd.Rows > 0 {
		d.DAdd, d.DAddStep = n.dadd.Data[r0*n.dadd.Stride+j0:], n.dadd.Stride
	}
	d.SetX, d.SetAdd = n.setX, n.setAdd
	d.NormBack()
}

// prepareSums makes room for the sums of all blocks.
func (s *imageScratch) prepareSums(n *normCall) {
	s.norms = sized(s.norms, 2*n.x.Cols*n.blocks())
	n.sums = s.norms
}

// fold adds the blocks of every lane.
func (n *normCall) fold(p *Pool) {
	job := call{do: doFoldNorm, norm: *n}
	job.share(p, n.x.Cols, 128*n.blocks()) // in float64, one after the other
}

// foldColumns adds the blocks of columns [lo, hi), some columns at a time.
func foldColumns(k *call, lo, hi int) {
	const some = 16
	n := &k.norm
	for l := range n.first.Rows {
		for j := lo; j < hi; j += some {
			var s, q [some]float64
			n.foldLane(l, j, s[:min(some, hi-j)], q[:])
		}
	}
}

// foldLane adds the blocks of a lane in columns from j on, in s and q. What moments are relative to moves from the
// first row of a block, which is d away, to that of the lane: sums by n*d, and sums of squares by 2*d*sum + n*d*d.
func (n *normCall) foldLane(l, j int, s, q []float64) {
	cols := n.x.Cols
	first := n.x.Data[l*n.rows*n.x.Stride+j:]
	for i := l * n.perLane(); i < (l+1)*n.perLane(); i++ {
		sums, products := n.sums[2*cols*i+j:][:len(s)], n.sums[2*cols*i+cols+j:]
		if n.do != doMoments {
			for c, v := range sums {
				s[c] += float64(v)
				q[c] += float64(products[c])
			}
			continue
		}
		r0, r1 := n.span(i)
		from, count := n.x.Data[r0*n.x.Stride+j:], float64(r1-r0)
		for c, v := range sums {
			d := float64(from[c]) - float64(first[c])
			moved := float64(v) + float64(count*d)
			s[c] += moved
			q[c] += float64(products[c]) + float64(d*(float64(v)+moved))
		}
	}
	a, b := n.first.Data[l*n.first.Stride+j:], n.second.Data[l*n.second.Stride+j:]
	for c := range s {
		if n.do != doMoments {
			a[c], b[c] = float32(s[c]), float32(q[c])
			continue
		}
		mean := s[c] / float64(n.rows)
		a[c] = float32(float64(first[c]) + mean)
		b[c] = float32(max(0, q[c]/float64(n.rows)-float64(mean*mean)))
	}
}
