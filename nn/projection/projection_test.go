package projection

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// noise is a matrix of normal numbers, each row scaled by its columns' own widths.
func noise(n, d int, seed uint32) tensor.Matrix {
	x := tensor.NewMatrix(n, d)
	for i := range n {
		for j := range d {
			x.Row(i)[j] = tensor.Normal([2]uint32{seed, 1}, [4]uint32{uint32(i), uint32(j)}) / float32(1+j)
		}
	}
	return x
}

// TestThreads asks for the same bits on any number of threads.
func TestThreads(t *testing.T) {
	n, rounds := 300, 60
	if testing.Short() {
		n, rounds = 80, 20
	}
	x := noise(n, 150, 1)
	var want []tensor.Matrix
	for _, pool := range pools(t) {
		near := Nearest(pool, x, 20, Cosine)
		var all []tensor.Matrix
		all = append(all, PCA(pool, x, 3).Project(pool, x), tensor.Of(near.Distance, n, 20))
		flat, err := TSNE(t.Context(), pool, x, near, TSNEOptions{Dims: 3, Perplexity: 5, Iterations: rounds})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, flat)
		flat, err = UMAP(t.Context(), pool, x, near.First(10), UMAPOptions{Dims: 2, Epochs: 20, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, flat)
		if want == nil {
			want = all
			continue
		}
		for i := range all {
			if !slices.Equal(all[i].Data, want[i].Data) {
				t.Errorf("result %d depends on the number of threads", i)
			}
		}
	}
}

// TestSubspace compares the iteration for large matrices with rotations.
func TestSubspace(t *testing.T) {
	d := 140
	if testing.Short() {
		d = 60
	}
	s := covariance(nil, Centred(noise(400, d, 2)))
	values, vectors := subspace(nil, s, 6)
	want, axes := jacobi(s)
	for k := range 6 {
		near64(t, "value", values[k], want[k], 1e-10*want[0])
		near64(t, "cosine of the vectors", math.Abs(dot(vectors[k], axes[k])), 1, 1e-9)
	}
}

// TestNearest compares with each point against each, in float64.
func TestNearest(t *testing.T) {
	const n, k = 1100, 7 // more than a block
	x := noise(n, 9, 3)
	copy(x.Row(5), x.Row(4)) // in one place
	clear(x.Row(6))
	for _, m := range []Metric{Euclidean, Cosine} {
		g, y := Nearest(nil, x, k, m), ready(x, m)
		for i := 0; i < n; i += 3 {
			var all []near
			for j := range n {
				if j != i {
					all = append(all, near{between(y.Row(i), y.Row(j), m), int32(j)})
				}
			}
			slices.SortFunc(all, nearer)
			index, far := g.Row(i)
			for c := range k {
				if index[c] != all[c].index || far[c] != float32(all[c].far) {
					t.Fatalf("%v: neighbour %d of %d: %d at %v, want %d at %v", m, c, i, index[c], far[c], all[c].index, all[c].far)
				}
			}
		}
	}
}

// TestTree compares what far points push with the sum over all, and with theta near 0 to the last digits.
func TestTree(t *testing.T) {
	for _, dims := range []int{2, 3} {
		const n = 500
		y := make([]float64, 0, n*dims)
		for i, v := range noise(n, dims, 4).Data {
			y = append(y, float64(v))
			if i >= 2*dims && i < 3*dims { // a point twice
				y[i] = y[i-dims]
			}
		}
		var tr tree
		tr.build(y, dims)
		for _, c := range []struct{ theta, within float64 }{{1e-9, 1e-12}, {0.5, 0.02}} {
			for i := range n {
				var p, want [3]float64
				copy(p[:], y[i*dims:(i+1)*dims])
				sum := 0.0
				for j := range n {
					if j == i {
						continue
					}
					r := 1 / (1 + far(p[:dims], y[j*dims:(j+1)*dims])/float64(dims-1))
					q := math.Pow(r, float64(dims)/2)
					sum += q
					for d := range dims {
						want[d] += q * r * (p[d] - y[j*dims+d])
					}
				}
				force, got, _ := tr.repel(p, c.theta, nil)
				near64(t, "sum", got/sum, 1, c.within)
				for d := range dims {
					near64(t, "force", force[d]/sum, want[d]/sum, c.within)
				}
			}
		}
	}
}

// TestTrustworthiness takes layouts whose figures are known: the points themselves, and a line with two exchanged.
func TestTrustworthiness(t *testing.T) {
	x := noise(50, 3, 5)
	near64(t, "of the points themselves", Trustworthiness(nil, x, x, 5, 0), 1, 0)
	near64(t, "preserved of the points themselves", Preservation(nil, Nearest(nil, x, 5, Euclidean), x), 1, 0)
	line := tensor.Of([]float32{0, 1, 2, 4, 8, 15}, 6, 1)
	other := tensor.Of([]float32{15, 1, 2, 4, 8, 0}, 6, 1)
	// The nearest of each in the layout; of 1, 2 is as near as 0, and has the lower number.
	lost := 0
	for i, j := range []int{4, 2, 1, 2, 3, 1} {
		rank := 1
		for l := range 6 {
			d, e := line.Data[l]-line.Data[i], line.Data[j]-line.Data[i]
			if l != i && (d*d < e*e || d*d == e*e && l < j) {
				rank++
			}
		}
		lost += rank - 1
	}
	near64(t, "with two exchanged", Trustworthiness(nil, line, other, 1, 0), 1-2*float64(lost)/(6*1*(12-3-1)), 1e-12)
}

func TestAxis(t *testing.T) {
	x := tensor.Of([]float32{0, 0, 2, 0, 1, 5, 4, 1}, 4, 2)
	along, err := Axis(x, []int{0}, []int{1})
	if err != nil || !slices.Equal(along, []float32{0, 1, 0.5, 2}) {
		t.Errorf("%v, %v", along, err)
	}
	for _, bad := range [][2][]int{{{}, {1}}, {{0}, {4}}, {{1}, {1}}, {{-1}, {0}}} {
		if _, err := Axis(x, bad[0], bad[1]); err == nil {
			t.Errorf("%v is an axis", bad)
		}
	}
}

func TestSphereize(t *testing.T) {
	x := tensor.Of([]float32{1, 0, 3, 0, 2, 0}, 3, 2)
	if y := Sphereize(x); !slices.Equal(y.Data, []float32{-1, 0, 1, 0, 0, 0}) {
		t.Errorf("%v", y.Data)
	}
}

// TestPlain lays out points that say nothing: all in one place, fewer than neighbours, of one dimension.
func TestPlain(t *testing.T) {
	for _, x := range []tensor.Matrix{tensor.NewMatrix(30, 4), noise(3, 200, 6), noise(40, 1, 7), tensor.NewMatrix(2, 1)} {
		near := Nearest(nil, x, 40, Euclidean)
		tsne, err := TSNE(t.Context(), nil, x, near, TSNEOptions{Perplexity: 1.5, Iterations: 50})
		if err != nil {
			t.Fatal(err)
		}
		umap, err := UMAP(t.Context(), nil, x, near.First(UMAPNeighbors), UMAPOptions{Epochs: 20})
		if err != nil {
			t.Fatal(err)
		}
		for name, y := range map[string]tensor.Matrix{"tsne": tsne, "umap": umap, "pca": PCA(nil, x, 2).Project(nil, x)} {
			if y.Rows != x.Rows || tensor.HasNonFinite(y.Data) {
				t.Errorf("%s of %d points of %d numbers: %v", name, x.Rows, x.Cols, y.Data)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	x := noise(20, 3, 8)
	near := Nearest(nil, x, 19, Euclidean)
	for _, o := range []TSNEOptions{{Dims: 4}, {Perplexity: 20}, {Perplexity: 0.5}, {Perplexity: math.NaN()}} {
		if _, err := TSNE(t.Context(), nil, x, near, o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
	for _, o := range []UMAPOptions{{Dims: 1}, {MinDist: 2}, {MinDist: math.NaN()}} {
		if _, err := UMAP(t.Context(), nil, x, near, o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := TSNE(ctx, nil, x, near, TSNEOptions{Perplexity: 5}); !errors.Is(err, context.Canceled) {
		t.Errorf("t-SNE goes on: %v", err)
	}
	if _, err := UMAP(ctx, nil, x, near, UMAPOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("UMAP goes on: %v", err)
	}
	for _, v := range []float32{float32(math.NaN()), float32(math.Inf(-1)), 1e30} {
		if x.Row(3)[1] = v; Check(x) == nil {
			t.Errorf("a point with %v is accepted", v)
		}
	}
	if Check(tensor.NewMatrix(1, 5)) == nil {
		t.Error("one point is accepted")
	}
}

// TestAlign turns, mirrors and moves a layout back, and leaves distances as they are.
func TestAlign(t *testing.T) {
	to, y := tensor.NewMatrix(20, 3), tensor.NewMatrix(20, 3)
	for i := range to.Data {
		to.Data[i] = tensor.Normal([2]uint32{5, 0}, [4]uint32{uint32(i)})
	}
	sin, cos := float32(math.Sin(0.7)), float32(math.Cos(0.7))
	for i := range y.Rows {
		p, q := to.Row(i), y.Row(i)
		q[0], q[1], q[2] = 3+cos*p[0]-sin*p[1], 1+sin*p[0]+cos*p[1], -p[2]
	}
	got := Align(y, to)
	for i, v := range got.Data {
		near64(t, "place", float64(v), float64(to.Data[i]), 1e-5)
	}
	for i := range y.Rows { // all in a plane: one direction is free
		y.Row(i)[2], to.Row(i)[2] = 0, 0
	}
	got = Align(y, to)
	for i, v := range got.Data {
		near64(t, "place in a plane", float64(v), float64(to.Data[i]), 1e-5)
	}
	if flat := Align(tensor.NewMatrix(4, 2), tensor.NewMatrix(4, 2)); tensor.HasNonFinite(flat.Data) {
		t.Error("points in one place are nowhere")
	}
}

// TestSparsePCA compares with the components of the same points written out, by rotations and by iteration.
func TestSparsePCA(t *testing.T) {
	const n = 300
	for _, d := range []int{20, 140} {
		x, dense := tensor.NewSparse(d), noise(n, d, 5)
		for i := range n {
			var columns []int32
			var values []float64
			for j, v := range dense.Row(i) {
				if v*float32(1+j) < 1 { // most
					dense.Row(i)[j] = 0
					continue
				}
				columns, values = append(columns, int32(j)), append(values, float64(v))
			}
			x.Add(columns, values)
		}
		want := PCA(nil, dense, 5)
		for _, pool := range pools(t) {
			got := SparsePCA(pool, x, 5)
			near64(t, "total", got.Total, want.Total, 1e-6*want.Total)
			for k, axis := range want.Axes {
				near64(t, "variance", got.Variance[k], want.Variance[k], 1e-6*want.Total)
				near64(t, "cosine of the axes", dot(got.Axes[k], axis), 1, 1e-6)
			}
			for j, m := range want.Mean {
				near64(t, "mean", got.Mean[j], m, 1e-12)
			}
		}
	}
}

// TestFlatSparse: directions that vary nearly alike, as those of short texts do, are told apart in a few rounds.
func TestFlatSparse(t *testing.T) {
	const n, d, k = 200, 150, 5
	x, dense := tensor.NewSparse(d), tensor.NewMatrix(n, d)
	for i := range n {
		var columns []int32
		var values []float64
		for j := range d {
			if tensor.Uniform([2]uint32{6, 1}, [4]uint32{uint32(i), uint32(j)}) < 0.03 {
				columns, values = append(columns, int32(j)), append(values, 1)
				dense.Row(i)[j] = 1
			}
		}
		x.Add(columns, values)
	}
	s := &counted{scatter: scatter{x: x, mean: meanRow(x)}}
	values, vectors := iterated(nil, s, k)
	want, axes := jacobi(covariance(nil, Centred(dense)))
	for i := range k {
		near64(t, "value", values[i], want[i], 1e-6*want[0])
		near64(t, "cosine of the vectors", math.Abs(dot(vectors[i], axes[i])), 1, 1e-6)
	}
	if s.rounds > 40 {
		t.Errorf("%d rounds", s.rounds)
	}
}

// counted counts rounds.
type counted struct {
	scatter
	rounds int
}

func (c *counted) onward(pool *tensor.Pool, v, w [][]float64, values []float64) [][]float64 {
	c.rounds++
	return c.scatter.onward(pool, v, w, values)
}
