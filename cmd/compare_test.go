package cmd

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/cmd/comparison"
)

const cellsFile = "name: cells\nmodel:\n  kind: charlm\n  hidden: 4\ndata:\n  train: here/train\n  valid: here/valid\nsteps: 3\n"

// TestCompareDiverged: a variant whose loss is no number has no loss of 0.
func TestCompareDiverged(t *testing.T) {
	p := &comparison.Plan{Equal: "steps", Variants: []comparison.Variant{{Name: "calm", Steps: 1}, {Name: "wild", Steps: 1}}, Shares: []float64{1}, Seeds: []uint64{1}}
	text := compareText(comparison.Gather(p, []comparison.Outcome{
		{Variant: "calm", Share: 1, Rate: 5, Measures: map[string]float64{"loss": 1.25}},
		{Variant: "wild", Share: 1, Rate: 5, Measures: map[string]float64{}},
	}), "loss")
	for name, want := range map[string]string{"calm": "1.25", "wild": "none"} {
		line := text[strings.LastIndex(text, name):]
		if fields := strings.Fields(line); fields[3] != want {
			t.Errorf("%q: want %s in\n%s", fields, want, text)
		}
	}
}

// Speeds of runs on other numbers of workers are no mean, and a time that was not equal is said.
func TestCompareSpeeds(t *testing.T) {
	p := &comparison.Plan{Equal: "time", Variants: []comparison.Variant{{Name: "calm", Steps: 40}, {Name: "wild", Steps: 20}}, Shares: []float64{1}, Seeds: []uint64{1, 2, 3}}
	outcome := func(name string, seed uint64, rate float64, workers int) comparison.Outcome {
		return comparison.Outcome{Variant: name, Share: 1, Seed: seed, Rate: rate, Workers: workers, Measures: map[string]float64{"loss": 1}}
	}
	outcomes := []comparison.Outcome{outcome("calm", 1, 8000, 2), outcome("calm", 2, 4000, 1), outcome("calm", 3, 6000, comparison.Mixed),
		outcome("wild", 1, 2000, 1), outcome("wild", 2, 2000, 1)}
	results := comparison.Gather(p, outcomes)
	if c := results.Cells[0]; c.Values["rate"] != (comparison.Range{Runs: 1, Mean: 4000, Min: 4000, Max: 4000}) || c.Values["loss"].Runs != 3 || results.Workers != 1 {
		t.Errorf("%+v", results)
	}
	text := compareText(results, "loss")
	wantText(t, text, "speeds are of runs on 1 worker; left out of them: 2 runs on another")
	if strings.Contains(text, "not equal") {
		t.Error(text)
	}
	outcomes[3].Rate, outcomes[4].Rate = 500, 500
	wantText(t, compareText(comparison.Gather(p, outcomes), "loss"), "with share 1 the runs of wild took 4 times as long as those of calm\n", "the machine was busy")
	changed := comparison.Gather(p, []comparison.Outcome{outcome("calm", 1, 8000, comparison.Mixed), outcome("wild", 1, 8000, comparison.Mixed)})
	if text := compareText(changed, "loss"); strings.Contains(text, "0 workers") || !strings.Contains(text, "left out of the speeds: 2 runs on a number of workers that changed") {
		t.Error(text)
	}
	known := comparison.Gather(p, []comparison.Outcome{outcome("calm", 1, 8000, 0), outcome("calm", 2, 8000, 0), outcome("wild", 1, 2000, 2)})
	wantText(t, compareText(known, "loss"), "speeds are of runs on 2 workers; left out of them: 2 runs on another")
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "journal.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	if n := workersOf(dir); n != 0 {
		t.Errorf("%d workers by a journal that cannot be read", n)
	}
	p.Equal = "steps"
	if text := compareText(comparison.Gather(p, outcomes), "loss"); strings.Contains(text, "not equal") {
		t.Error(text)
	}
}

// A step that was measured on a busy machine is named.
func TestCompareUnsteady(t *testing.T) {
	v := comparison.Variant{Name: "calm", Seconds: 0.004}
	if text := unsteadyText(v, 0.005); text != "" {
		t.Error(text)
	}
	wantText(t, unsteadyText(v, 0.006), "the step of calm took from 4 to 6 ms in 4 turns: the machine is busy")
}

// A mean over fewer seeds than there are says so, in the table and in the picture.
func TestCompareFewerSeeds(t *testing.T) {
	p := &comparison.Plan{Equal: "steps", Variants: []comparison.Variant{{Name: "calm", Steps: 1}, {Name: "wild", Steps: 1}}, Shares: []float64{0.5, 1}, Seeds: []uint64{1, 2}}
	var outcomes []comparison.Outcome
	for _, seed := range p.Seeds {
		for _, share := range p.Shares {
			wild := map[string]float64{"loss": 2}
			if seed == 2 && share == 1 {
				delete(wild, "loss")
			}
			outcomes = append(outcomes, comparison.Outcome{Variant: "calm", Share: share, Seed: seed, Measures: map[string]float64{"loss": 1}},
				comparison.Outcome{Variant: "wild", Share: share, Seed: seed, Measures: wild})
		}
	}
	p.Variants = append(p.Variants, comparison.Variant{Name: "lost", Steps: 1})
	outcomes = append(outcomes, comparison.Outcome{Variant: "lost", Share: 1, Seed: 1, Diverged: "step 0: not finite"})
	results := comparison.Gather(p, outcomes)
	table := strings.Join(strings.Fields(compareText(results, "loss")), " ")
	wantText(t, table, "calm 1 2 1 1 … 1", "wild 0.5 2 2 2 … 2", "wild 1 1/2 2 2 … 2", "lost 1 0/1 none none")
	picture := filepath.Join(t.TempDir(), "c.svg")
	if err := savePicture(picture, results, "loss"); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, string(svg), "calm<", "wild (seeds: 1/2 at share 1)", "lost (seeds: 0/1 at share 1)")
}

// The measure that is shown is one that any run has: those that diverged have none.
func TestCompareMeasure(t *testing.T) {
	p := &comparison.Plan{Equal: "steps", Variants: []comparison.Variant{{Name: "lost", Steps: 1}, {Name: "calm", Steps: 1}}, Shares: []float64{1}, Seeds: []uint64{1}}
	lost := comparison.Outcome{Variant: "lost", Share: 1, Seed: 1, Diverged: "step 0: not finite"}
	calm := comparison.Outcome{Variant: "calm", Share: 1, Seed: 1, Measures: map[string]float64{"loss": 1, "accuracy": 0.5}}
	for _, c := range []struct {
		asked, want string
		outcomes    []comparison.Outcome
	}{
		{"", "loss", nil},
		{"", "loss", []comparison.Outcome{lost}},
		{"accuracy", "accuracy", []comparison.Outcome{lost}},
		{"", "accuracy", []comparison.Outcome{lost, calm}},
		{"loss", "loss", []comparison.Outcome{lost, calm}},
		{"luck", "", []comparison.Outcome{lost, calm}},
	} {
		r := &comparing{options: compareOptions{measure: c.asked}}
		if got, err := r.measure(comparison.Gather(p, c.outcomes)); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("--measure %q of %d runs: %q, %v; want %q", c.asked, len(c.outcomes), got, err, c.want)
		}
	}
}

// Steps that an equal time leaves, and the run file does not allow, are refused by the variant's name.
func TestComparePlannedSteps(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.yaml")
	if err := os.WriteFile(file, []byte(cellsFile+"schedule:\n  kind: linear\n  warmup: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &comparison.Plan{Equal: "time", Variants: []comparison.Variant{{Name: "gru", Steps: 3}, {Name: "slow", Sets: []string{"model.hidden=64"}, Steps: 2}},
		Shares: []float64{0.5, 1}, Seeds: []uint64{1, 2}}
	r := &comparing{options: compareOptions{out: "out"}, path: file}
	err := r.checkPlanned(p)
	if err == nil {
		t.Fatal("2 steps with a warm-up of 3")
	}
	wantText(t, err.Error(), "variant slow, for which 2 steps are planned", "schedule.warmup", "at most steps = 2", "have more steps")
	if p.Variants[1].Steps = 3; r.checkPlanned(p) != nil {
		t.Errorf("3 steps with a warm-up of 3: %v", r.checkPlanned(p))
	}
}

// A measure that no run will have, and more workers than lanes, are refused before anything is trained or measured.
func TestCompareRefused(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "run.yaml"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, []byte(cellsFile), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, more := range map[string][]string{
		"--measure acuracy: variant gru tells loss, rate":  {"--measure", "acuracy"},
		"variant gru: --workers 1000: more than the":       {"--workers", "1000"},
		"variant 8: seed=8: --seeds decides it":            {"--vary", "seed=8,9"},
		"variant a: data.share=0.5: --shares decides it":   {"--variant", "a: data.share=0.5"},
		"variant d: checkpoint.dir=x: --out decides it":    {"--variant", "d: checkpoint.dir=x"},
		"--set data.share=0.5: --shares decides it":        {"--set", "data.share=0.5"},
		"variant a: steps=9: --equal time decides it":      {"--variant", "a: steps=9", "--equal", "time"},
		"variant 9: model.hidden=9: --fit decides it":      {"--vary", "model.hidden=8,9", "--equal", "parameters"},
		"--fit steps: it does not change how many there":   {"--equal", "parameters", "--fit", "steps"},
		"variant gru with share 0.5: data.train: no shard": {"--shares", "1,0.5"},
	} {
		var said bytes.Buffer
		status := Execute(t.Context(), append([]string{"compare", file, "--vary", "model.cell=gru,lstm", "--out", out}, more...), &said, &said)
		wantText(t, said.String(), want)
		if _, err := os.Stat(out); status != 2 || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("status %d, and %s is there: %v", status, out, err)
		}
	}
}

// A share that leaves less than a batch is refused with the plan, and without the flag the run file's counts.
func TestCompareShares(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "run.yaml"), filepath.Join(dir, "out")
	text, set := filepath.Join(dir, "text"), filepath.Join(dir, "set")
	run := strings.NewReplacer("here", set, "valid: ", "share: 0.5\n  valid: ").Replace(cellsFile) + "batch:\n  global: 4\n  lanes: 4\n  length: 8\n"
	for path, content := range map[string]string{file: run, text: strings.Repeat("a text of words ", 100)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	if Execute(t.Context(), []string{"shard", "text", "--out", set, "--valid", "0.1", text}, &said, &said) != 0 {
		t.Fatal(said.String())
	}
	argv := []string{"compare", file, "--vary", "model.cell=gru,lstm", "--plan", "--out", out}
	status := Execute(t.Context(), append(argv, "--shares", "1,0.01"), &said, &said)
	wantText(t, said.String(), "variant gru with share 0.01: data.train: ", "too few for one batch")
	if _, err := os.Stat(out); status != 2 || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("status %d, and %s is there: %v", status, out, err)
	}
	if said.Reset(); Execute(t.Context(), argv, &said, &said) != 0 {
		t.Fatal(said.String())
	}
	if p, err := comparison.ReadPlan(out); err != nil || !slices.Equal(p.Shares, []float64{0.5}) {
		t.Errorf("%+v, %v", p, err)
	}
}

// Sets that were cut anew at the place of those that a comparison began with are refused, and so are its results.
func TestCompareDataRewritten(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "run.yaml"), filepath.Join(dir, "out")
	text, set := filepath.Join(dir, "text"), filepath.Join(dir, "set")
	run := strings.NewReplacer("here", set).Replace(cellsFile) + "batch:\n  global: 4\n  lanes: 4\n  length: 8\n"
	if err := os.WriteFile(file, []byte(run), 0o600); err != nil {
		t.Fatal(err)
	}
	argv := []string{"compare", file, "--vary", "model.cell=gru,lstm", "--plan", "--out", out}
	for i, c := range []struct {
		words  string
		status int
	}{{"a text of words ", 0}, {"a text of words ", 0}, {"other words here ", 2}} {
		if err := os.WriteFile(text, []byte(strings.Repeat(c.words, 100)), 0o600); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		if Execute(t.Context(), []string{"shard", "text", "--out", set, "--valid", "0.1", "--overwrite", text}, &said, &said) != 0 {
			t.Fatal(said.String())
		}
		said.Reset()
		if i == 1 { // something has come of the plan
			if err := os.Mkdir(filepath.Join(out, "gru"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if status := Execute(t.Context(), argv, &said, &said); status != c.status {
			t.Errorf("time %d: status %d, %s", i, status, said.String())
		}
		if c.status != 0 {
			wantText(t, said.String(), out+" holds another comparison: the data of "+filepath.Join(set, "train")+" were others when it was begun; give another --out")
		}
	}
	if err := os.RemoveAll(set); err != nil {
		t.Fatal(err)
	}
	p, err := comparison.ReadPlan(out)
	if err != nil || len(p.Data) != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}

// A run that lies there and was trained on other data than those at the place now is of another comparison, whatever its plan knows.
func TestCompareLeftData(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "run.yaml"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, []byte(cellsFile), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &comparison.Plan{Variants: []comparison.Variant{{Name: "gru", Sets: []string{"model.cell=gru"}, Steps: 7}}, Shares: []float64{1}, Seeds: []uint64{1}}
	run := p.Runs()[0]
	if err := os.MkdirAll(filepath.Dir(run.Dir(out)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(newModel(t, nil, "model.kind=charlm", "model.cell=gru", "model.hidden=4"), run.Dir(out)); err != nil { // of data with the hash d
		t.Fatal(err)
	}
	for hash, differs := range map[string]bool{"d": false, "": false, "e": true} {
		r := &comparing{options: compareOptions{out: out}, path: file, data: map[string]string{"here/train": hash}}
		differ, err := r.differs(run)
		if err != nil || slices.Contains(differ, "the data of here/train") != differs {
			t.Errorf("hash %q: %q, %v", hash, differ, err)
		}
	}
}

// A plan of which nothing has come is no comparison yet: another takes its place. A field is fitted with equal parameters alone.
func TestComparePlanAnew(t *testing.T) {
	dir := t.TempDir()
	file, text, set, out := filepath.Join(dir, "run.yaml"), filepath.Join(dir, "a.txt"), filepath.Join(dir, "here"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(cellsFile, "here", set)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(text, []byte(strings.Repeat("a text of words ", 4000)), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(words ...string) (int, string) {
		var said bytes.Buffer
		return Execute(t.Context(), words, &said, &said), said.String()
	}
	if status, said := run("shard", "text", "--out", set, "--valid", "0.1", text); status != 0 {
		t.Fatal(said)
	}
	argv := []string{"compare", file, "--vary", "model.cell=gru,lstm", "--plan", "--out", out}
	for _, words := range [][]string{nil, {"--shares", "0.5,1"}, {"--shares", "0.5"}, {"--equal", "parameters"}} {
		if status, said := run(append(argv, words...)...); status != 0 {
			t.Errorf("%v: %s", words, said)
		}
	}
	before, err := comparison.ReadPlan(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{{"--equal", "parameters", "--fit", "batch.length"}, {"--shares", "0.0001"}} { // neither is possible
		if status, said := run(append(argv, words...)...); status == 0 {
			t.Errorf("%v: %s", words, said)
		}
		if left, err := comparison.ReadPlan(out); err != nil || !reflect.DeepEqual(left, before) {
			t.Errorf("%v: the plan gave way to one that is not possible: %v", words, err)
		}
	}
	if err := before.Begin(out); err != nil {
		t.Fatal(err)
	}
	if status, said := run(argv...); status != 2 || !strings.Contains(said, "holds another comparison: it has --equal parameters") {
		t.Errorf("%d: %s", status, said)
	}
	if status, said := run(append(argv, "--fit", "model.embed")...); status != 2 || !strings.Contains(said, "--fit model.embed: a field is fitted with --equal parameters") {
		t.Errorf("%d: %s", status, said)
	}
}

// TestCompareStopped: a signal while steps are measured leaves no plan and no files behind.
func TestCompareStopped(t *testing.T) {
	dir := t.TempDir()
	file, out, other := filepath.Join(dir, "run.yaml"), filepath.Join(dir, "out"), filepath.Join(dir, "tmp")
	if err := os.WriteFile(file, []byte(cellsFile), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", other)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var said bytes.Buffer
	if status := Execute(ctx, []string{"compare", file, "--vary", "model.cell=gru,lstm", "--equal", "time", "--out", out}, &said, &said); status != exitStopped {
		t.Errorf("status %d: %s", status, said.String())
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v", out, err)
	}
	if left, err := os.ReadDir(other); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestCompareBadPlan: a plan that cannot be read is told of before anything is measured.
func TestCompareBadPlan(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "run.yaml")
	if err := os.WriteFile(file, []byte(cellsFile), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "plan.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	status := Execute(t.Context(), []string{"compare", file, "--vary", "model.cell=gru,lstm", "--equal", "time", "--out", dir}, &said, &said)
	if status != 2 || strings.Contains(said.String(), "measuring") {
		t.Errorf("status %d: %s", status, said.String())
	}
	wantText(t, said.String(), filepath.Join(dir, "plan.json"), "remove the file to plan anew")
}
