package probe

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// TestAgainstScikit compares the path with scikit-learn's: testdata/logistic.py.
func TestAgainstScikit(t *testing.T) {
	text, err := os.ReadFile("testdata/logistic.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		X    [][]float32
		Y    []int
		Fits []Model
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	s := Set{Positive: make([]bool, len(want.Y))}
	x := tensor.NewMatrix(len(want.X), len(want.X[0]))
	for i, row := range want.X {
		copy(x.Row(i), row)
		s.Positive[i] = want.Y[i] == 1
	}
	for name, table := range map[string]Table{"dense": Dense{x}, "sparse": sparse(x)} {
		s.X = table
		models, err := Path(context.Background(), nil, s, Cs(), Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, m := range models {
			w := want.Fits[k]
			for j, v := range m.Weights {
				if math.Abs(v-w.Weights[j]) > 1e-4 || (v == 0) != (w.Weights[j] == 0) {
					t.Errorf("%s, C = %g: weight %d is %.6f, want %.6f", name, m.C, j, v, w.Weights[j])
				}
			}
			if m.C != w.C || math.Abs(m.Bias-w.Bias) > 1e-3 { // of units that stand at 20
				t.Errorf("%s, C = %g: the intercept is %.6f, want %.6f for %g", name, m.C, m.Bias, w.Bias, w.C)
			}
		}
	}
}

// sparse is the same table, its zeros left out.
func sparse(x tensor.Matrix) Sparse {
	s := NewSparse(x.Cols)
	for i := range x.Rows {
		var columns []int32
		var values []float64
		for j, v := range x.Row(i) {
			if v != 0 {
				columns, values = append(columns, int32(j)), append(values, float64(v))
			}
		}
		s.Add(columns, values)
	}
	return s
}

// numbers are uniform in [-1, 1).
func numbers(n int, seed uint32) []float32 {
	v := make([]float32, n)
	tensor.Uniforms(v, [2]uint32{seed, 9}, [4]uint32{})
	for i := range v {
		v[i] = 2*v[i] - 1
	}
	return v
}

// alike makes features of a few causes, so that units are nearly combinations of others, and of sizes that differ by
// thousands: what cells of a network are.
func alike(n, d int) Set {
	const causes = 6
	mix, noise := numbers(causes*d, 1), numbers(n*d, 2)
	x, s := tensor.NewMatrix(n, d), Set{Positive: make([]bool, n)}
	for i := range n {
		z := numbers(causes, uint32(100+i))
		s.Positive[i] = z[0]+z[1]/2+numbers(1, uint32(1e6)+uint32(i))[0] > 0.1
		for j := range d {
			sum := 0.01 * noise[i*d+j]
			for k, v := range z {
				sum += v * mix[k*d+j]
			}
			size := float32(math.Pow(10, float64(j%5)-2))
			x.Row(i)[j] = size * (sum + 3)
		}
	}
	s.X = Dense{x}
	return s
}

// TestOptimal checks the conditions under which no other weights are better, for units that are much alike, by sums of
// its own.
func TestOptimal(t *testing.T) {
	s := alike(600, 40)
	x := s.X.(Dense)
	models, err := Path(context.Background(), nil, s, Cs(), Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range models {
		gradient, bias := make([]float64, x.Cols), 0.0
		for i, p := range s.Positive {
			margin := m.Bias
			for j, w := range m.Weights {
				margin += w * float64(x.Row(i)[j])
			}
			slope := m.C / (1 + math.Exp(-margin))
			if p {
				slope -= m.C
			}
			for j := range gradient {
				gradient[j] += slope * float64(x.Row(i)[j])
			}
			bias += slope
		}
		if math.Abs(bias) > 1e-5 {
			t.Errorf("C = %g: the slope along the intercept is %g", m.C, bias)
		}
		for j, w := range m.Weights {
			if w == 0 && math.Abs(gradient[j]) > 1+1e-5 || w != 0 && math.Abs(gradient[j]+math.Copysign(1, w)) > 1e-5 {
				t.Errorf("C = %g: weight %d is %g, and the slope along it %g", m.C, j, w, gradient[j])
			}
		}
		if m.Rounds > 40 {
			t.Errorf("C = %g took %d rounds", m.C, m.Rounds)
		}
	}
	if n := models[8].Nonzero(); n < 8 {
		t.Errorf("%d units of 40 have a weight, too few to prove much", n)
	}
}

func TestThreadsChangeNothing(t *testing.T) {
	s := alike(1500, 24)
	pool := tensor.NewPool(3)
	defer pool.Close()
	for _, table := range []Table{s.X, sparse(s.X.(Dense).Matrix)} {
		s.X = table
		alone, err := Path(context.Background(), nil, s, Cs(), Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		shared, err := Path(context.Background(), pool, s, Cs(), Options{}, nil)
		if err != nil || !reflect.DeepEqual(alone, shared) {
			t.Errorf("%T: three goroutines fit another model (%v)", table, err)
		}
	}
}

// Labels that a unit tells apart wholly have a finite fit, since weights cost.
func TestSeparable(t *testing.T) {
	x := tensor.Of([]float32{-1, 1, -1, 1}, 4, 1)
	s := Set{Dense{x}, []bool{false, true, false, true}}
	m, err := Fit(context.Background(), nil, s.X, s.Positive, 1, nil, Options{})
	if err != nil || m.Accuracy(nil, s) != 1 || m.Leading() != 0 {
		t.Fatalf("%+v, %v", m, err)
	}
	// 4·log(1+exp(-w)) + w is least where 4/(1+exp(w)) = 1.
	if want := math.Log(3); math.Abs(m.Weights[0]-want) > 1e-6 {
		t.Errorf("the weight is %v, want log 3 = %v", m.Weights[0], want)
	}
}

// A unit that a start has a weight for, and that is constant, loses it.
func TestConstantUnit(t *testing.T) {
	s := Set{Dense{tensor.Of([]float32{5, 0, 5, 1, 5, 0.2, 5, 0.9}, 4, 2)}, []bool{false, true, false, true}}
	m, err := Fit(context.Background(), nil, s.X, s.Positive, 4, &Model{Weights: []float64{2, 0}}, Options{})
	if err != nil || m.Weights[0] != 0 || m.Weights[1] <= 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestBadFits(t *testing.T) {
	x := Dense{tensor.Of([]float32{1, 2, 3}, 3, 1)}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx      context.Context
		positive []bool
		c        float64
		want     string
	}{
		{context.Background(), []bool{true, true, true}, 1, "no text of 3 is negative (label 0)"},
		{context.Background(), []bool{false, false, false}, 1, "no text of 3 is positive (label 1)"},
		{context.Background(), []bool{false, true, true}, 0, "the C of a fit is 0"},
		{context.Background(), []bool{false, true, true}, math.NaN(), "the C of a fit is NaN"},
		{canceled, []bool{false, true, true}, 9, "context canceled"},
	} {
		if _, err := Fit(c.ctx, nil, x, c.positive, c.c, nil, Options{}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	for _, v := range []float32{float32(math.NaN()), float32(math.Inf(1)), 1e7} {
		if err := (Dense{tensor.Of([]float32{0, v}, 1, 2)}).Check(); err == nil || !strings.HasPrefix(err.Error(), "text 1: unit 1 is ") {
			t.Errorf("%v: got %v", v, err)
		}
	}
}

// BenchmarkPath fits all C to 25,000 texts of 1,024 units, which are much alike.
func BenchmarkPath(b *testing.B) {
	const n, d, causes = 25000, 1024, 300
	mix, z := tensor.Of(numbers(causes*d, 1), causes, d), tensor.Of(numbers(n*causes, 2), n, causes)
	var panels tensor.Panels
	pool := tensor.NewPool(2)
	defer pool.Close()
	panels.Pack(pool, mix)
	x, noise, s := tensor.NewMatrix(n, d), numbers(n*d, 3), Set{Positive: make([]bool, n)}
	pool.MatMulBias(x, z, &panels, nil)
	chance := numbers(n, 4)
	for i := range n {
		row := x.Row(i)
		s.Positive[i] = z.Row(i)[0]+z.Row(i)[1]/2+z.Row(i)[2]/2+chance[i]/2 > 0
		for j := range row {
			row[j] = float32(math.Pow(10, float64(j%3)-1)) * (row[j]/10 + 0.1*noise[i*d+j] + 1)
		}
	}
	s.X = Dense{x}
	b.ResetTimer()
	for b.Loop() {
		models, err := Path(context.Background(), pool, s, Cs(), Options{}, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(models[8].Nonzero()), "units")
	}
}
