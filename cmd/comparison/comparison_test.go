package comparison

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rondo-ml/rondo/cmd/kept"
)

// TestFit: no other number is nearer to what is wanted.
func TestFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.IntRange(0, 9).Draw(t, "a"), rapid.IntRange(1, 50).Draw(t, "b"), rapid.IntRange(0, 1000).Draw(t, "c")
		count := func(n int) (int, error) { return a*n*n + b*n + c, nil }
		want := rapid.IntRange(1, 200_000).Draw(t, "want")
		got, err := Fit(want, count)
		if err != nil {
			t.Fatal(err)
		}
		distance := func(n int) int {
			x, _ := count(n)
			return max(x-want, want-x)
		}
		for _, n := range []int{got - 1, got + 1} {
			if n >= 1 && distance(n) < distance(got) {
				t.Fatalf("%d is %d off, %d only %d", got, distance(got), n, distance(n))
			}
		}
	})
	if _, err := Fit(10, func(int) (int, error) { return 1, nil }); err == nil || !strings.Contains(err.Error(), "10 parameters") {
		t.Errorf("a count that does not grow: %v", err)
	}
	if n, err := Fit(10, func(int) (int, error) { return 10, nil }); err == nil {
		t.Errorf("a count that does not grow is fitted by %d", n)
	}
}

func TestParse(t *testing.T) {
	all, err := ParseVary("model.cell=gru,lstm")
	if want := []Variant{{Name: "gru", Sets: []string{"model.cell=gru"}}, {Name: "lstm", Sets: []string{"model.cell=lstm"}}}; err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("%+v, %v", all, err)
	}
	for _, text := range []string{"", "model.cell", "=gru", "model.cell="} {
		if _, err := ParseVary(text); err == nil || !strings.Contains(err.Error(), "--vary") {
			t.Errorf("--vary %q: %v", text, err)
		}
	}
	v, err := ParseVariant("conv: model.kind=scheme; model.layers=INPUT -> CONV 8 5 -> FC")
	if err != nil || v.Name != "conv" || !slices.Equal(v.Sets, []string{"model.kind=scheme", "model.layers=INPUT -> CONV 8 5 -> FC"}) {
		t.Errorf("%+v, %v", v, err)
	}
	for _, text := range []string{"", "conv", ": a=b", "../x: a=b", ".: a=b", "a b: c=d"} {
		if _, err := ParseVariant(text); err == nil || !strings.Contains(err.Error(), "--variant") {
			t.Errorf("--variant %q: %v", text, err)
		}
	}
}

func plan() *Plan {
	return &Plan{Equal: "steps", Variants: []Variant{{Name: "a", Steps: 3}, {Name: "b", Steps: 3}}, Shares: []float64{0.5, 1}, Seeds: []uint64{7, 8}, Bits: "x"}
}

// TestKeep: what was planned first stays, and another comparison is told apart.
func TestKeep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	first := plan()
	if _, err := first.Keep(dir); err != nil {
		t.Fatal(err)
	}
	again := plan()
	again.Variants[1].Steps = 99 // measured on another day
	kept, err := again.Keep(dir)
	if err != nil || !reflect.DeepEqual(kept, first) {
		t.Fatalf("%+v, %v", kept, err)
	}
	for what, change := range map[string]func(*Plan){
		"run file is another": func(p *Plan) { p.Bits = "y" },
		"--equal steps":       func(p *Plan) { p.Equal = "time" },
		"--fit ":              func(p *Plan) { p.Fit = "model.layers" },
		"variants are a, b":   func(p *Plan) { p.Variants[0].Name = "c" },
		"shares or seeds":     func(p *Plan) { p.Seeds = p.Seeds[:1] },
		"its variant b has":   func(p *Plan) { p.Variants[1].Sets = []string{"model.hidden=8"} },
	} {
		p := plan()
		change(p)
		if _, err := p.Keep(dir); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", what, err)
		}
	}
	other := plan()
	other.Seeds = []uint64{9}
	if !other.Yields(dir) || first.Yields(dir) {
		t.Error("a plan of which nothing has come is to give way to another, and to no other")
	}
	if err := first.Begin(dir); err != nil || other.Yields(dir) || other.Replace(dir) != nil {
		t.Errorf("a plan that was begun gives way: %v", err)
	}
	if there, err := ReadPlan(dir); err != nil || !reflect.DeepEqual(there, first) {
		t.Errorf("%+v, %v", there, err)
	}
	if runs := first.Runs(); len(runs) != 8 || runs[0].Dir("o") != filepath.Join("o", "a", "share-0.5", "seed-7") || runs[7].Seed != 8 {
		t.Errorf("%+v", runs)
	}
}

// TestKeepFitted: the field that was fitted is no difference, others are.
func TestKeepFitted(t *testing.T) {
	dir, first := t.TempDir(), plan()
	first.Equal, first.Variants[1].Sets = "parameters", []string{"model.cell=gru", "model.hidden=9"}
	if _, err := first.Keep(dir); err != nil {
		t.Fatal(err)
	}
	for cell, same := range map[string]bool{"gru": true, "lstm": false} {
		p := plan()
		p.Equal, p.Variants[1].Sets = "parameters", []string{"model.cell=" + cell}
		kept, err := p.Keep(dir)
		if (err == nil) != same || same && !reflect.DeepEqual(kept, first) {
			t.Errorf("%s: %+v, %v", cell, kept, err)
		}
	}
}

// TestReadPlan: a variant without steps is an error that names file and variant.
func TestReadPlan(t *testing.T) {
	dir, p := t.TempDir(), plan()
	p.Variants[1].Steps = 0
	if _, err := p.Keep(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPlan(dir); err == nil || !strings.Contains(err.Error(), kept.PlanName+": variant b: steps: 0") {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	for what, change := range map[string]func(*Plan){
		"nothing to compare": func(p *Plan) { p.Variants = p.Variants[:1] },
		"two variants":       func(p *Plan) { p.Variants[1].Name = "a" },
		"--equal":            func(p *Plan) { p.Equal = "luck" },
		"--shares":           func(p *Plan) { p.Shares[0] = 0 },
		"at least one":       func(p *Plan) { p.Seeds = nil },
		"more than 10000":    func(p *Plan) { p.Seeds = make([]uint64, 5000) },
	} {
		p := plan()
		change(p)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestGather(t *testing.T) {
	r := Gather(plan(), []Outcome{
		{Variant: "b", Share: 1, Rate: 10, Measures: map[string]float64{"loss": 1}},
		{Variant: "b", Share: 1, Rate: 30, Measures: map[string]float64{"loss": 4}},
		{Variant: "a", Share: 0.5, Rate: 5, Measures: map[string]float64{"loss": 2}},
	})
	want := []Cell{
		{"a", 0.5, 1, map[string]Range{"loss": {1, 2, 2, 2}, "rate": {1, 5, 5, 5}}},
		{"b", 1, 2, map[string]Range{"loss": {2, 2.5, 1, 4}, "rate": {2, 20, 10, 30}}},
	}
	if !reflect.DeepEqual(r.Cells, want) {
		t.Errorf("%+v", r.Cells)
	}
	variants := []Variant{{Steps: 100, Seconds: 2}, {Steps: 100, Seconds: 8}, {Steps: 100, Seconds: 1e6}}
	EqualTime(variants)
	if variants[0].Steps != 100 || variants[1].Steps != 25 || variants[2].Steps != 1 {
		t.Errorf("%+v", variants)
	}
}

// A run that diverged counts among the seeds and has neither measures nor a rate. It is known of when the comparison goes on,
// unless another is.
func TestDiverged(t *testing.T) {
	p, dir := plan(), t.TempDir()
	r := Gather(p, []Outcome{
		{Variant: "a", Share: 1, Seed: 7, Rate: 5, Measures: map[string]float64{"loss": 2}},
		{Variant: "a", Share: 1, Seed: 8, Diverged: "step 3: not finite"},
	})
	if want := []Cell{{"a", 1, 2, map[string]Range{"loss": {1, 2, 2, 2}, "rate": {1, 5, 5, 5}}}}; !reflect.DeepEqual(r.Cells, want) {
		t.Errorf("%+v", r.Cells)
	}
	if none, err := ReadResults(dir, p); err != nil || none.Diverged(p.Runs()[6]) != "" {
		t.Errorf("%+v, %v", none, err)
	}
	path, err := r.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	other := plan()
	other.Variants[0].Sets = []string{"optimizer.lr=1e-3"}
	for of, want := range map[*Plan]string{p: "step 3: not finite", other: ""} {
		earlier, err := ReadResults(dir, of)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range of.Runs() {
			said := ""
			if run.Variant.Name == "a" && run.Share == 1 && run.Seed == 8 {
				said = want
			}
			if got := earlier.Diverged(run); got != said {
				t.Errorf("%+v: %q, want %q", run, got, said)
			}
		}
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadResults(dir, p); err == nil || !strings.Contains(err.Error(), path+": ") || !strings.Contains(err.Error(), "remove the file") {
		t.Error(err)
	}
}

// FuzzReadPlan: whatever lies there, a plan that is read can be followed.
func FuzzReadPlan(f *testing.F) {
	f.Add([]byte(`{"equal":"steps","variants":[{"name":"a","steps":1},{"name":"b","steps":1}],"shares":[1],"seeds":[1],"bits":"x"}`))
	f.Add([]byte(`{"equal":"steps","variants":[{"name":"../a","steps":1},{"name":"b","steps":1}],"shares":[1e-9],"seeds":[1]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, kept.PlanName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := ReadPlan(dir)
		if err != nil {
			return
		}
		for _, run := range p.Runs() {
			if at, err := filepath.Rel(dir, run.Dir(dir)); err != nil || strings.HasPrefix(at, "..") {
				t.Fatalf("a run lies at %q", at)
			}
		}
	})
}
