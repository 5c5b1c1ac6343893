package integration

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// compared is what is read here of results.json.
type compared struct {
	Cells []struct {
		Variant string
		Share   float64
		Runs    int
		Values  map[string]struct {
			Runs           int
			Mean, Min, Max float64
		}
	}
	Runs []struct {
		Variant, Digest, Diverged string
		Share                     float64
		Seed                      uint64
	}
}

// compared reads the results of a comparison.
func (l *Lab) compared(out string) (r compared) {
	l.t.Helper()
	text, err := os.ReadFile(l.Path(out, "results.json"))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

// TestCompare compares three cells, is killed and goes on: the runs have the bits of a comparison that was left alone.
func TestCompare(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	argv := func(out string) []string {
		return []string{"compare", "run.yaml", "--vary", "model.cell=gru,lstm,mlstm", "--equal", "parameters", "--shares", "0.5,1", "--out", out}
	}
	text := l.Must(argv("calm")...)
	for _, want := range []string{"equal parameters, 6 runs", "mlstm", "a second"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	calm := l.compared("calm")
	if len(calm.Cells) != 6 || len(calm.Runs) != 6 {
		t.Fatalf("%+v", calm)
	}
	for _, c := range calm.Cells {
		if loss := c.Values["loss"]; c.Runs != 1 || loss.Min > loss.Mean || loss.Max < loss.Mean || loss.Mean <= 0 || c.Values["rate"].Mean <= 0 {
			t.Errorf("%+v", c)
		}
	}
	p := l.Start(argv("hurt")...)
	p.WaitOutput("run 3 of 6")
	p.Signal(os.Kill)
	p.Wait()
	l.Must(argv("hurt")...)
	hurt := l.compared("hurt")
	for i, run := range calm.Runs {
		if hurt.Runs[i] != run || run.Digest == "" {
			t.Errorf("%+v\nwithout a kill %+v", hurt.Runs[i], run)
		}
	}
	for _, name := range []string{"compare.svg", "speed.svg"} {
		if b, err := os.ReadFile(l.Path("hurt", name)); err != nil || !strings.Contains(string(b), "mlstm") {
			t.Errorf("%s: %v", name, err)
		}
	}
	l.WantError("another comparison", l.Run("compare", "run.yaml", "--vary", "model.cell=gru,lstm", "--out", "calm"), 2, "calm", "--out")
	l.WantError("no such cell", l.Run("compare", "run.yaml", "--vary", "model.cell=gru,lsm", "--out", "x"), 2, "variant lsm", "did you mean lstm?")
	l.WantError("no such measure", l.Run(append(argv("calm"), "--measure", "luck")...), 2, "--measure luck", "loss")
}

// TestCompareDiverged: a variant that comes to no number ends nothing. It is missing from the means, and not trained again.
func TestCompareDiverged(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	argv := []string{"compare", "run.yaml", "--set", "steps=6", "--set", "eval.every=6", "--set", "schedule.kind=constant", "--variant",
		"wild: optimizer.lr=3e38; optimizer.clip=0; schedule.warmup=0", "--variant", "calm:", "--seeds", "2", "--out", "out"}
	first := l.Run(argv...)
	if first.Code != 0 {
		t.Fatalf("exit status %d\n%s", first.Code, first.Stderr)
	}
	r := l.compared("out")
	if len(r.Cells) != 2 || r.Cells[0].Values["loss"].Runs != 0 || r.Cells[0].Runs != 2 || r.Cells[1].Values["loss"].Runs != 2 || len(r.Runs) != 4 {
		t.Fatalf("%+v", r)
	}
	for _, run := range r.Runs {
		if wild := run.Variant == "wild"; strings.Contains(run.Diverged, "not finite") != wild || (run.Digest == "") != wild {
			t.Errorf("%+v", run)
		}
	}
	if text := strings.Join(strings.Fields(first.Stdout), " "); !strings.Contains(text, "wild 1 0/2 none none") {
		t.Errorf("the table:\n%s", first.Stdout)
	}
	if !strings.Contains(first.Stderr, "run 1 of 4 diverged") {
		t.Errorf("nothing is said of it:\n%s", first.Stderr)
	}
	again := l.Run(argv...)
	if again.Code != 0 || again.Stdout != first.Stdout || strings.Contains(again.Stderr, "run ") {
		t.Errorf("exit status %d\n%s\nat first\n%s%s", again.Code, again.Stdout, first.Stdout, again.Stderr)
	}
}

// TestCompareLeft: without its plan, what another comparison has left is taken for no run of this one.
func TestCompareLeft(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	l.Must("shard", "text", "--out", "others", "--valid", "0.2", "text.txt")
	argv := []string{"compare", "run.yaml", "--set", "steps=4", "--set", "eval.every=4", "--set", "schedule.warmup=0", "--set", "schedule.kind=constant",
		"--variant", "wild: optimizer.lr=3e38; optimizer.clip=0", "--variant", "calm:", "--out", "out"}
	first, runs := l.Must(argv...), l.compared("out").Runs
	forget := func() {
		if err := os.Remove(l.Path("out", "plan.json")); err != nil {
			t.Fatal(err)
		}
	}
	for field, value := range map[string]string{"optimizer.lr": "0.5", "batch.length": "7", "data.valid": "others/valid"} {
		forget()
		l.WantError(field, l.Run(append(argv, "--set", field+"="+value)...), 2, filepath.Join("share-1", "seed-7"), field+": ", "remove the directory out")
		if again := l.Must(argv...); again != first { // the plan of the refused was not written
			t.Errorf("%s\nat first\n%s", again, first)
		}
	}
	l.WantError("data.valid under the same plan", l.Run(append(argv, "--set", "data.valid=others/valid")...), 2, "data.valid: shards/valid and others/valid")
	forget()
	tame := slices.Replace(slices.Clone(argv), 11, 12, "wild: optimizer.lr=1e-4")
	l.Must(tame...)
	now := l.compared("out").Runs
	if now[0].Diverged != "" || runs[0].Diverged == "" || now[1].Digest != runs[1].Digest {
		t.Errorf("%+v\nat first\n%+v", now, runs)
	}
	l.WantError("a run's directory", l.Run(append(argv, "--out", filepath.Join("out", "calm", "share-1", "seed-7"))...), 2, "--out", "a run has left")
}

// TestCompareEqualTime: the slower variant gets fewer steps, of which each seed's run is.
func TestCompareEqualTime(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	text := l.Must("compare", "run.yaml", "--set", "schedule.warmup=0", "--set", "eval.every=40", "--variant", "small: model.hidden=16",
		"--variant", "large: model.hidden=128", "--equal", "time", "--seeds", "2", "--out", "out")
	var p struct {
		Variants []struct {
			Steps   int
			Seconds float64 `json:"step_seconds"`
		}
	}
	plan, err := os.ReadFile(l.Path("out", "plan.json"))
	if err == nil {
		err = json.Unmarshal(plan, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	small, large := p.Variants[0], p.Variants[1]
	if took := small.Seconds * float64(small.Steps); small.Steps != 40 || large.Steps >= 40 || math.Abs(float64(large.Steps)*large.Seconds-took) > large.Seconds {
		t.Errorf("%+v", p)
	}
	if r := l.compared("out"); len(r.Runs) != 4 || r.Cells[0].Values["loss"].Runs != 2 || r.Cells[1].Values["loss"].Runs != 2 || !strings.Contains(text, "equal time, 4 runs") {
		t.Errorf("%+v\n%s", r, text)
	}
}
