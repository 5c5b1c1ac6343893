package probe

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// scikitWords is testdata/words.json: texts of words, and scikit-learn's fits.
type scikitWords struct {
	Cols  int
	Texts []map[int32]float64
	Y     []int
	Fits  []struct {
		C       float64
		Weights map[int]float64
		Bias    float64
	}
}

func readWords(t *testing.T) (w scikitWords, s Set) {
	t.Helper()
	text, err := os.ReadFile("testdata/words.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	x := NewSparse(w.Cols)
	for i, has := range w.Texts {
		var columns []int32
		for j := range has {
			columns = append(columns, j)
		}
		slices.Sort(columns)
		var values []float64
		for _, j := range columns {
			values = append(values, has[j])
		}
		x.Add(columns, values)
		s.Positive = append(s.Positive, w.Y[i] == 1)
	}
	s.X = x
	return w, s
}

// TestWordsAgainstScikit compares fits to more words than there are texts with scikit-learn's: testdata/words.py.
func TestWordsAgainstScikit(t *testing.T) {
	want, s := readWords(t)
	var cs []float64
	for _, fit := range want.Fits {
		cs = append(cs, fit.C)
	}
	models, err := Path(context.Background(), nil, s, cs, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, m := range models {
		for j, v := range m.Weights {
			if w := want.Fits[k].Weights[j]; math.Abs(v-w) > 1e-5 || (v == 0) != (w == 0) {
				t.Errorf("C = %g: weight %d is %.7f, want %.7f", m.C, j, v, w)
			}
		}
		if math.Abs(m.Bias-want.Fits[k].Bias) > 1e-4 {
			t.Errorf("C = %g: the intercept is %.6f, want %.6f", m.C, m.Bias, want.Fits[k].Bias)
		}
	}
	if n := models[len(models)-1].Nonzero(); n < 100 {
		t.Errorf("%d words have a weight, too few to prove much", n)
	}
}

// TestWordsOptimal checks the optimality conditions by sums of its own, where nearly all texts are told right and the
// curvature is small.
func TestWordsOptimal(t *testing.T) {
	w, s := readWords(t)
	m, err := Fit(context.Background(), nil, s.X, s.Positive, 50, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Violation > 1e-6 || m.Weights[11] != 0 || m.Weights[12] != 0 {
		t.Errorf("off by %g; words of all texts and of none weigh %g and %g", m.Violation, m.Weights[11], m.Weights[12])
	}
	gradient, bias := make([]float64, w.Cols), 0.0
	for i, has := range w.Texts {
		margin := m.Bias
		for j, v := range has {
			margin += v * m.Weights[j]
		}
		slope := m.C / (1 + math.Exp(-margin))
		if s.Positive[i] {
			slope = -m.C / (1 + math.Exp(margin))
		}
		for j, v := range has {
			gradient[j] += v * slope
		}
		bias += slope
	}
	if math.Abs(bias) > 2e-6 {
		t.Errorf("the slope along the intercept is %g", bias)
	}
	for j, g := range gradient {
		if v := m.Weights[j]; v == 0 && math.Abs(g) > 1+2e-6 || v != 0 && math.Abs(g+math.Copysign(1, v)) > 2e-6 {
			t.Errorf("weight %d is %g, and the slope along it %g", j, v, g)
		}
	}
}

// TestWordsBesideEachOther: folds of words are fitted to side by side, and come to the same.
func TestWordsBesideEachOther(t *testing.T) {
	_, s := readWords(t)
	pool := tensor.NewPool(3)
	defer pool.Close()
	sets, asks := Sets{Train: &s}, Asks{Cs: []float64{0.125, 0.5}, Labels: []int{40}, Draws: 3, Seed: 1}
	done, total := 0, 0
	asks.Report = func(n, of int) { done, total = n, of }
	alone, err := Fitting(context.Background(), nil, sets, asks)
	if err != nil {
		t.Fatal(err)
	}
	if done != 15 || total != 15 {
		t.Errorf("%d of %d fits were counted, want 15: two C of the texts and of five folds, and three draws", done, total)
	}
	if shared, err := Fitting(context.Background(), pool, sets, asks); err != nil || !reflect.DeepEqual(alone, shared) {
		t.Errorf("three goroutines fit another model (%v)", err)
	}
}
