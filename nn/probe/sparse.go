package probe

import "github.com/rondo-ml/rondo/tensor"

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

// scaling says which columns are constant: all others are taken as they are.
func (x Sparse) scaling(*tensor.Pool) scaling {
	rows, _ := x.Size()
	s, count := scaling{make([]float64, x.Cols), make([]float64, x.Cols)}, make([]int, x.Cols)
	for k, j := range x.Columns {
		if v := x.Values[k]; count[j] == 0 {
			s.shift[j] = v
		} else if v != s.shift[j] {
			s.scale[j] = 1
		}
		count[j]++
	}
	for j, n := range count {
		if n < rows && s.shift[j] != 0 {
			s.scale[j] = 1
		}
		if s.scale[j] == 1 {
			s.shift[j] = 0
		}
	}
	return s
}

func (x Sparse) model() quadratic { return &columns{x: x} }
