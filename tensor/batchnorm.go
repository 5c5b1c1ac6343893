package tensor

import "fmt"

// Batch norm goes lane by lane: x is [lanes*R x C], lane by lane, and what belongs to a channel of a lane is
// an element of a [lanes x C] matrix. What is small is left to the caller: from mean m and variance v follow
// scale = gamma/sqrt(v+eps) and shift = beta - m*scale.

// Normed is what the gradient of a batch norm is taken from.
type Normed struct {
	X     Matrix // what was normed
	Width int    // of its images in pixels, or zero: see BatchMoments
	R     Rectifier

	Mean, Scale, Shift Matrix // by lane

	// Y is the results. Where nothing was added it may be left without rows: what passed the rectifier follows from
	// X, Scale and Shift, by the same bits.
	Y Matrix
}

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

// BatchMoments computes every lane's column means and variances (divided by the rows, not one less):
//
//	mean[l, j] = sum of x[l, r, j] / R,   variance[l, j] = sum of (x[l, r, j] - mean[l, j])^2 / R
//
// The sums go over blocks of a lane's rows: as many whole rows of images as have 256 pixels at most, the images
// being width pixels wide, or 256 rows where width is zero or larger. In a block float32 sums are taken of the
// differences to its first row, and of their squares; blocks are then added in order, in float64.
func (p *Pool) BatchMoments(mean, variance, x Matrix, width int) {
	n := newMoments("BatchMoments", mean, variance, x, width)
	s := takeImageScratch()
	defer s.release()
	s.prepareSums(&n)
	n.share(p)
	n.fold(p)
}

func newMoments(op string, mean, variance, x Matrix, width int) normCall {
	rows := laneRows(op, x, &mean, &variance)
	if rows == 0 {
		panic(fmt.Sprintf("tensor: %s: lanes without rows have no mean", op))
	}
	return normCall{do: doMoments, x: x, first: mean, second: variance, rows: rows, block: normBlock(width)}
}

// BatchNormSums computes every lane's column sums of g and of g*(x - mean), where g is dy as it passes the
// rectifier:
//
//	sum[l, j] = sum of g[l, r, j],   product[l, j] = sum of g[l, r, j] * (x[l, r, j] - mean[l, j])
//
// in float32 over the blocks of BatchMoments, which are then added in order, in float64. They are the gradients of
// beta and, times 1/sqrt(v+eps), of gamma.
func (p *Pool) BatchNormSums(sum, product, dy Matrix, from Normed) {
	n := newNormSums("BatchNormSums", sum, product, dy, from)
	s := takeImageScratch()
	defer s.release()
	s.prepareSums(&n)
	n.share(p)
	n.fold(p)
}

func newNormSums(op string, sum, product, dy Matrix, from Normed) normCall {
	n := newNormed(op, doNormSums, dy, from)
	laneRows(op, from.X, &sum, &product)
	n.first, n.second = sum, product
	return n
}

// newNormed checks what all gradients read.
func newNormed(op string, do task, dy Matrix, from Normed) normCall {
	n := normCall{do: do, x: from.X, dy: dy, y: from.Y, mean: from.Mean, scale: from.Scale, shift: from.Shift,
		rectifier: from.R, block: normBlock(from.Width)}
	n.rows = laneRows(op, n.x, &n.mean, &n.scale, &n.shift)
	if from.R == Identity { // no result stops anything
		n.y = dy
	}
	sameShape(op, n.x, &n.dy)
	if n.y.Rows > 0 {
		sameShape(op, n.x, &n.y)
	}
	return n
}

// BatchNorm computes y = r(x*scale + shift + add), the product and sum with x fused. An add without rows is
// left out. y may be x or add.
func (p *Pool) BatchNorm(y, x, add, scale, shift Matrix, r Rectifier) {
	n := normCall{do: doNorm, x: x, y: y, add: add, scale: scale, shift: shift, rectifier: r, block: normBlock(0)}
	n.rows = laneRows("BatchNorm", x, &scale, &shift)
	sameShape("BatchNorm", x, &y)
	if add.Rows > 0 {
		sameShape("BatchNorm", x, &add)
	}
	n.share(p)
}

// BatchNormBack adds the gradient of the input, with g as in BatchNormSums, or sets it where setX says so:
//
//	dx[l, r, j] += scale[l, j]*g + (b[l, j]*x + c[l, j])
//
// each product fused with the sum to its right, and dadd += g where dadd has rows, or dadd = g with setAdd. With n
// rows in a lane and the results of BatchNormSums,
//
//	b = -scale*product/((v+eps)*n),   c = -scale*sum/n - b*mean
//
// dx may be dy. Where dadd has rows, so must the results.
func (p *Pool) BatchNormBack(dx, dadd Matrix, setX, setAdd bool, dy Matrix, from Normed, b, c Matrix) {
	const op = "BatchNormBack"
	n := newNormed(op, doNormBack, dy, from)
	laneRows(op, n.x, &b, &c)
	n.dx, n.dadd, n.b, n.c, n.setX, n.setAdd = dx, dadd, b, c, setX, setAdd
	sameShape(op, n.x, &n.dx)
	if n.dadd.Rows > 0 {
		sameShape(op, n.x, &n.dadd, &n.y)
	}
	n.share(p)
}
