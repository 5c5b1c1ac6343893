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
const momentRows = 128

// BatchMoments computes every lane's column means and variances (divided by the rows, not one less):
//
//	mean[l, j] = sum of x[l, r, j] / R,   variance[l, j] = sum of (x[l, r, j] - mean[l, j])^2 / R
//
// from sums over blocks of 128 rows of the differences to the lane's first row.
func (p *Pool) BatchMoments(mean, variance, x Matrix) {
	rows := laneRows("BatchMoments", x, &mean, &variance)
	for l := range mean.Rows {
		lane := x.Slice(l*rows, (l+1)*rows)
		for j := range x.Cols {
			var s, q float64
			for r0 := 0; r0 < rows; r0 += momentRows {
				var bs, bq float32
				for r := r0; r < min(rows, r0+momentRows); r++ {
					d := lane.Row(r)[j] - lane.Row(0)[j]
					bs += d
					bq = FMA32(d, d, bq)
				}
				s, q = s+float64(bs), q+float64(bq)
			}
			s /= float64(rows)
			mean.Row(l)[j] = float32(float64(lane.Row(0)[j]) + s)
			variance.Row(l)[j] = float32(max(0, q/float64(rows)-float64(s*s)))
		}
	}
}

// BatchNorm computes y = r(x*scale + shift + add), the product and sum with x fused. An add without rows is
// left out. y may be x or add.
func (p *Pool) BatchNorm(y, x, add, scale, shift Matrix, r Rectifier) {
	rows := laneRows("BatchNorm", x, &scale, &shift)
	sameShape("BatchNorm", x, &y)
	if add.Rows > 0 {
		sameShape("BatchNorm", x, &add)
	}
	for i := range x.Rows {
		a, b, to := scale.Row(i/rows), shift.Row(i/rows), y.Row(i)
		for j, v := range x.Row(i) {
			v = FMA32(v, a[j], b[j])
			if add.Rows > 0 {
				v += add.Row(i)[j]
			}
			to[j] = r.of(v)
		}
	}
}

// BatchNormSums computes every lane's column sums of g and of g*(x - mean), where g is dy as it passes the
// rectifier whose results y are:
//
//	sum[l, j] = sum of g[l, r, j],   product[l, j] = sum of g[l, r, j] * (x[l, r, j] - mean[l, j])
//
// from sums over blocks of 128 rows. They are the gradients of beta and, times 1/sqrt(v+eps), of gamma. y is
// not read without a rectifier.
func (p *Pool) BatchNormSums(sum, product, dy, y, x, mean Matrix, r Rectifier) {
	rows := laneRows("BatchNormSums", x, &sum, &product, &mean)
	sameShape("BatchNormSums", x, &dy)
	if r != Identity {
		sameShape("BatchNormSums", x, &y)
	}
	for l := range mean.Rows {
		for j := range x.Cols {
			var s, q float64
			for r0 := l * rows; r0 < (l+1)*rows; r0 += momentRows {
				var bs, bq float32
				for i := r0; i < min((l+1)*rows, r0+momentRows); i++ {
					g := dy.Row(i)[j]
					if r != Identity {
						g = r.gradient(g, y.Row(i)[j])
					}
					bs += g
					bq = FMA32(g, x.Row(i)[j]-mean.Row(l)[j], bq)
				}
				s, q = s+float64(bs), q+float64(bq)
			}
			sum.Row(l)[j], product.Row(l)[j] = float32(s), float32(q)
		}
	}
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
	rows := laneRows("BatchNormBack", x, &a, &b, &c)
	sameShape("BatchNormBack", x, &dx, &dy)
	if r != Identity {
		sameShape("BatchNormBack", x, &y)
	}
	if dadd.Rows > 0 {
		sameShape("BatchNormBack", x, &dadd)
	}
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			g := dy.Row(i)[j]
			if r != Identity {
				g = r.gradient(g, y.Row(i)[j])
			}
			if dadd.Rows > 0 {
				dadd.Row(i)[j] += g
			}
			l := i / rows
			dx.Row(i)[j] += FMA32(a.Row(l)[j], g, FMA32(b.Row(l)[j], v, c.Row(l)[j]))
		}
	}
}
