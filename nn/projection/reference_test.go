package projection

import (
	"encoding/json"
	"math"
	"os"
	"sync"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// reference is what testdata/reference.py wrote.
type reference struct {
	Digits []string
	PCA    struct {
		Variance []float64
		Total    float64
		Axes     [][]float64
		Points   [][]float64
	}
	Perplexity []struct {
		To []int32
		P  []float64
	}
	Smooth struct {
		Sigmas, Rhos []float64
		Fuzzy        []struct {
			To []int32
			W  []float64
		}
	}
	Curves  [][3]float64
	Quality map[string]struct{ Trustworthiness, Preservation float64 }
}

var readReference = sync.OnceValues(func() (r reference, err error) {
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
})

// digits are the first n handwritten digits, and what is known of them.
func digits(t testing.TB, n int) (tensor.Matrix, reference) {
	t.Helper()
	r, err := readReference()
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.NewMatrix(n, 64)
	for i := range n {
		for j, c := range []byte(r.Digits[i]) {
			v := c - '0'
			if c >= 'a' {
				v = c - 'a' + 10
			}
			x.Row(i)[j] = float32(v)
		}
	}
	return x, r
}

// pools are pools of one goroutine and of three.
func pools(t testing.TB) []*tensor.Pool {
	p := tensor.NewPool(3)
	t.Cleanup(p.Close)
	return []*tensor.Pool{nil, p}
}

func near64(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestPCAReference compares with NumPy's eigenvectors of the covariance.
func TestPCAReference(t *testing.T) {
	x, r := digits(t, 500)
	c := PCA(nil, x, 5)
	near64(t, "total variance", c.Total, r.PCA.Total, 1e-6*r.PCA.Total)
	y := c.Project(nil, x)
	for k, axis := range r.PCA.Axes {
		near64(t, "variance", c.Variance[k], r.PCA.Variance[k], 1e-6*r.PCA.Variance[k])
		for j, v := range axis {
			near64(t, "axis", c.Axes[k][j], v, 1e-6)
		}
		for i, p := range r.PCA.Points {
			near64(t, "point", float64(y.Row(i)[k]), p[k], 1e-4)
		}
	}
}

// TestPerplexityReference compares the probabilities of pairs with scikit-learn's.
func TestPerplexityReference(t *testing.T) {
	x, r := digits(t, 80)
	l := probabilities(Nearest(nil, x, 31, Euclidean), 10)
	for i, row := range r.Perplexity {
		to, p := l.to[l.from[i]:l.from[i+1]], l.weight[l.from[i]:l.from[i+1]]
		if len(to) != len(row.To) {
			t.Fatalf("point %d has %d links, want %d", i, len(to), len(row.To))
		}
		for c := range to {
			if to[c] != row.To[c] {
				t.Fatalf("point %d: link to %d, want %d", i, to[c], row.To[c])
			}
			near64(t, "probability", p[c], row.P[c], 2e-5*row.P[c]+1e-10)
		}
	}
}

// TestSmoothReference compares widths, nearest distances and the fuzzy set with umap-learn's.
func TestSmoothReference(t *testing.T) {
	x, r := digits(t, 80)
	g := Nearest(nil, x, UMAPNeighbors, Euclidean)
	_, nearests, widths := memberships(g)
	for i := range widths {
		near64(t, "nearest", nearests[i], r.Smooth.Rhos[i], 1e-5*r.Smooth.Rhos[i])
		near64(t, "width", widths[i], r.Smooth.Sigmas[i], 1e-4*r.Smooth.Sigmas[i])
	}
	l := fuzzy(g)
	for i, row := range r.Smooth.Fuzzy {
		to, w := l.to[l.from[i]:l.from[i+1]], l.weight[l.from[i]:l.from[i+1]]
		if len(to) != len(row.To) {
			t.Fatalf("point %d has %d links, want %d", i, len(to), len(row.To))
		}
		for c := range to {
			if to[c] != row.To[c] {
				t.Fatalf("point %d: link to %d, want %d", i, to[c], row.To[c])
			}
			near64(t, "strength", w[c], row.W[c], 1e-4)
		}
	}
}

func TestCurveReference(t *testing.T) {
	_, r := digits(t, 1)
	for _, c := range r.Curves {
		a, b := curve(c[0])
		near64(t, "a", a, c[1], 1e-5*c[1])
		near64(t, "b", b, c[2], 1e-5*c[2])
	}
}

// TestQuality holds layouts against those of scikit-learn and umap-learn of the same points.
func TestQuality(t *testing.T) {
	if testing.Short() {
		t.Skip("several layouts of 500 points")
	}
	x, r := digits(t, 500)
	pool := pools(t)[1]
	near := Nearest(pool, x, 91, Euclidean)
	judge := func(name string, flat tensor.Matrix, err error) {
		if err != nil {
			t.Fatal(err)
		}
		trust, kept := Trustworthiness(pool, x, flat, 12, 0), Preservation(pool, near.First(15), flat)
		want := r.Quality[name]
		t.Logf("%s: trustworthiness %.4f (theirs %.4f), preservation %.4f (%.4f)", name, trust, want.Trustworthiness, kept, want.Preservation)
		if trust < want.Trustworthiness-0.01 || kept < want.Preservation-0.01 {
			t.Errorf("%s is worse than theirs", name)
		}
	}
	flat, err := TSNE(t.Context(), pool, x, near, TSNEOptions{})
	judge("tsne", flat, err)
	for seed := range uint64(2) {
		flat, err = UMAP(t.Context(), pool, x, near.First(UMAPNeighbors), UMAPOptions{Seed: seed})
		judge("umap", flat, err)
	}
	flat, err = TSNE(t.Context(), pool, x, near, TSNEOptions{Dims: 3})
	judge("tsne3", flat, err)
}
