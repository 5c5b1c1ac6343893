package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/cmd/bench/predict"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func plots(t *testing.T, words ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	return Execute(t.Context(), append([]string{"plot"}, words...), &out, &out), out.String()
}

// The waterfall of a page is asked for until there is one, and drawn as characters or as a picture.
func TestPlotWaterfall(t *testing.T) {
	fall := api.WorkerWaterfall{Worker: "worker-1", Step: 12, Total: 0.1, Spans: []api.WaterfallSpan{{Part: "rows", End: 0.01}, {Part: "forward", Begin: 0.01, End: 0.05},
		{Part: "backward", Begin: 0.05, End: 0.08}, {Part: "barrier", Begin: 0.08, End: 0.09}, {Part: "apply", Begin: 0.09, End: 0.1}}}
	for b := range 100 {
		fall.Spans = append(fall.Spans, api.WaterfallSpan{Part: "bucket", Number: b, Begin: 0.06, End: 0.08})
	}
	asked := 0
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path != "/api/waterfall" {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error": "nothing is served here"}`)
			return
		}
		all := api.Waterfalls{Workers: []api.WorkerWaterfall{}}
		if asked > 1 {
			all.Workers = append(all.Workers, api.WorkerWaterfall{Worker: "worker-0", Step: 12, Total: 1}, fall)
		}
		_ = json.NewEncoder(w).Encode(all)
	}))
	defer site.Close()
	status, out := plots(t, "waterfall", site.URL, "--worker", "worker-1")
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "worker-1, step 12, 100.00 ms\n", "bucket 7 ", "more buckets ", "waits for all ", "milliseconds")
	if lines := strings.Count(out, "\n"); lines > maxBarRows+8 {
		t.Errorf("%d lines", lines)
	}
	rows := strings.Index(out, "rows █")
	if forward := strings.Index(out, "forward  "); rows < 0 || forward < rows {
		t.Errorf("parts are not in their order, or not where they begin:\n%s", out)
	}
	file := filepath.Join(t.TempDir(), "step.svg")
	if status, out := plots(t, "waterfall", site.URL, "--worker", "worker-1", "-o", file); status != 0 {
		t.Fatal(out)
	}
	svg, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, string(svg), "bucket 0</text>", "milliseconds</text>")
	fall.Worker = "\x1b[2J"
	if bars, err := waterfallBars(api.Waterfalls{Workers: []api.WorkerWaterfall{fall}}, ""); err != nil || !strings.HasPrefix(bars.Title, `\x1b[2J, step 12`) {
		t.Errorf("%+v, %v", bars, err)
	}
	fall.Worker = "worker-1"
	for want, words := range map[string][]string{
		"the step has worker-0, worker-1": {site.URL, "--worker", "worker-7"}, "no parts": {site.URL}, "nothing is served here": {site.URL + "/elsewhere"},
		"no run has left a history": {t.TempDir()}, "--step is of a run's directory": {site.URL, "--step", "3"}, "want the address of a run's page": {"http:///x"},
		"127.0.0.1:7070: no run has left a history": {"127.0.0.1:7070"}, "of a run that goes on, the address of its page": {"localhost:7070"}, ".png or .svg": {site.URL, "--out", "x.gif"}, "takes the address": {},
	} {
		status, out := plots(t, append([]string{"waterfall"}, words...)...)
		if status == 0 {
			t.Errorf("%v is taken", words)
		}
		wantText(t, out, want)
	}
}

// Reports of rondo bench are drawn over workers; what is none is an error that names the file.
func TestPlotScaling(t *testing.T) {
	write := func(name string, v any) string {
		path := filepath.Join(t.TempDir(), name)
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	run := func(unit string) bench.Report {
		r := &bench.Run{Name: "cifar", Unit: unit, Here: bench.Here{Rate: 90}}
		for n := 1; n <= 16; n *= 2 {
			r.Predicted = append(r.Predicted, predict.Prediction{Workers: n, Rate: 100 * float64(n) * 0.9, Efficiency: 0.9})
		}
		return bench.Report{Run: r}
	}
	images, texts := write("a.json", run("image")), write("b.json", run("byte"))
	status, out := plots(t, "scaling", images)
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "rate\n", "efficiency\n", "cifar", "cifar, measured", "workers")
	if status, out := plots(t, "scaling", images, write("c.json", run("image")), "--out", filepath.Join(t.TempDir(), "s.png")); status != 0 {
		t.Error(out)
	}
	for want, words := range map[string][]string{"draw them apart": {images, texts}, "make it with rondo bench": {write("d.json", bench.Report{})}, "no report": {write("e.json", 7)},
		"e.json: more than 16.8 MB is too large": {write("e.json", strings.Repeat("1", maxReport))},
		"no such file":                           {filepath.Join(t.TempDir(), "none.json")}} {
		status, out := plots(t, append([]string{"scaling"}, words...)...)
		if status == 0 {
			t.Errorf("%v is taken", words)
		}
		wantText(t, out, want)
	}
}

// gone is a run that went back between two questions.
type gone struct{}

func (gone) WaterfallSteps() []uint64     { return []uint64{4, 9} }
func (gone) WaterfallsAt(uint64) [][]byte { return nil }

// Of a directory the recorded step is drawn that was asked for, or the last before it, or the newest, of the worker that was asked for, or the first.
func TestPlotRecordedWaterfall(t *testing.T) {
	dir := plotted(t, "run")
	if status, out := plots(t, "waterfall", dir); status == 0 || !strings.Contains(out, "has recorded no waterfall") {
		t.Errorf("%d %s", status, out)
	}
	var frames []byte
	for _, step := range []uint64{2, 8, 40} {
		for _, name := range []string{"w", "x"} {
			frames = history.AppendWaterfall(frames, step, fmt.Appendf(nil, `{"worker":%q,"step":%d,"total":0.1,"spans":[{"part":"forward","begin":0,"end":0.05}]}`, name, step))
		}
	}
	if err := checkpoint.NewHistory(dir).Append(frames); err != nil {
		t.Fatal(err)
	}
	for step, want := range map[string]string{"0": "step 40", "8": "step 8", "39": "step 8", "1": "step 2"} {
		status, out := plots(t, "waterfall", dir, "--step", step)
		if status != 0 {
			t.Errorf("--step %s: %s", step, out)
		}
		wantText(t, out, "w, "+want+", 100.00 ms", "forward")
	}
	status, out := plots(t, "waterfall", dir, "--worker", "x")
	if status != 0 {
		t.Error(out)
	}
	wantText(t, out, "x, step 40, 100.00 ms")
	if status, out := plots(t, "waterfall", dir, "--worker", "v"); status == 0 || !strings.Contains(out, "--worker v: the step has w, x") {
		t.Errorf("%d %s", status, out)
	}
	if _, err := pickWaterfalls(gone{}, 7); err == nil || err.Error() != "the waterfall of step 4 is not there any more: ask again" {
		t.Error(err)
	}
}
