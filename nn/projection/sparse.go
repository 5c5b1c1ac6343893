package projection

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// SparsePCA is [PCA] of sparse points: the same directions, in a time that grows with what is not zero.
func SparsePCA(pool *tensor.Pool, x *tensor.Sparse, k int) *Components {
	k = min(k, x.Cols)
	s := &scatter{x: x, mean: meanRow(x)}
	c := &Components{Mean: s.mean, Total: s.total()}
	if s.small(k) {
		c.Variance, c.Axes = eigen(pool, s.square(), k)
	} else {
		c.Variance, c.Axes = iterated(pool, s, k)
	}
	for i, v := range c.Variance {
		c.Variance[i] = max(v, 0) // rounding may leave less than nothing
	}
	return c
}

// meanRow is the mean of the points.
func meanRow(x *tensor.Sparse) []float64 {
	m := make([]float64, x.Cols)
	for k, j := range x.Columns {
		m[j] += x.Values[k]
	}
	for j := range m {
		m[j] /= float64(max(x.Rows(), 1))
	}
	return m
}

// scatter is the covariance of sparse points, which is not written out: a product with it goes through the points.
type scatter struct {
	x    *tensor.Sparse
	mean []float64
}

func (s *scatter) size() int { return s.x.Cols }

// small says whether the covariance is better written out.
func (s *scatter) small(k int) bool { return s.x.Cols <= smallSquare || k+spare >= s.x.Cols }

func (s *scatter) divisor() float64 { return float64(max(s.x.Rows()-1, 1)) }

// times multiplies each vector by the covariance, in the goroutine that has it.
func (s *scatter) times(pool *tensor.Pool, v [][]float64) [][]float64 {
	w := make([][]float64, len(v))
	pool.For(len(v), 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			w[k] = s.once(v[k])
		}
	})
	return w
}

// once adds the points, each as far as it lies from the mean along v.
func (s *scatter) once(v []float64) []float64 {
	w, from, all := make([]float64, len(v)), dot(s.mean, v), 0.0
	for i := range s.x.Rows() {
		far := s.x.Dot(i, v) - from
		columns, values := s.x.Row(i)
		for k, j := range columns {
			w[j] += values[k] * far
		}
		all += far
	}
	for j, m := range s.mean {
		w[j] = (w[j] - m*all) / s.divisor()
	}
	return w
}

// mostLead bounds by how much the greatest value may outgrow the least in a round: rounding hides what is left of the
// others beyond.
const mostLead = 1e8

// onward multiplies by a Chebyshev polynomial of the covariance, which stays small up to the least of values and grows
// fast beyond it: texts have many directions that vary nearly alike, and products alone would take a hundred rounds
// and more to tell them apart. A product is cheap here, and a round is not.
func (s *scatter) onward(pool *tensor.Pool, v, w [][]float64, values []float64) [][]float64 {
	least := values[len(values)-1]
	if least <= settled*values[0] { // there are no more directions
		return w
	}
	degree := 1 + int(math.Log(mostLead)/math.Acosh(max(2*values[0]/least-1, 1.2))) // 30 at most
	before := v
	v = chebyshev(pool, 1, least, w, v, nil)
	for range degree - 1 {
		v, before = chebyshev(pool, 2, least, s.times(pool, v), v, before), v
	}
	return v
}

// chebyshev is factor·(2·w/least - v) - before: by the factor 2 the next of Chebyshev's polynomials, by 1, without
// before, the first of them.
func chebyshev(pool *tensor.Pool, factor, least float64, w, v, before [][]float64) [][]float64 {
	next := make([][]float64, len(v))
	pool.For(len(v), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			next[i] = make([]float64, len(v[i]))
			for j := range next[i] {
				next[i][j] = factor * (2*w[i][j]/least - v[i][j])
				if before != nil {
					next[i][j] -= before[i][j]
				}
			}
		}
	})
	return next
}

// total is the sum of the variances of all columns.
func (s *scatter) total() (sum float64) {
	for _, v := range s.x.Values {
		sum += v * v
	}
	for _, m := range s.mean {
		sum -= m * m * float64(s.x.Rows())
	}
	return max(sum, 0) / s.divisor()
}

// square writes the covariance out.
func (s *scatter) square() square {
	c := newSquare(s.x.Cols)
	for i := range s.x.Rows() {
		columns, values := s.x.Row(i)
		for a, j := range columns {
			row := c.row(int(j))
			for b, l := range columns {
				row[l] += values[a] * values[b]
			}
		}
	}
	for j, m := range s.mean {
		row := c.row(j)
		for l := range row {
			row[l] = (row[l] - m*s.mean[l]*float64(s.x.Rows())) / s.divisor()
		}
	}
	return c
}
