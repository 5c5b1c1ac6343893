package projection

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Align moves a layout to the mean of another one of the same points, and turns and mirrors it, so that the sum of the
// squared distances between the two places of each point is the least (orthogonal Procrustes). Distances within the
// layout stay.
func Align(y, to tensor.Matrix) tensor.Matrix {
	if y.Rows != to.Rows || y.Cols != to.Cols {
		panic("projection: layouts of other shapes")
	}
	dims := y.Cols
	from, there := mean(y), mean(to)
	m := newSquare(dims) // [dimension of y][dimension of to]
	for i := range y.Rows {
		for a, v := range y.Row(i) {
			for b, w := range to.Row(i) {
				m.row(a)[b] += (float64(v) - from[a]) * (float64(w) - there[b])
			}
		}
	}
	r := rotation(m)
	out := tensor.NewMatrix(y.Rows, dims)
	for i := range y.Rows {
		for b := range dims {
			sum := there[b]
			for a, v := range y.Row(i) {
				sum += (float64(v) - from[a]) * r.row(a)[b]
			}
			out.Row(i)[b] = float32(sum)
		}
	}
	return out
}

// rotation is the orthogonal matrix nearest to m: U·Vᵀ of its singular value decomposition. Directions in which m is
// zero are completed by any at right angles.
func rotation(m square) square {
	n := m.n
	products := newSquare(n) // Mᵀ·M
	for i := range n {
		for a := range n {
			for b := range n {
				products.row(a)[b] += m.row(i)[a] * m.row(i)[b]
			}
		}
	}
	values, v := jacobi(products)
	u := make([][]float64, n)
	for k := range n {
		u[k] = make([]float64, n)
		if values[k] > 1e-20*values[0] && values[k] > 0 {
			for i := range n {
				u[k][i] = dot(m.row(i), v[k]) / math.Sqrt(values[k])
			}
		}
		complete(u[:k+1])
	}
	r := newSquare(n)
	for k := range n {
		for i := range n {
			for j := range n {
				r.row(i)[j] += u[k][i] * v[k][j]
			}
		}
	}
	return r
}

// complete makes the last vector one of length 1 at right angles to those before it. One of zeros becomes the unit
// vector that lies least along them.
func complete(u [][]float64) {
	k := len(u) - 1
	if dot(u[k], u[k]) == 0 {
		best, least := 0, math.Inf(1)
		for i := range u[k] {
			along := 0.0
			for _, before := range u[:k] {
				along += before[i] * before[i]
			}
			if along < least {
				best, least = i, along
			}
		}
		u[k][best] = 1
	}
	orthonormal(u)
}
