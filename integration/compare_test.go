package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// compared is what is read here of results.json.
type compared struct {
	Cells []struct {
		Variant string
		Share   float64
		Runs    int
		Values  map[string]struct{ Mean, Min, Max float64 }
	}
	Runs []struct {
		Variant, Digest string
		Share           float64
		Seed            uint64
	}
}

// TestCompare compares three cells, is killed and goes on: the runs have the bits of a comparison that was left alone.
func TestCompare(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	argv := func(out string) []string {
		return []string{"compare", "run.yaml", "--vary", "model.cell=gru,lstm,mlstm", "--equal", "parameters", "--shares", "0.5,1", "--out", out}
	}
	results := func(out string) (r compared) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(l.Dir, out, "results.json"))
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	text := l.Must(argv("calm")...)
	for _, want := range []string{"equal parameters, 6 runs", "mlstm", "a second"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	calm := results("calm")
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
	hurt := results("hurt")
	for i, run := range calm.Runs {
		if hurt.Runs[i] != run || run.Digest == "" {
			t.Errorf("%+v\nwithout a kill %+v", hurt.Runs[i], run)
		}
	}
	for _, name := range []string{"compare.svg", "speed.svg"} {
		if b, err := os.ReadFile(filepath.Join(l.Dir, "hurt", name)); err != nil || !strings.Contains(string(b), "mlstm") {
			t.Errorf("%s: %v", name, err)
		}
	}
	l.WantError("another comparison", l.Run("compare", "run.yaml", "--vary", "model.cell=gru,lstm", "--out", "calm"), 2, "calm", "--out")
	l.WantError("no such cell", l.Run("compare", "run.yaml", "--vary", "model.cell=gru,lsm", "--out", "x"), 2, "variant lsm", "did you mean lstm?")
	l.WantError("no such measure", l.Run(append(argv("calm"), "--measure", "luck")...), 2, "--measure luck", "loss")
}
