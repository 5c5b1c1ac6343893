package worker

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/measure"
)

// What an evaluation shows is what it counted, whatever the batches and lanes are: each sample is in its pair, those with the
// largest loss first.
func TestOutcomeOfClasses(t *testing.T) {
	f := imageFile(t, "lenet5", "data.valid=generated:valid?count=53")
	model, err := NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	model.Params().Initialize(1)
	var texts []string
	for _, lanes := range []string{"batch.lanes=1", "batch.lanes=2", "batch.lanes=4"} {
		f := imageFile(t, "lenet5", "data.valid=generated:valid?count=53", lanes)
		m, err := Evaluate(model, f, f.Data.Valid, 2)
		if err != nil {
			t.Fatal(err)
		}
		w := &worker{cfg: Config{File: f}}
		text := w.outcome(7, m)
		texts = append(texts, string(text))
		o, err := api.DecodeOutcome(text)
		if err != nil {
			t.Fatal(err)
		}
		confusion := m.Whole[1].(*measure.Confusion)
		seen := map[int]bool{}
		for _, p := range o.Classes.Pairs {
			if p.Count != confusion.Count(p.Is, p.Taken) || p.Count != o.Classes.Counts[p.Is][p.Taken] {
				t.Errorf("%d is taken for %d %d times; counted were %d", p.Is, p.Taken, p.Count, confusion.Count(p.Is, p.Taken))
			}
			if !slices.IsSortedFunc(p.Losses, func(a, b api.Number) int { return int(1e6 * (b - a)) }) {
				t.Errorf("losses %v", p.Losses)
			}
			for _, i := range p.Samples {
				if seen[i] || i >= 53 {
					t.Errorf("sample %d is in two pairs, or in none of the set", i)
				}
				seen[i] = true
			}
		}
		if len(o.Guesses) != fixedGuesses || o.Guesses[1].Sample != 53/fixedGuesses || o.Step != 7 {
			t.Errorf("guesses %+v", o.Guesses)
		}
		samples, right := int64(0), int64(0)
		for _, b := range o.Calibration.Bins {
			samples, right = samples+b.Count, right+b.Right
		}
		if want := measure.Accuracy(confusion.Classes()); samples != 53 || float64(right)/53 != want || !(o.Calibration.Error >= 0 && o.Calibration.Error <= 1) {
			t.Errorf("of %d samples %d are right, want %v of 53; the error is %v", samples, right, want, o.Calibration.Error)
		}
		if sum := 0.0; m.Targets == 53 {
			for _, g := range guessesOf(m.Whole, f.Batch.Global, f.Batch.LaneRows()) {
				sum += g.loss
			}
			if mean := sum / 53; mean < m.Loss*(1-1e-6) || mean > m.Loss*(1+1e-6) {
				t.Errorf("the samples' losses have the mean %v, and the evaluation's loss is %v", mean, m.Loss)
			}
		}
	}
	if texts[0] != texts[1] || texts[0] != texts[2] {
		t.Error("it depends on the lanes")
	}
}

// Of many classes the worst are told.
func TestOutcomeOfManyClasses(t *testing.T) {
	var all []sampleGuess
	counted := measure.NewPerClass(1000)
	for i := range 5000 {
		taken := i % 1000
		if taken < 500 && i%3 == 0 {
			taken++
		}
		counted.Add(int32(i%1000), int32(taken))
		all = append(all, sampleGuess{[2]int{i % 1000, taken}, i, float64(i)})
	}
	table := tableOf(counted, all, slices.Repeat([]string{"a" + strings.Repeat("ä", mostNamed)}, 500))
	text, err := json.Marshal(api.Outcome{Classes: table})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.DecodeOutcome(text); err != nil {
		t.Fatal(err)
	}
	p := table.Pairs[0]
	if len(table.List) != api.MaxTable || table.Counts != nil || len(table.Pairs) != mostPairs || p.Is == p.Taken || p.Count != 2 || p.Samples[0] < p.Samples[1] {
		t.Errorf("%d classes, %d pairs, %+v", len(table.List), len(table.Pairs), p)
	}
	if c := table.List[0]; c.Right != 3 || c.Is != 5 || c.Name != "a"+strings.Repeat("ä", mostNamed/2-1) {
		t.Errorf("the worst class is %+v", c)
	}
}

// A hundred classes, of which the measure counts no pairs, have the matrix of their samples; without all of them they have none.
func TestOutcomeOfAHundredClasses(t *testing.T) {
	var all []sampleGuess
	counted := measure.NewPerClass(100)
	for i := range 500 {
		taken := i % 100
		if i < 100 {
			taken = 99 - taken
		}
		counted.Add(int32(i%100), int32(taken))
		all = append(all, sampleGuess{[2]int{i % 100, taken}, i, 1})
	}
	table := tableOf(counted, all, nil)
	if len(table.List) != 100 || len(table.Counts) != 100 || table.Counts[3][3] != 4 || table.Counts[3][96] != 1 || table.Counts[96][4] != 0 {
		t.Errorf("%d classes, a matrix of %d rows", len(table.List), len(table.Counts))
	}
	if table = tableOf(counted, all[1:], nil); table.Counts != nil {
		t.Error("a matrix that lacks a sample")
	}
}

// Of a run with many evaluations so many outcomes are kept that all have room.
func TestKeepsOutcome(t *testing.T) {
	for _, c := range []struct {
		sets []string
		want int
	}{{[]string{"steps=100", "eval.every=10"}, 10}, {[]string{"steps=100000", "eval.every=10"}, 127}, {[]string{"steps=1000", "eval.every=0"}, 1}} {
		f, kept := smallFile(t, c.sets...), 0
		for step := uint64(1); step <= uint64(f.Steps); step++ {
			if (f.Eval.Every > 0 && step%uint64(f.Eval.Every) == 0 || step == uint64(f.Steps)) && keepsOutcome(f, step) {
				kept++
			}
		}
		if kept != c.want {
			t.Errorf("%v: %d are kept, want %d", c.sets, kept, c.want)
		}
	}
}

// The names of measures are known before anything was evaluated.
func TestMeasureNames(t *testing.T) {
	for _, f := range []*runfile.File{imageFile(t, "lenet5", "data.valid=generated:valid?count=53"), smallFile(t),
		imageFile(t, "lenet5", "data.valid=generated:valid?count=53", "task.kind=regression")} {
		model, err := NewModel(f.Model)
		if err != nil {
			t.Fatal(err)
		}
		model.Params().Initialize(1)
		var want []string
		if f.Task.Kind != "regression" { // the set has no values, and the names do not depend on it
			m, err := Evaluate(model, f, f.Data.Valid, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, figure := range m.Figures {
				want = append(want, figure.Name)
			}
		} else {
			want = []string{"mean squared error", "mean absolute error", "R²"}
		}
		if got, err := MeasureNames(f); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", f.Task.Kind, got, err, want)
		}
	}
}

// What a language model writes at evaluations shows in no bit, and is the same whenever the weights are.
func TestWritingShowsInNoBits(t *testing.T) {
	sets := []string{"model.cell=lstm", "model.dropout=0.1", "steps=4", "eval.every=2"}
	plain, writing := smallFile(t, sets...), smallFile(t, append(sets, "eval.prompts=a||b", "eval.length=5", "eval.temperatures=0,1")...)
	want := runInProcess(t, plain, 1, 1, 1)
	for _, workers := range []int{1, 3} {
		if got := runInProcess(t, writing, workers, 1, 1); got.sum != want.sum || !slices.Equal(got.losses, want.losses) || got.held != want.held {
			t.Errorf("on %d workers the parameters, or the losses %v and %v, differ from %v and %v", workers, got.losses, got.held, want.losses, want.held)
		}
	}
	tr, _, _, _ := lookAt(t, writing)
	one, other := tr.write(), tr.write()
	if len(one) != 4 || len(one[0].Text) == 0 || !slices.Equal(one, other) || one[0].Prompt != "a" || one[3].Prompt != "b" || one[3].Temperature != 1 {
		t.Errorf("written were %+v and then %+v", one, other)
	}
	tr.cfg.Log = slog.New(slog.DiscardHandler)
	asked := 0
	tr.hurries = func() bool { asked++; return asked > 8 } // in the second text, each of which asks for the prime and five bytes
	if part := tr.write(); len(part) != 1 || part[0] != one[0] || asked != 9 {
		t.Errorf("written until a stop, asked for %d times: %+v", asked, part)
	}
	text := (&worker{cfg: Config{File: writing}}).outcome(3, Measured{Texts: one})
	if o, err := api.DecodeOutcome(text); err != nil || len(o.Texts) != 4 || o.Classes != nil {
		t.Errorf("told is %s: %v", text, err)
	}
}
