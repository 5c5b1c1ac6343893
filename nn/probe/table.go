package probe

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Table is features of texts: a row to a text, a column to a unit or a word. [Dense] and [Sparse] are tables.
type Table interface {
	Size() (rows, cols int)
	// Pick is a table of some rows, in that order.
	Pick(rows []int) Table

	multiply(pool *tensor.Pool, dst, w []float64) // dst = x·w
	transpose(dst, r []float64, lo, hi int)       // dst += xᵀ·r over rows [lo, hi)
	scaling(pool *tensor.Pool) scaling
	model() quadratic
}

// scaling makes columns comparable: z = (x - shift)/scale. Units differ by thousands in size and are far from zero, so
// that a Hessian of the features themselves is beyond float32, and descent on it slow. A scale of 0 says that a column
// is constant.
type scaling struct{ shift, scale []float64 }

// blocks is how many rows a block of a sum has, and how many blocks there are. It depends on the rows alone.
func blocks(rows int) (size, n int) {
	size = max(512, (rows+63)/64)
	return size, (rows + size - 1) / size
}

// transposed computes dst = xᵀ·r.
func transposed(pool *tensor.Pool, x Table, dst, r []float64) {
	rows, cols := x.Size()
	size, n := blocks(rows)
	parts := make([]float64, n*cols)
	pool.For(n, 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			x.transpose(parts[k*cols:(k+1)*cols], r, k*size, min((k+1)*size, rows))
		}
	})
	clear(dst)
	for k := range n {
		for j, v := range parts[k*cols : (k+1)*cols] {
			dst[j] += v
		}
	}
}

// Dense is features that all have values.
type Dense struct{ tensor.Matrix }

// Size returns the number of texts and of units.
func (x Dense) Size() (rows, cols int) { return x.Rows, x.Cols }

// Pick is a copy of some rows.
func (x Dense) Pick(rows []int) Table {
	y := tensor.NewMatrix(len(rows), x.Cols)
	for i, row := range rows {
		copy(y.Row(i), x.Row(row))
	}
	return Dense{y}
}

// Check returns a [TextError] that names the first number that is not finite or too large to be fitted to.
func (x Dense) Check() error {
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			if !(math.Abs(float64(v)) <= 1e6) {
				return &TextError{i, fmt.Errorf("unit %d is %v; want finite numbers, from -1e6 to 1e6", j, v)}
			}
		}
	}
	return nil
}

func (x Dense) multiply(pool *tensor.Pool, dst, w []float64) {
	pool.For(x.Rows, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst[i] = dot(x.Row(i), w)
		}
	})
}

// dot is a sum in four chains.
func dot(x []float32, w []float64) float64 {
	w = w[:len(x)]
	var a, b, c, d float64
	j := 0
	for ; j+4 <= len(x); j += 4 {
		a += float64(x[j]) * w[j]
		b += float64(x[j+1]) * w[j+1]
		c += float64(x[j+2]) * w[j+2]
		d += float64(x[j+3]) * w[j+3]
	}
	for ; j < len(x); j++ {
		a += float64(x[j]) * w[j]
	}
	return (a + b) + (c + d)
}

func (x Dense) transpose(dst, r []float64, lo, hi int) {
	for i := lo; i < hi; i++ {
		row, f := x.Row(i), r[i]
		to := dst[:len(row)]
		for j, v := range row {
			to[j] += f * float64(v)
		}
	}
}

// scaling is by mean and standard deviation.
func (x Dense) scaling(pool *tensor.Pool) scaling {
	ones, mean, square := make([]float64, x.Rows), make([]float64, x.Cols), make([]float64, x.Cols)
	for i := range ones {
		ones[i] = 1 / float64(x.Rows)
	}
	transposed(pool, x, mean, ones)
	pool.For(x.Cols, 64, func(lo, hi int) {
		for i := range x.Rows {
			for j, v := range x.Row(i)[lo:hi] {
				d := float64(v) - mean[lo+j]
				square[lo+j] += d * d
			}
		}
	})
	for j := range square {
		if square[j] = math.Sqrt(square[j] / float64(x.Rows)); square[j] <= 1e-9*math.Abs(mean[j]) {
			square[j] = 0
		}
	}
	return scaling{mean, square}
}

// gramRows is how many rows are added up in float32 before they join a sum in float64.
const gramRows = 512

func (x Dense) model() quadratic { return &hessian{x: x} }

// gram computes h += Zᵀ·diag(d)·Z, Z the scaled columns and a last one of ones.
func (x Dense) gram(pool *tensor.Pool, h []float64, columns []int, d []float64, s scaling) {
	k := len(columns) + 1
	z, sum := tensor.NewMatrix(min(gramRows, x.Rows), k), tensor.NewMatrix(k, k)
	for from := 0; from < x.Rows; from += gramRows {
		part := z.Slice(0, min(gramRows, x.Rows-from))
		pool.For(part.Rows, 16, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				row, to, root := x.Row(from+i), part.Row(i), float32(math.Sqrt(d[from+i]))
				for c, j := range columns {
					to[c] = root * float32((float64(row[j])-s.shift[j])/s.scale[j])
				}
				to[k-1] = root
			}
		})
		pool.MatMulTrans(sum, tensor.AllRows(part), tensor.AllRows(part))
		pool.For(k, 16, func(lo, hi int) {
			for i := lo * k; i < hi*k; i++ {
				h[i] += float64(sum.Data[i])
			}
		})
	}
}
