package projection

import (
	"github.com/rondo-ml/rondo/tensor"
)

// Components are the main directions of points.
type Components struct {
	Mean     []float64
	Axes     [][]float64 // [k][d], of length 1, at right angles; the largest element of each is positive
	Variance []float64   // along each axis: sum of squares / (n-1), the largest first
	Total    float64     // variance along all axes that there are
}

// covarianceRows is how many rows a product in float32 adds; the rest is added in float64.
const covarianceRows = 256

// PCA finds the k main directions of x, or as many as there are.
func PCA(pool *tensor.Pool, x tensor.Matrix, k int) *Components {
	c := &Components{Mean: mean(x)}
	s := covariance(pool, Centred(x))
	for i := range s.n {
		c.Total += s.row(i)[i]
	}
	c.Variance, c.Axes = eigen(pool, s, min(k, x.Cols))
	for i, v := range c.Variance {
		c.Variance[i] = max(v, 0) // rounding may leave less than nothing
	}
	return c
}

// covariance is the sum of the products of every two columns, divided by the rows less one.
func covariance(pool *tensor.Pool, x tensor.Matrix) square {
	s, part := newSquare(x.Cols), tensor.NewMatrix(x.Cols, x.Cols)
	for at := 0; at < x.Rows; at += covarianceRows {
		rows := min(covarianceRows, x.Rows-at)
		block := tensor.AllRows(tensor.Of(x.Data[at*x.Cols:(at+rows)*x.Cols], rows, x.Cols))
		clear(part.Data)
		pool.MatMulTransAdd(part, block, block)
		for i := range s.n {
			to := s.row(i)
			for j, v := range part.Row(i) {
				to[j] += float64(v)
			}
		}
	}
	for i := range s.data {
		s.data[i] /= float64(max(x.Rows-1, 1))
	}
	return s
}

// Project returns where points lie along the axes, from the mean: [n, k].
func (c *Components) Project(pool *tensor.Pool, x tensor.Matrix) tensor.Matrix {
	if x.Cols != len(c.Mean) {
		panic("projection: points of another number of dimensions than the components")
	}
	y := tensor.NewMatrix(x.Rows, len(c.Axes))
	pool.For(x.Rows, 64, func(lo, hi int) {
		row := make([]float64, x.Cols)
		for i := lo; i < hi; i++ {
			for j, v := range x.Row(i) {
				row[j] = float64(v) - c.Mean[j]
			}
			for k, axis := range c.Axes {
				y.Row(i)[k] = float32(dot(row, axis))
			}
		}
	})
	return y
}

// start lays points out by PCA in so many dimensions, for other methods to begin from. Where there are fewer
// directions, the others are zero.
func start(pool *tensor.Pool, x tensor.Matrix, dims int) [][]float64 {
	flat := PCA(pool, x, dims).Project(pool, x)
	y := make([][]float64, x.Rows)
	for i := range y {
		y[i] = make([]float64, dims)
		for j, v := range flat.Row(i) {
			y[i][j] = float64(v)
		}
	}
	return y
}
