package probe

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// cholesky is L of a symmetric positive matrix A = L·Lᵀ, [n, n], row by row; above the diagonal lies what was there.
type cholesky struct {
	n int
	l []float64
}

func (c *cholesky) row(i int) []float64 { return c.l[i*c.n : (i+1)*c.n] }

// panel is how many columns are eliminated at a time.
const panel = 48

// factor replaces A by L, and says whether A was positive.
func (c *cholesky) factor(pool *tensor.Pool) bool {
	for from := 0; from < c.n; from += panel {
		to := min(from+panel, c.n)
		for i := from; i < to; i++ {
			if !c.finish(i, from, i+1) {
				return false
			}
		}
		pool.For(c.n-to, 8, func(lo, hi int) {
			for i := to + lo; i < to+hi; i++ {
				c.finish(i, from, to)
			}
		})
		pool.For(c.n-to, 8, func(lo, hi int) {
			for i := to + lo; i < to+hi; i++ {
				own := c.row(i)[from:to]
				for j := to; j <= i; j++ {
					c.l[i*c.n+j] -= dot64(own, c.row(j)[from:to])
				}
			}
		})
	}
	return true
}

// finish eliminates columns [from, to) of a row whose columns before are done.
func (c *cholesky) finish(i, from, to int) bool {
	own := c.row(i)
	for j := from; j < to; j++ {
		v := own[j] - dot64(own[from:j], c.row(j)[from:j])
		if j < i {
			own[j] = v / c.l[j*c.n+j]
			continue
		}
		if !(v > 0) {
			return false
		}
		own[j] = math.Sqrt(v)
	}
	return true
}

// solve replaces b by the solution of A·x = b.
func (c *cholesky) solve(b []float64) {
	for i := range b {
		b[i] = (b[i] - dot64(c.row(i)[:i], b[:i])) / c.l[i*c.n+i]
	}
	for i := c.n - 1; i >= 0; i-- {
		b[i] /= c.l[i*c.n+i]
		for j, v := range c.row(i)[:i] {
			b[j] -= b[i] * v
		}
	}
}

// dot64 is a sum in four chains.
func dot64(x, y []float64) float64 {
	y = y[:len(x)]
	var a, b, c, d float64
	j := 0
	for ; j+4 <= len(x); j += 4 {
		a += x[j] * y[j]
		b += x[j+1] * y[j+1]
		c += x[j+2] * y[j+2]
		d += x[j+3] * y[j+3]
	}
	for ; j < len(x); j++ {
		a += x[j] * y[j]
	}
	return (a + b) + (c + d)
}
