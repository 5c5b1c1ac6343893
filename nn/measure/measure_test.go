package measure

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// known are the answers of testdata/measures.json.
type known struct {
	Classes struct {
		Scores    [][]float32
		Target    []int32
		Top       map[int]float64
		Accuracy  float64
		MeanIoU   float64 `json:"mean_iou"`
		Confusion [][]int64
		Each      []struct{ Recall, Precision, F1, IoU *float64 }
	}
	Labels struct {
		Logits, Targets [][]float32
		Exact, Accuracy float64
		F1              []float64
		MicroF1         float64 `json:"micro_f1"`
	}
	AUC struct {
		Scores []float32
		Is     []int
		Value  float64
	}
	Regression struct {
		X, Targets   [][]float32
		MSE, MAE, R2 float64
	}
	Edits struct {
		Pairs           [][2][]int32
		Edits           []int
		Rate, Sequences float64
	}
}

func answers(t *testing.T) *known {
	t.Helper()
	text, err := os.ReadFile("testdata/measures.json")
	if err != nil {
		t.Fatal(err)
	}
	k := new(known)
	if err := json.Unmarshal(text, k); err != nil {
		t.Fatal(err)
	}
	return k
}

// near compares a ratio with a known one; nil stands for 0/0.
func near(t *testing.T, what string, got float64, want *float64) {
	t.Helper()
	if want == nil {
		if !math.IsNaN(got) {
			t.Errorf("%s is %v, want NaN", what, got)
		}
	} else if !(math.Abs(got-*want) <= 1e-12) {
		t.Errorf("%s is %v, want %v", what, got, *want)
	}
}

// overLanes counts n samples on lanes of which each has every fourth, and merges them.
func overLanes[M Measure](n int, make func() M, add func(m M, i int)) M {
	one, lanes := make(), [][]float64{}
	for range 4 {
		lanes = append(lanes, make().Vector())
	}
	for i := range n { // one measure serves all lanes
		one.Bind(lanes[i%4])
		add(one, i)
	}
	whole := make()
	for _, lane := range lanes {
		whole.Merge(lane)
	}
	return whole
}

func TestTop(t *testing.T) {
	k := answers(t).Classes
	m := overLanes(len(k.Target), func() *Top { return NewTop(1, 2, 5) }, func(m *Top, i int) { m.Add(k.Scores[i], k.Target[i]) })
	for n, want := range k.Top {
		near(t, "top", m.Right(n), &want)
	}
	if m.Add(k.Scores[0], -1); m.Samples() != len(k.Target) {
		t.Errorf("%d samples, want %d", m.Samples(), len(k.Target))
	}
	nan := float32(math.NaN())
	for _, scores := range [][]float32{{nan, 1, 0}, {0, 1, nan}, {0, nan, 0}} {
		m := NewTop(1)
		if m.Add(scores, 1); m.Right(1) != 0 {
			t.Errorf("%v is right", scores)
		}
	}
}

func TestBest(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		scores []float32
		want   []int
	}{
		{[]float32{1, 3, 2}, []int{1, 2, 0}},
		{[]float32{2, 2, 2, 2}, []int{0, 1, 2}},
		{[]float32{nan, 1, nan, 5}, []int{3, 1, 0}},
		{[]float32{7}, []int{0}},
	} {
		got := make([]int, len(c.want))
		Best(got, c.scores)
		if !slices.Equal(got, c.want) || ArgMax(c.scores) != c.want[0] {
			t.Errorf("%v: the best are %v (%d), want %v", c.scores, got, ArgMax(c.scores), c.want)
		}
	}
}

func TestClasses(t *testing.T) {
	k := answers(t).Classes
	taken := func(i int) int32 { return int32(ArgMax(k.Scores[i])) }
	confusion := overLanes(len(k.Target), func() *Confusion { return NewConfusion(7) }, func(m *Confusion, i int) { m.Add(k.Target[i], taken(i)) })
	perClass := overLanes(len(k.Target), func() *PerClass { return NewPerClass(7) }, func(m *PerClass, i int) { m.Add(k.Target[i], taken(i)) })
	confusion.Add(-1, 0)
	perClass.Add(-1, 0)
	if !slices.Equal(confusion.Classes(), perClass.Classes()) {
		t.Errorf("%v by the confusion, %v by class", confusion.Classes(), perClass.Classes())
	}
	for c, class := range perClass.Classes() {
		near(t, "recall", class.Recall(), k.Each[c].Recall)
		near(t, "precision", class.Precision(), k.Each[c].Precision)
		near(t, "F1", class.F1(), k.Each[c].F1)
		near(t, "IoU", class.IoU(), k.Each[c].IoU)
		for other := range 7 {
			if got := confusion.Count(c, other); got != k.Confusion[c][other] {
				t.Errorf("%d of class %d taken for %d, want %d", got, c, other, k.Confusion[c][other])
			}
		}
	}
	near(t, "accuracy", Accuracy(perClass.Classes()), &k.Accuracy)
	near(t, "mean IoU", Mean(perClass.Classes(), Class.IoU), &k.MeanIoU)
	near(t, "of nothing", Mean(NewPerClass(2).Classes(), Class.IoU), nil)
}

func TestLabels(t *testing.T) {
	k := answers(t).Labels
	m := overLanes(len(k.Logits), func() *Labels { return NewLabels(3) }, func(m *Labels, i int) { m.Add(k.Logits[i], k.Targets[i]) })
	near(t, "exact", m.Exact(), &k.Exact)
	near(t, "accuracy", m.Accuracy(), &k.Accuracy)
	near(t, "micro F1", m.MicroF1(), &k.MicroF1)
	for j, label := range m.Classes() {
		near(t, "F1", label.F1(), &k.F1[j])
	}
}

func TestAUC(t *testing.T) {
	k := answers(t).AUC
	n := len(k.Scores)
	m := overLanes(n, func() *AUC { return NewAUC(n) }, func(m *AUC, i int) { m.Add(k.Scores[i], k.Is[i] == 1) })
	near(t, "AUC", m.Value(), &k.Value)
	clear(m.Vector())
	near(t, "of nothing", m.Value(), nil)
	for i := range n { // the other way round, in the same memory
		m.Add(-k.Scores[i], k.Is[i] != 1)
	}
	near(t, "AUC of both turned round", m.Value(), &k.Value)

	inf, nan, zero := float32(math.Inf(1)), float32(math.NaN()), float32(0)
	half, one := 0.5, 1.0
	for _, c := range []struct {
		no, yes float32
		want    *float64
	}{{zero, -zero, &half}, {-inf, inf, &one}, {-1, -0.5, &one}, {-1e-45, zero, &one}, {zero, 1e-45, &one}, {1, 1, &half}, {0, nan, nil}, {-nan, 1, nil}} {
		m := NewAUC(2)
		m.Add(c.yes, true)
		near(t, "of one class", m.Value(), nil)
		m.Add(c.no, false)
		near(t, "AUC", m.Value(), c.want)
	}
}

func TestRegression(t *testing.T) {
	k := answers(t).Regression
	m := overLanes(len(k.X), func() *Regression { return NewRegression(2) }, func(m *Regression, i int) { m.Add(k.X[i], k.Targets[i]) })
	near(t, "MSE", m.MSE(), &k.MSE)
	near(t, "MAE", m.MAE(), &k.MAE)
	if got := m.R2(); math.Abs(got-k.R2) > 1e-8 {
		t.Errorf("R2 is %v, want %v", got, k.R2)
	}
	near(t, "of nothing", NewRegression(1).R2(), nil)
	for x, want := range map[float32]float64{3: 1, 4: 0} {
		m := NewRegression(1)
		m.Add([]float32{x}, []float32{3})
		near(t, "R2 of equal targets", m.R2(), &want)
	}
}

func TestEdits(t *testing.T) {
	k := answers(t).Edits
	m := overLanes(len(k.Pairs), NewEdits, func(m *Edits, i int) { m.Add(k.Pairs[i][0], k.Pairs[i][1]) })
	near(t, "rate", m.Rate(), &k.Rate)
	near(t, "sequences", m.SequenceRate(), &k.Sequences)
	for i, p := range k.Pairs {
		if got := Distance(p[0], p[1]); got != k.Edits[i] {
			t.Errorf("%v and %v are %d apart, want %d", p[0], p[1], got, k.Edits[i])
		}
	}
}

// Who merges what does not fit, or counts more than there is room for, made a mistake.
func TestMistakesPanic(t *testing.T) {
	for want, f := range map[string]func(){
		"a vector of 3 for a measure of 2":              func() { NewTop(1).Merge(make([]float64, 3)) },
		"a vector of 10 for a measure of 5":             func() { NewRegression(1).Merge(make([]float64, 10)) },
		"top-3 of a measure for [1 5]":                  func() { NewTop(1, 5).Right(3) },
		"the best 2 of 1 classes":                       func() { Best(make([]int, 2), []float32{1}) },
		"AUC has room for 1 samples, and another comes": func() { m := NewAUC(1); m.Add(1, true); m.Add(1, true) },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, want) {
					t.Errorf("panic %q, want one with %q", got, want)
				}
			}()
			f()
		}()
	}
}
