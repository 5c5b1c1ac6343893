package probe

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Sparse is features of which most are zero, a row for each text: the words that it has.
type Sparse struct{ *tensor.Sparse }

// NewSparse is no texts yet, of so many words.
func NewSparse(cols int) Sparse { return Sparse{tensor.NewSparse(cols)} }

// Size returns the number of texts and of words.
func (x Sparse) Size() (rows, cols int) { return x.Rows(), x.Cols }

// Pick is a copy of some rows.
func (x Sparse) Pick(rows []int) Table {
	y := NewSparse(x.Cols)
	for _, i := range rows {
		y.Add(x.Row(i))
	}
	return y
}

func (x Sparse) multiply(pool *tensor.Pool, dst, w []float64) {
	pool.For(len(dst), 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst[i] = x.Dot(i, w)
		}
	})
}

func (x Sparse) transpose(dst, r []float64, lo, hi int) {
	for i := lo; i < hi; i++ {
		columns, values := x.Row(i)
		for k, j := range columns {
			dst[j] += r[i] * values[k]
		}
	}
}

// scaling is by the root of the mean square: what is zero stays zero.
func (x Sparse) scaling(*tensor.Pool) scaling {
	s := scaling{make([]float64, x.Cols), make([]float64, x.Cols)}
	for k, j := range x.Columns {
		s.scale[j] += x.Values[k] * x.Values[k]
	}
	rows, _ := x.Size()
	for j := range s.scale {
		s.scale[j] = math.Sqrt(s.scale[j] / float64(rows))
	}
	return s
}

// gram goes through the pairs of columns that a row has; a goroutine forms some rows of h.
func (x Sparse) gram(pool *tensor.Pool, h []float64, columns []int, d []float64, s scaling) {
	n := len(columns) + 1
	place := make([]int32, x.Cols) // of a column among the wanted ones, from 1 on
	for c, j := range columns {
		place[j] = int32(c + 1)
	}
	pool.For(n, 16, func(lo, hi int) {
		var at []int
		var values []float64
		for i := range d {
			at, values = at[:0], values[:0]
			all, own := x.Row(i)
			for k, j := range all {
				if p := place[j]; p > 0 {
					at, values = append(at, int(p-1)), append(values, own[k]/s.scale[j])
				}
			}
			at, values = append(at, n-1), append(values, 1)
			for a, p := range at {
				if p < lo || p >= hi {
					continue
				}
				row, f := h[p*n:(p+1)*n], d[i]*values[a]
				for b, q := range at {
					row[q] += f * values[b]
				}
			}
		}
	})
}
