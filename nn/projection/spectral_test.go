package projection

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// TestSpectral compares with all eigenvectors of the dense matrix, and is the same on any number of threads.
func TestSpectral(t *testing.T) {
	x, _ := digits(t, 150)
	l := fuzzy(Nearest(nil, x, UMAPNeighbors, Euclidean))
	if !l.connected() {
		t.Fatal("the digits lie in parts")
	}
	b, first := l.normalized()
	dense := newSquare(150)
	for i := range 150 {
		for c := b.from[i]; c < b.from[i+1]; c++ {
			dense.row(i)[b.to[c]] = b.weight[c]
		}
	}
	values, vectors := jacobi(dense)
	near64(t, "first value", values[0], 1, 1e-9)
	near64(t, "first vector", math.Abs(dot(vectors[0], first)), 1, 1e-9)
	var before [][]float64
	for _, pool := range pools(t) {
		got := lanczos(pool, b, first, 2)
		for k, v := range got {
			near64(t, "vector", math.Abs(dot(v, vectors[k+1])), 1, 1e-4)
			if before != nil && !slices.Equal(v, before[k]) {
				t.Error("another number of threads is another vector")
			}
		}
		before = got
	}
}

// TestSpectralParts takes PCA where points lie in parts, or are few.
func TestSpectralParts(t *testing.T) {
	x := tensor.NewMatrix(40, 2)
	for i := range 40 {
		x.Row(i)[0], x.Row(i)[1] = float32(i%7), float32(1000*(i%2))
	}
	for _, n := range []int{4, 40} {
		part := tensor.Of(x.Data[:2*n], n, 2)
		g := Nearest(nil, part, 3, Euclidean)
		if y := spectral(nil, fuzzy(g), 2); y != nil {
			t.Errorf("%d points: %v", n, y)
		}
		if flat, err := UMAP(t.Context(), nil, part, g, UMAPOptions{Epochs: 5}); err != nil || tensor.HasNonFinite(flat.Data) {
			t.Errorf("%d points: %v", n, err)
		}
	}
}
