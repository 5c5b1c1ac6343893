package probe

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// TestRules compares thresholds with all that there are, tried one by one.
func TestRules(t *testing.T) {
	const n, d = 40, 6
	x, labels := tensor.NewMatrix(n, d), numbers(n, 5)
	for i, v := range numbers(n*d, 4) {
		x.Data[i] = float32(int(5 * v)) // many are equal, and both zeros come
		if x.Data[i] == 0 && i%2 == 0 {
			x.Data[i] *= -1
		}
	}
	positive := make([]bool, n)
	for i := range positive {
		positive[i] = labels[i]+x.Row(i)[2]/4 > 0
	}
	for j, r := range Rules(nil, x, positive) {
		most := 0.0
		for at := float32(-6); at <= 6; at++ {
			for _, sign := range []int{1, -1} {
				most = max(most, Rule{Unit: j, Sign: sign, Threshold: float64(at) + 0.5}.On(x, positive))
			}
		}
		if r.Unit != j || r.Accuracy != most || r.On(x, positive) != most {
			t.Errorf("unit %d: %+v is right about %v, want %v", j, r, r.On(x, positive), most)
		}
	}
}

func TestHistogram(t *testing.T) {
	x := tensor.Of([]float32{0, 1, 2, 4, 4}, 5, 1)
	h := HistogramOf(x, []bool{false, false, true, true, false}, 0, 4)
	if want := (Histogram{0, 4, []int{1, 1, 0, 1}, []int{0, 0, 1, 1}}); !reflect.DeepEqual(h, want) {
		t.Errorf("got %+v, want %+v", h, want)
	}
}

func TestDraws(t *testing.T) {
	positive := make([]bool, 50)
	positive[7] = true
	for draw := range uint32(20) {
		rows := slices.Clone(drawn(positive, 3, 1, useLabels, draw))
		if !slices.Contains(rows, 7) {
			t.Errorf("draw %d has one class: %v", draw, rows)
		}
		slices.Sort(rows)
		if len(slices.Compact(rows)) != 3 {
			t.Errorf("draw %d has a text twice", draw)
		}
	}
	if a, b := shuffled(50, 1, useLabels, 0), shuffled(50, 2, useLabels, 0); slices.Equal(a, b) {
		t.Error("another seed draws the same")
	}
}

// parted is a set cut in three.
func parted(s Set) Sets {
	n := len(s.Positive)
	part := func(from, to int) *Set {
		var rows []int
		for i := from; i < to; i++ {
			rows = append(rows, i)
		}
		p := s.Pick(rows)
		return &p
	}
	return Sets{part(0, n/2), part(n/2, 3*n/4), part(3*n/4, n)}
}

// withUnit adds to features a unit that is positive where the text is, but for some.
func withUnit(s Set, unit int) Set {
	x := s.X.(Dense)
	for i, v := range numbers(len(s.Positive), 77) {
		x.Row(i)[unit] = v - 0.8
		if s.Positive[i] {
			x.Row(i)[unit] = v + 0.8
		}
	}
	return s
}

// TestFindsUnit hides a unit that knows the label among others.
func TestFindsUnit(t *testing.T) {
	sets := parted(withUnit(alike(800, 20), 13))
	asks := Asks{Labels: []int{11, 100, 400}, Draws: 4, Resamples: 3, Unit: 4, Seed: 1}
	done := 0
	asks.Report = func(n, total int) {
		if n < done || n > total {
			t.Errorf("%d of %d after %d", n, total, done)
		}
		if done = n; done == total {
			done = -1
		}
	}
	r, err := Run(context.Background(), nil, sets, asks)
	if err != nil {
		t.Fatal(err)
	}
	if done != -1 {
		t.Error("the last report is not of all")
	}
	for _, u := range []*UnitReport{r.ByWeight, &r.ByRule} {
		if u.Rule.Unit != 13 || u.Rule.Sign != 1 || *u.Scores.Held() < 0.85 || *u.AtZero.Test < 0.85 {
			t.Errorf("the unit that leads: %+v", u)
		}
	}
	if r.Asked.Rule.Unit != 4 || r.Units[0].Unit != 13 {
		t.Errorf("asked %+v, first %+v", r.Asked, r.Units[0])
	}
	if want := []Count{{13, 3}}; !reflect.DeepEqual(r.Stable.ByRule, want) || !reflect.DeepEqual(r.Stable.ByWeight, want) {
		t.Errorf("stable: %+v", r.Stable)
	}
	if len(r.Labels) != 2 || r.Labels[1].Mean <= r.Labels[0].Mean || r.Labels[1].Draws != 4 || *r.Scores.Held() < 0.85 || r.Scores.Folds != nil {
		t.Errorf("labels: %+v, all: %+v", r.Labels, r.Scores)
	}
	pool := tensor.NewPool(3)
	defer pool.Close()
	asks.Report = nil
	if again, err := Run(context.Background(), pool, sets, asks); err != nil || !reflect.DeepEqual(r, again) {
		t.Errorf("three goroutines report something else (%v)", err)
	}
}

// Without held-out texts C is chosen by folds, and few labels are measured on the texts that were not drawn.
func TestFolds(t *testing.T) {
	s := withUnit(alike(300, 6), 2)
	r, err := Run(context.Background(), nil, Sets{Train: &s}, Asks{Labels: []int{30}, Draws: 2, Unit: -1})
	if err != nil {
		t.Fatal(err)
	}
	chosen := r.Path[slices.IndexFunc(r.Path, func(p PathPoint) bool { return p.C == r.C })].Chosen
	if share, of := r.Scores.Best(); of != "folds" || share != chosen || share >= r.Scores.Train {
		t.Errorf("%s %v of %+v, and the folds of C = %g come to %v", of, share, r.Scores, r.C, chosen)
	}
	if _, of := r.ByRule.Scores.Best(); of != "train" || r.Units[0].Held != nil {
		t.Errorf("nothing is held out of units: %s, %v", of, r.Units[0].Held)
	}
	if r.Scores.Valid != nil || r.Labels[0].Mean < 0.7 || r.Stable != nil || r.Asked != nil {
		t.Errorf("%+v", r)
	}
}

func TestBadRuns(t *testing.T) {
	s := alike(8, 2)
	clear(s.Positive)
	s.Positive[1] = true
	for _, c := range []struct {
		asks Asks
		want string
	}{
		{Asks{Unit: 2}, "unit 2: the state has 2, from 0 on"},
		{Asks{Unit: -1}, "7 negative and 1 positive texts are too few for 5 folds"},
	} {
		if _, err := Run(context.Background(), nil, Sets{Train: &s}, c.asks); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
