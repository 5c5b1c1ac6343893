package projection

import (
	"math"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// square is a symmetric matrix of n rows, row by row.
type square struct {
	n    int
	data []float64
}

func newSquare(n int) square { return square{n, make([]float64, n*n)} }

func (s square) row(i int) []float64 { return s.data[i*s.n : (i+1)*s.n] }

func (s square) size() int { return s.n }

// operator is a symmetric matrix by what it makes of vectors.
type operator interface {
	size() int
	times(pool *tensor.Pool, v [][]float64) [][]float64 // each vector multiplied

	// onward is what the next round of the iteration below begins from: w, or something in which the first of values
	// lead by more. v are vectors, w what they became by times.
	onward(pool *tensor.Pool, v, w [][]float64, values []float64) [][]float64
}

const (
	smallSquare = 128  // up to here all eigenvectors are computed
	spare       = 16   // vectors beside those that are asked for, so that these settle soon
	mostRounds  = 400  // of the iteration below
	settled     = 1e-9 // what is left of C·v - value·v, as a share of the largest value
)

// eigen returns the k largest eigenvalues of s and their vectors, the largest first. Vectors are of length 1, and
// their largest element is positive. Small matrices are rotated by Jacobi until they are diagonal. Of large ones a
// block of vectors is multiplied again and again, and the small matrix that it sees is rotated.
func eigen(pool *tensor.Pool, s square, k int) (values []float64, vectors [][]float64) {
	if s.n > smallSquare && k+spare < s.n {
		return iterated(pool, s, k)
	}
	values, vectors = jacobi(s)
	return largestOf(values, vectors, min(k, s.n))
}

// iterated is eigen by multiplications alone, of a matrix that has more than k+spare rows.
func iterated(pool *tensor.Pool, s operator, k int) (values []float64, vectors [][]float64) {
	values, vectors = subspace(pool, s, k)
	return largestOf(values, vectors, k)
}

// largestOf are the first k, turned.
func largestOf(values []float64, vectors [][]float64, k int) ([]float64, [][]float64) {
	for _, v := range vectors[:k] {
		turn(v)
	}
	return values[:k], vectors[:k]
}

// turn makes the largest element of v positive.
func turn(v []float64) {
	at := 0
	for j := range v {
		if math.Abs(v[j]) > math.Abs(v[at]) {
			at = j
		}
	}
	if v[at] < 0 {
		for j := range v {
			v[j] = -v[j]
		}
	}
}

// jacobi returns all eigenvalues and vectors of s.
func jacobi(s square) (values []float64, vectors [][]float64) {
	n := s.n
	a, v := square{n, slices.Clone(s.data)}, newSquare(n) // rows of v are the vectors
	for i := range n {
		v.row(i)[i] = 1
	}
	const sweeps = 60
	for range sweeps {
		off, all := 0.0, 0.0
		for i := range n {
			for j, x := range a.row(i) {
				all += x * x
				if i != j {
					off += x * x
				}
			}
		}
		if off <= 1e-28*all {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(a, v, p, q)
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch x, y := a.row(i)[i], a.row(j)[j]; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for _, i := range order {
		values = append(values, a.row(i)[i])
		vectors = append(vectors, v.row(i))
	}
	return values, vectors
}

// rotate makes the elements (p, q) and (q, p) of a zero.
func rotate(a, v square, p, q int) {
	x := a.row(p)[q]
	if x == 0 {
		return
	}
	theta := (a.row(q)[q] - a.row(p)[p]) / (2 * x)
	t := 1 / (math.Abs(theta) + math.Sqrt(theta*theta+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(t*t+1)
	sin := t * c
	for i := range a.n {
		r := a.row(i)
		r[p], r[q] = c*r[p]-sin*r[q], sin*r[p]+c*r[q]
	}
	turnRows(a.row(p), a.row(q), c, sin)
	turnRows(v.row(p), v.row(q), c, sin)
}

func turnRows(p, q []float64, c, s float64) {
	for i, x := range p {
		p[i], q[i] = c*x-s*q[i], s*x+c*q[i]
	}
}

// subspace returns the k+spare largest eigenvalues and vectors of s, of which the first k have settled.
func subspace(pool *tensor.Pool, s operator, k int) (values []float64, vectors [][]float64) {
	b := k + spare
	v := make([][]float64, b)
	for i := range v {
		v[i] = make([]float64, s.size())
		for j := range v[i] {
			v[i][j] = float64(tensor.Normal([2]uint32{0x70726f6a, 0}, [4]uint32{uint32(i), uint32(j)}))
		}
	}
	orthonormal(v)
	for range mostRounds {
		w := s.times(pool, v)
		small := newSquare(b)
		for i := range b {
			for j := range b {
				small.row(i)[j] = (dot(v[i], w[j]) + dot(v[j], w[i])) / 2
			}
		}
		var turns [][]float64
		values, turns = jacobi(small)
		v, w = combine(pool, turns, v), combine(pool, turns, w)
		left := 0.0
		for i := range k {
			sum := 0.0
			for j := range w[i] {
				d := w[i][j] - values[i]*v[i][j]
				sum += d * d
			}
			left = max(left, math.Sqrt(sum))
		}
		if left <= settled*math.Abs(values[0]) {
			break
		}
		v = s.onward(pool, v, w, values)
		orthonormal(v)
	}
	return values, v
}

// times multiplies each vector by s.
func (s square) times(pool *tensor.Pool, v [][]float64) [][]float64 {
	w := make([][]float64, len(v))
	pool.For(len(v), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			w[i] = make([]float64, s.n)
			for r := range s.n {
				w[i][r] = dot(s.row(r), v[i])
			}
		}
	})
	return w
}

func (s square) onward(_ *tensor.Pool, _, w [][]float64, _ []float64) [][]float64 { return w }

// combine returns a vector for each row of turns: the sum of v, each times its element of the row.
func combine(pool *tensor.Pool, turns, v [][]float64) [][]float64 {
	w := make([][]float64, len(turns))
	pool.For(len(turns), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			w[i] = make([]float64, len(v[0]))
			for k, t := range turns[i] {
				for j, x := range v[k] {
					w[i][j] += t * x
				}
			}
		}
	})
	return w
}

// orthonormal makes vectors of length 1, each at a right angle to those before it. One that those before it make up
// becomes zero.
func orthonormal(v [][]float64) {
	for i := range v {
		before := math.Sqrt(dot(v[i], v[i]))
		for range 2 { // the second time takes what rounding left
			for k := range i {
				d := dot(v[k], v[i])
				for j, x := range v[k] {
					v[i][j] -= d * x
				}
			}
		}
		length := math.Sqrt(dot(v[i], v[i]))
		scale := 0.0
		if length > 1e-14*before {
			scale = 1 / length
		}
		for j := range v[i] {
			v[i][j] *= scale
		}
	}
}

// dot adds in four chains, so that additions do not wait for one another.
func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a) && i+4 <= len(b); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + (s2 + s3)
}
