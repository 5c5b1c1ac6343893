package projection

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

const (
	krylov       = 100  // vectors of a Lanczos round
	lanczosMost  = 30   // rounds
	lanczosClose = 1e-4 // what is left of B·v - value·v, as umap-learn takes it
)

// spectral lays points out by the eigenvectors of the normalized Laplacian I - B of their links, with B =
// D^(-1/2)·A·D^(-1/2): those of the smallest values but for the first, which says nothing. Each is as long as its largest
// element is 1. It is nil where links leave points in parts: then the first vectors tell parts from one another alone.
func spectral(pool *tensor.Pool, l *links, dims int) [][]float64 {
	n := len(l.from) - 1
	if n < dims+3 || !l.connected() {
		return nil
	}
	b, first := l.normalized()
	vectors := lanczos(pool, b, first, dims)
	if vectors == nil {
		return nil
	}
	y := make([][]float64, n)
	for i := range y {
		y[i] = make([]float64, dims)
	}
	for d, v := range vectors {
		turn(v)
		most := 0.0
		for _, e := range v {
			most = max(most, math.Abs(e))
		}
		for i, e := range v {
			y[i][d] = e / most
		}
	}
	return y
}

// connected says whether links lead from each point to each.
func (l *links) connected() bool {
	n := len(l.from) - 1
	seen, next, count := make([]bool, n), []int32{0}, 1
	seen[0] = true
	for len(next) > 0 {
		i := next[len(next)-1]
		next = next[:len(next)-1]
		for c := l.from[i]; c < l.from[i+1]; c++ {
			if j := l.to[c]; l.weight[c] > 0 && !seen[j] {
				seen[j] = true
				count++
				next = append(next, j)
			}
		}
	}
	return count == n
}

// normalized is B, and its first eigenvector, whose value is 1: the square roots of the degrees.
func (l *links) normalized() (b *links, first []float64) {
	n := len(l.from) - 1
	first = make([]float64, n)
	for i := range n {
		for c := l.from[i]; c < l.from[i+1]; c++ {
			first[i] += l.weight[c]
		}
		first[i] = math.Sqrt(first[i])
	}
	b = &links{from: l.from, to: l.to, weight: make([]float64, len(l.weight))}
	for i := range n {
		for c := l.from[i]; c < l.from[i+1]; c++ {
			b.weight[c] = l.weight[c] / (first[i] * first[l.to[c]])
		}
	}
	length := math.Sqrt(dot(first, first))
	for i := range first {
		first[i] /= length
	}
	return b, first
}

// times is the links' matrix times a vector. Each element is one sum, whatever the number of threads.
func (l *links) times(pool *tensor.Pool, v []float64) []float64 {
	w := make([]float64, len(v))
	pool.For(len(v), 256, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for c := l.from[i]; c < l.from[i+1]; c++ {
				w[i] += l.weight[c] * v[l.to[c]]
			}
		}
	})
	return w
}

// lanczos returns the k eigenvectors of the largest values of b at right angles to first. Each round spans a Krylov space
// by vectors that are kept at right angles to all before, and the next one begins from the sum of what it found.
func lanczos(pool *tensor.Pool, b *links, first []float64, k int) [][]float64 {
	n := len(first)
	begin := make([]float64, n)
	for i := range begin {
		begin[i] = float64(tensor.Normal([2]uint32{0x7370656b, 0}, [4]uint32{uint32(i)}))
	}
	var vectors [][]float64
	for range lanczosMost {
		basis, alpha, beta := krylovOf(pool, b, first, begin, min(krylov, n-1))
		m := len(alpha)
		if m < k {
			return nil
		}
		t := newSquare(m)
		for i := range m {
			t.row(i)[i] = alpha[i]
			if i+1 < m {
				t.row(i)[i+1], t.row(i + 1)[i] = beta[i], beta[i]
			}
		}
		_, turns := jacobi(t)
		vectors = combine(pool, turns[:k], basis)
		left := 0.0
		for _, s := range turns[:k] {
			left = max(left, math.Abs(beta[m-1]*s[m-1]))
		}
		if left <= lanczosClose {
			break
		}
		clear(begin)
		for _, v := range vectors {
			for i, e := range v {
				begin[i] += e
			}
		}
	}
	return vectors
}

// krylovOf makes at most m vectors of length 1, each b times the one before, at right angles to those before it and to
// first; alpha and beta are the diagonal of b among them and what stands beside it.
func krylovOf(pool *tensor.Pool, b *links, first, begin []float64, m int) (basis [][]float64, alpha, beta []float64) {
	all := [][]float64{first}
	v := append([]float64{}, begin...)
	for len(alpha) < m {
		size := straighten(all, v)
		if len(alpha) > 0 {
			beta = append(beta, size)
		}
		if size < 1e-12 { // the space ends here
			break
		}
		for i := range v {
			v[i] /= size
		}
		all = append(all, v)
		w := b.times(pool, v)
		alpha = append(alpha, dot(w, v))
		v = w
	}
	if len(beta) < len(alpha) {
		beta = append(beta, straighten(all, v))
	}
	return all[1:], alpha, beta
}

// straighten takes from v what lies along vectors of length 1, and returns how long it then is.
func straighten(along [][]float64, v []float64) float64 {
	for range 2 { // the second time takes what rounding left
		for _, u := range along {
			d := dot(u, v)
			for j, x := range u {
				v[j] -= d * x
			}
		}
	}
	return math.Sqrt(dot(v, v))
}
