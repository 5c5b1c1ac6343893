package tensor

import "fmt"

// Batch norm goes lane by lane: x is [lanes*R x C], lane by lane, and what belongs to a channel of a lane is
// an element of a [lanes x C] matrix. What is small is left to the caller: from mean m and variance v follow
// scale = gamma/sqrt(v+eps) and shift = beta - m*scale.

// laneRows panics unless x is a whole number of rows for each lane of all the small matrices, and returns it.
func laneRows(op string, x Matrix, small ...*Matrix) int {
	x.check(op, "x")
	lanes := small[0].Rows
	for _, m := range small {
		m.check(op, "a matrix by lane")
		if m.Rows != lanes || m.Cols != x.Cols || lanes == 0 || x.Rows%lanes != 0 {
			panic(fmt.Sprintf("tensor: %s: a matrix by lane of %dx%d for %d lanes of %dx%d", op, m.Rows, m.Cols, lanes, x.Rows, x.Cols))
		}
	}
	return x.Rows / lanes
}

// sameShape panics unless all matrices have the shape of x.
func sameShape(op string, x Matrix, all ...*Matrix) {
	for _, m := range all {
		m.check(op, "an operand")
		if m.Rows != x.Rows || m.Cols != x.Cols {
			panic(fmt.Sprintf("tensor: %s: %dx%d for %dx%d", op, m.Rows, m.Cols, x.Rows, x.Cols))
		}
	}
}

// momentRows is how many rows are summed in float32 before the sums are added in float64: fixed for good,
// since the bits depend on it.
const momentRows = 256

// normCall is the operands of batch norm's kernels.
type normCall struct {
	x, y, dy, dx, add, dadd Matrix
	a, b, c                 Matrix // by lane
	rectifier               Rectifier
	setX, setAdd            bool      // dx, dadd are set, not added to
	rows                    int       // of a lane
	sums                    []float32 // of every block: one row of sums, one of sums of products
}

// blocks is how many blocks of momentRows a lane has.
func (n *normCall) blocks() int { return (n.rows + momentRows - 1) / momentRows }

// BatchMoments computes every lane's column means and variances (divided by the rows, not one less):
//
//	mean[l, j] = sum of x[l, r, j] / R,   variance[l, j] = sum of (x[l, r, j] - mean[l, j])^2 / R
//
// from sums over blocks of 256 rows of the differences to the lane's first row.
func (p *Pool) BatchMoments(mean, variance, x Matrix) {
	rows := laneRows("BatchMoments", x, &mean, &variance)
	if rows == 0 {
		panic("tensor: BatchMoments: lanes without rows have no mean")
	}
	first := Matrix{Data: x.Data, Rows: mean.Rows, Cols: x.Cols, Stride: rows * x.Stride}
	w := takeWeightScratch()
	defer w.give()
	n := normCall{x: x, a: first, rows: rows}
	w.fold(p, doMoments, &n, func(l, j int, s, q float64) {
		s /= float64(rows)
		mean.Data[l*mean.Stride+j] = float32(float64(first.Data[l*first.Stride+j]) + s)
		variance.Data[l*variance.Stride+j] = float32(max(0, q/float64(rows)-float64(s*s)))
	})
}

// BatchNormSums computes every lane's column sums of g and of g*(x - mean), where g is dy as it passes the
// rectifier whose results y are:
//
//	sum[l, j] = sum of g[l, r, j],   product[l, j] = sum of g[l, r, j] * (x[l, r, j] - mean[l, j])
//
// from sums over blocks of 256 rows. They are the gradients of beta and, times 1/sqrt(v+eps), of gamma. y is
// not read without a rectifier.
func (p *Pool) BatchNormSums(sum, product, dy, y, x, mean Matrix, r Rectifier) {
	rows := laneRows("BatchNormSums", x, &sum, &product, &mean)
	sameShape("BatchNormSums", x, &dy)
	if r == Identity {
		y = dy
	}
	sameShape("BatchNormSums", x, &y)
	w := takeWeightScratch()
	defer w.give()
	n := normCall{x: x, dy: dy, y: y, a: mean, rows: rows, rectifier: r}
	w.fold(p, doNormSums, &n, func(l, j int, s, q float64) {
		sum.Data[l*sum.Stride+j], product.Data[l*product.Stride+j] = float32(s), float32(q)
	})
}

// fold forms the sums of all blocks and calls f with those of every lane and column, added in order.
func (w *weightScratch) fold(p *Pool, do kernel, n *normCall, f func(l, j int, s, q float64)) {
	lanes, cols, blocks := n.a.Rows, n.x.Cols, n.blocks()
	w.sums = sized(w.sums, 2*cols*lanes*blocks)
	n.sums = w.sums
	job := call{do: do, norm: *n}
	job.share(p, lanes*blocks, 4*cols*momentRows)
	if len(w.wide) < 2*cols {
		w.wide = make([]float64, 2*cols)
	}
	for l := range lanes {
		wide := w.wide[:2*cols]
		clear(wide)
		for i := l * blocks; i < (l+1)*blocks; i++ {
			for j, v := range w.sums[2*cols*i:][:2*cols] {
				wide[j] += float64(v)
			}
		}
		for j := range cols {
			f(l, j, wide[j], wide[cols+j])
		}
	}
}

// BatchNorm computes y = r(x*scale + shift + add), the product and sum with x fused. An add without rows is
// left out. y may be x or add.
func (p *Pool) BatchNorm(y, x, add, scale, shift Matrix, r Rectifier) {
	n := normCall{x: x, y: y, add: add, a: scale, b: shift, rectifier: r}
	n.rows = laneRows("BatchNorm", x, &scale, &shift)
	sameShape("BatchNorm", x, &y)
	if add.Rows > 0 {
		sameShape("BatchNorm", x, &add)
	}
	job := call{do: doNorm, norm: n}
	job.share(p, scale.Rows*n.blocks(), 4*x.Cols*momentRows)
}

// BatchNormBack adds the gradient of the input, with g as in BatchNormSums:
//
//	dx[l, r, j] += a[l, j]*g + (b[l, j]*x + c[l, j])
//
// each product fused with the sum to its right, and dadd += g where dadd has rows. With n rows in a lane and
// the results of BatchNormSums,
//
//	a = scale,   b = -scale*product/((v+eps)*n),   c = -scale*sum/n - b*mean
func (p *Pool) BatchNormBack(dx, dadd, dy, y, x, a, b, c Matrix, r Rectifier) {
	p.batchNormBack("BatchNormBack", normCall{x: x, dy: dy, y: y, dx: dx, dadd: dadd, a: a, b: b, c: c, rectifier: r})
}

// BatchNormBackSet is BatchNormBack, but sets dx where setX says so, and dadd where setAdd does.
func (p *Pool) BatchNormBackSet(dx, dadd Matrix, setX, setAdd bool, dy, y, x, a, b, c Matrix, r Rectifier) {
	p.batchNormBack("BatchNormBackSet", normCall{x: x, dy: dy, y: y, dx: dx, dadd: dadd, a: a, b: b, c: c, rectifier: r,
		setX: setX, setAdd: setAdd})
}

func (p *Pool) batchNormBack(op string, n normCall) {
	n.rows = laneRows(op, n.x, &n.a, &n.b, &n.c)
	if n.rectifier == Identity {
		n.y = n.dy
	}
	sameShape(op, n.x, &n.dx, &n.dy, &n.y)
	if n.dadd.Rows > 0 {
		sameShape(op, n.x, &n.dadd)
	}
	job := call{do: doNormBack, norm: n}
	job.share(p, n.a.Rows*n.blocks(), 8*n.x.Cols*momentRows)
}

// normUnits computes blocks [lo, hi), counted over all lanes.
func normUnits(k *call, lo, hi int) {
	n := &k.norm
	for i := lo; i < hi; i++ {
		l, block := i/n.blocks(), i%n.blocks()
		r0 := l*n.rows + block*momentRows
		d := channelRows{rows: min(momentRows, n.rows-block*momentRows), cols: n.x.Cols}
		d.x, d.xs = n.x.Data[r0*n.x.Stride:], n.x.Stride
		d.a = n.a.Data[l*n.a.Stride:]
		if n.sums != nil {
			sums := n.sums[2*d.cols*i:][:2*d.cols]
			clear(sums)
			d.s, d.q = sums[:d.cols], sums[d.cols:]
		}
		n.rest(k.do, &d, l, r0)
	}
}

// rest fills in the other operands of a block and runs its kernel.
func (n *normCall) rest(do kernel, d *channelRows, l, r0 int) {
	if do == doMoments {
		d.moments(vectorMoments(*d))
		return
	}
	d.y, d.ys = n.y.Data[r0*n.y.Stride:], n.y.Stride
	if do == doNorm {
		d.b = n.b.Data[l*n.b.Stride:]
		if n.add.Rows > 0 {
			d.add, d.adds = n.add.Data[r0*n.add.Stride:], n.add.Stride
		}
		d.lo, d.hi = n.rectifier.cuts()
		d.norm(vectorNorm(*d))
		return
	}
	d.dy, d.dys = n.dy.Data[r0*n.dy.Stride:], n.dy.Stride
	d.lo, d.hi = n.rectifier.stops()
	if do == doNormSums {
		d.sums(vectorNormSums(*d))
		return
	}
	d.b, d.c = n.b.Data[l*n.b.Stride:], n.c.Data[l*n.c.Stride:]
	d.dx, d.dxs = n.dx.Data[r0*n.dx.Stride:], n.dx.Stride
	if n.dadd.Rows > 0 {
		d.dadd, d.dadds = n.dadd.Data[r0*n.dadd.Stride:], n.dadd.Stride
	}
	d.setX, d.setAdd = n.setX, n.setAdd
	d.back(vectorNormBack(*d))
}
