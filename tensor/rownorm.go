package tensor

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// RowNormed is a norm along the rows of X, of whose row r
//
//	h = (X - Mean[r])*Scale[r],   y = h*Weight + Bias
//
// each product and sum rounded by itself.
type RowNormed struct {
	X            Matrix
	Weight, Bias []float32 // by column; of a gradient, Bias may be nil
	Mean, Scale  []float32 // by row

	// Centred says that a row's mean is taken off, and that Scale is 1/sqrt(variance+eps). Otherwise Mean is zero and
	// Scale 1/sqrt(mean square + eps).
	Centred bool
}

// check panics unless the parts fit together.
func (n *RowNormed) check(op string, all ...*Matrix) {
	sameShape(op, n.X, all...)
	n.X.check(op, "x")
	bias := n.Bias == nil || len(n.Bias) == n.X.Cols
	if len(n.Weight) != n.X.Cols || !bias || len(n.Mean) != n.X.Rows || len(n.Scale) != n.X.Rows {
		panic(fmt.Sprintf("tensor: %s: %d weights, %d biases, %d means and %d scales for %dx%d",
			op, len(n.Weight), len(n.Bias), len(n.Mean), len(n.Scale), n.X.Rows, n.X.Cols))
	}
}

// RowNorm norms every row by itself: it computes n.Mean and n.Scale, and y from them. The moments of a row are sums in
// float64, of 16 chains. y may be n.X.
func (p *Pool) RowNorm(y Matrix, n RowNormed, eps float32) {
	n.check("RowNorm", &y)
	if n.Bias == nil {
		panic("tensor: RowNorm: no biases")
	}
	job := call{do: doRowNorm, rows: rowNormCall{n: n, y: y, eps: eps}}
	job.share(p, n.X.Rows, 8*n.X.Cols)
}

// RowNormBack goes back through RowNorm. With g = dy*Weight and C columns, every row adds to dx
//
//	Scale*(g - mean of g - h*mean of g*h)
//
// where the first mean is left out unless n.Centred, or sets it where setX says so; and of every lane
//
//	sum[l, j] = sum of dy[l, r, j],   product[l, j] = sum of dy[l, r, j] * h[l, r, j]
//
// which are the gradients of Bias and Weight. x is as many lanes one below the other as sum and product have rows. Their
// sums are in float32 over blocks of 64 rows of a lane, which are then added in order, in float64. dx may be dy where it is
// set; without rows it is left out.
func (p *Pool) RowNormBack(dx, dy Matrix, n RowNormed, setX bool, sum, product Matrix) {
	const op = "RowNormBack"
	n.check(op, &dy)
	if dx.Rows > 0 {
		sameShape(op, n.X, &dx)
	}
	sums := normCall{do: doRowNormBack, x: n.X, first: sum, second: product, block: rowNormRows}
	if sums.rows = laneRows(op, n.X, &sum, &product); sums.rows == 0 {
		panic(fmt.Sprintf("tensor: %s: lanes without rows", op))
	}
	s := takeImageScratch()
	defer s.release()
	s.prepareSums(&sums)
	job := call{do: doRowNormBack, norm: sums, rows: rowNormCall{n: n, dx: dx, dy: dy, set: setX}}
	job.share(p, sums.blocks(), 16*n.X.Cols*rowNormRows)
	sums.fold(p)
}

// rowNormRows is the rows of a block of RowNormBack: fixed for good, since the bits depend on it.
const rowNormRows = 64

// rowNormCall is the operands of norms along rows.
type rowNormCall struct {
	n         RowNormed
	y, dx, dy Matrix
	eps       float32
	set       bool
}

// rowNorms norms rows [lo, hi).
func rowNorms(k *call, lo, hi int) {
	c := &k.rows
	n := &c.n
	count := float64(n.X.Cols)
	for r := lo; r < hi; r++ {
		x := n.X.Row(r)
		sum, squares := kernel.RowMoments(x)
		mean, square := 0.0, squares/count
		if n.Centred {
			mean = sum / count
			if square -= float64(mean * mean); square < 0 {
				square = 0
			}
		}
		n.Mean[r], n.Scale[r] = float32(mean), float32(1/math.Sqrt(square+float64(c.eps)))
		kernel.RowNorm(c.y.Row(r), x, n.Weight, n.Bias, n.Mean[r], n.Scale[r])
	}
}

// rowNormsBack goes back through blocks [lo, hi).
func rowNormsBack(k *call, lo, hi int) {
	c, cols := &k.rows, k.norm.x.Cols
	n, count := &c.n, float64(cols)
	for i := lo; i < hi; i++ {
		sums := k.norm.sums[2*cols*i:][:2*cols]
		clear(sums)
		for r, end := k.norm.span(i); r < end; r++ {
			x, dy, mean, scale := n.X.Row(r), c.dy.Row(r), n.Mean[r], n.Scale[r]
			sum, product := kernel.RowNormSums(sums[cols:], sums[:cols], dy, x, n.Weight, mean, scale)
			if c.dx.Rows == 0 {
				continue
			}
			if !n.Centred {
				sum = 0
			}
			by := -float64(scale) / count
			b, add := float32(by*product*float64(scale)), float32(by*sum)
			kernel.RowNormBack(c.dx.Row(r), dy, x, n.Weight, mean, scale, b, add, c.set)
		}
	}
}
