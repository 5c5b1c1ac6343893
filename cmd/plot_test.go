package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// plotted is the directory of a run of some steps.
func plotted(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	w, err := history.NewWriter(history.StepColumns()...)
	if err != nil {
		t.Fatal(err)
	}
	for s := range uint64(60) {
		w.Add(s+1, time.Unix(int64(1e9+s), 0), history.OfStep(&api.StepReport{Step: s, Loss: 3 - float64(s)/100, Lr: 0.1, Targets: 10, TotalNs: 1e9}))
	}
	frames, err := history.AppendNote(w.Take(), history.Note{Evaluation: &api.Evaluation{Step: 60, Loss: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.NewHistory(dir).Append(frames); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPlot(t *testing.T) {
	a, b := plotted(t, "first"), plotted(t, "second")
	plots := func(words ...string) (int, string) {
		var out bytes.Buffer
		return Execute(t.Context(), append([]string{"plot"}, words...), &out, &out), out.String()
	}
	status, out := plots(a, b, "--columns", "loss,lr")
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "loss\n", "lr\n", "first", "second", "first, held out", "step")
	file := filepath.Join(t.TempDir(), "x.svg")
	if status, out := plots(a, b, "--log-y", "--x", "time", "--out", file); status != 0 {
		t.Fatal(out)
	}
	svg, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, string(svg), "second</text>", "seconds</text>")
	for want, words := range map[string][]string{
		"the run has": {a, "--columns", "none"}, "step or time": {a, "--x", "day"}, ".png or .svg": {a, "--out", "x.pdf"},
		"at least one": {a, "--columns", " , "}, "given twice": {a, a}, "is behind --to": {a, "--from", "9", "--to", "3"}, "checkpoint.dir": {t.TempDir()}, "no history of these steps": {a, "--from", "100"},
	} {
		status, out := plots(words...)
		if status == 0 {
			t.Errorf("%v is taken", words)
		}
		wantText(t, out, want)
	}
}
