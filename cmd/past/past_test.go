package past

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/coordinator/web"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

var start = time.Unix(1e9, 0)

func write(t *testing.T, dir string, from, to uint64, mark string) {
	t.Helper()
	w, err := history.NewWriter(history.StepColumns()...)
	if err != nil {
		t.Fatal(err)
	}
	frames, err := history.AppendNote(nil, history.Note{Run: &api.Run{Name: "r", File: "name: r\nsteps: 100\nmodel: {kind: lenet5}\ndata: {train: d}\n"}})
	if err != nil {
		t.Fatal(err)
	}
	for s := from; s <= to; s++ {
		loss := 3 - float64(s)/100
		if s == 7 {
			loss = 0.5
		}
		w.Add(s, start.Add(time.Duration(s)*time.Second), history.OfStep(&api.StepReport{Step: s - 1, Loss: loss, Lr: 0.1, Targets: 10, TotalNs: 1e9}))
	}
	frames = append(frames, w.Take()...)
	if frames, err = history.AppendNote(frames, history.Note{Evaluation: &api.Evaluation{Step: to, Loss: 2, Measures: []api.Measure{{Name: "accuracy", Value: 0.5}}}}); err != nil {
		t.Fatal(err)
	}
	frames = history.AppendOutcome(frames, to, fmt.Appendf(nil, `{"step":%d}`, to))
	frames = history.AppendNetwork(frames, &api.Network{Layers: []*api.Layer{{Name: "fc", Kind: "linear"}}})
	frames = history.AppendHealth(frames, &api.Health{Step: to, Layers: []*api.LayerHealth{{}}})
	kept := checkpoint.NewHistory(dir)
	if err = kept.Append(frames); err == nil {
		err = kept.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	rate := 1e-4
	journal := checkpoint.NewJournal(dir)
	err = journal.Append(checkpoint.JournalLine{Step: from - 1, View: &checkpoint.JournalView{Generation: 1, Lanes: 4,
		Workers: []checkpoint.JournalWorker{{Name: "w", First: 0, End: 4}}}}, checkpoint.JournalLine{Step: 5, LR: &rate},
		checkpoint.JournalLine{Step: to, Mark: mark})
	if err == nil {
		err = journal.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A run that is over is shown from its directory; one that goes on, too.
func TestRun(t *testing.T) {
	dir, now := t.TempDir(), start.Add(time.Hour)
	if _, err := Open(dir, func() time.Time { return now }); err == nil || !strings.Contains(err.Error(), "checkpoint.dir") {
		t.Errorf("an empty directory: %v", err)
	}
	write(t, dir, 1, 40, "00000000000000aa")
	r, err := Open(dir, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	st := r.Status()
	if st.Phase != api.PhaseStopped || st.Step != 40 || st.Steps != 100 || st.Run.Name != "r" || len(st.Evaluations) != 1 || len(st.Events) != 2 ||
		st.Events[1].Step != 5 || st.Rate != 10 || len(st.Workers) != 1 || math.Abs(float64(st.Loss)-2.6) > 1e-6 || !st.Now.Equal(start.Add(40*time.Second)) {
		t.Errorf("status %+v", st)
	}
	if s := r.Series(history.Query{From: 39}); len(s.Steps) != 2 || s.End != 40 {
		t.Errorf("series %+v", s)
	}
	write(t, dir, 41, 100, "00000000000000bb")
	if s := r.Series(history.Query{}); s.End != 40 {
		t.Errorf("it was read again at once: %d", s.End)
	}
	now = now.Add(refreshSeldom)
	again := r.Status().Since(st.Next)
	if text, steps := r.Outcome(0); string(text) != `{"step":100}` || !slices.Equal(steps, []uint64{40, 100}) || r.Draws() {
		t.Errorf("what evaluations showed: %s, %v; of a set that is not there: %t", text, steps, r.Draws())
	}
	if h, there := r.LayerHistory("fc"); !r.TellsLayers() || len(r.Network().Layers) != 1 || r.LayersHealth().Step != 100 || !there || !slices.Equal(h.Steps, []uint64{40, 100}) {
		t.Errorf("of its layers: %+v, %+v", r.LayersHealth(), h.Steps)
	}
	if st.Workers[0].State != "stopped" || again.Workers[0].State != "finished" {
		t.Errorf("its worker is %q, and %q when all steps are done", st.Workers[0].State, again.Workers[0].State)
	}
	if again.Phase != api.PhaseFinished || again.Step != 100 || !again.Whole || len(again.Evaluations) != 2 {
		t.Errorf("of more steps: %+v", again)
	}
	if r.Status().Since(again.Next).Whole {
		t.Error("nothing is new, and all is told")
	}
}

// A run whose last step came out not finite is shown, with the learning rate of the step before.
func TestNotFinite(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 1, 40, "00000000000000aa")
	w, err := history.NewWriter(history.StepColumns()...)
	if err != nil {
		t.Fatal(err)
	}
	w.Add(41, start.Add(41*time.Second), history.NotFinite())
	kept := checkpoint.NewHistory(dir)
	if err = kept.Append(w.Take()); err == nil {
		err = kept.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(dir, func() time.Time { return start.Add(time.Hour) })
	if err != nil {
		t.Fatal(err)
	}
	st := r.Status()
	if st.Phase != api.PhaseFailed || st.Step != 41 || st.Loss.Finite() || math.Abs(st.LR-0.1) > 1e-6 || st.Rate != 10 || st.Workers[0].State != "failed" {
		t.Errorf("status %+v", st)
	}
	if _, err := json.Marshal(st); err != nil {
		t.Error(err)
	}
}

// The longer a run says nothing, the more seldom it is read, within bounds.
func TestPause(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 1, 40, "00000000000000aa")
	r, err := Open(dir, func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	for silent, want := range map[time.Duration]time.Duration{-time.Hour: refreshEvery, 0: refreshEvery, time.Minute: 3 * time.Second, time.Hour: refreshSeldom} {
		if got := r.pause(start.Add(40*time.Second + silent)); got != want {
			t.Errorf("after %v of silence it is read again in %v, want %v", silent, got, want)
		}
	}
}

// Runs beside one another: what each came to, and how far they are the same.
func TestLibrary(t *testing.T) {
	root := t.TempDir()
	var dirs []string
	for name, mark := range map[string]string{"a": "00000000000000aa", "b": "00000000000000bb"} {
		dir := root + "/" + name
		if err := checkpoint.MakeDir(checkpoint.OS{}, dir); err != nil {
			t.Fatal(err)
		}
		write(t, dir, 1, 20, "0000000000000011")
		write(t, dir, 21, 40, mark)
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	l, err := OpenAll(dirs, func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	site := web.New(l.First(), web.Options{Library: l})
	ask := func(target string, to any) {
		t.Helper()
		w := httptest.NewRecorder()
		site.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		if err := json.Unmarshal(w.Body.Bytes(), to); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %s %v", target, w.Code, w.Body, err)
		}
	}
	var runs api.Runs
	ask("/api/runs", &runs)
	if len(runs.Runs) != 2 || runs.Runs[1].Name != "b" || runs.Runs[1].Fields["model.kind"] != "lenet5" {
		t.Fatalf("%+v", runs)
	}
	if c := runs.Runs[0].Columns["loss"]; c.Min != 0.5 || c.MinStep != 7 || c.MaxStep != 1 || c.Bad != 0 {
		t.Errorf("loss %+v", c)
	}
	if e := runs.Runs[0].Evaluations["accuracy"]; e.Max != 0.5 || e.MaxStep != 20 {
		t.Errorf("accuracy %+v", e)
	}
	if runs.Runs[0].Others["checkpoint.keep"] == "" || runs.Runs[0].Others["model.kind"] != "" {
		t.Errorf("its other fields are %v", runs.Runs[0].Others)
	}
	if s := runs.Same[0]; s.A != "a" || s.B != "b" || s.To != 20 || s.Differs != 40 || s.What != "the marks of the weights" {
		t.Errorf("same %+v", s)
	}
	ask("/api/runs?base=b", &runs)
	if s := runs.Same[0]; runs.Base != "b" || s.A != "b" || s.B != "a" || s.To != 20 {
		t.Errorf("with b as the base: %s %+v", runs.Base, s)
	}
	w := httptest.NewRecorder()
	if site.ServeHTTP(w, httptest.NewRequest("GET", "/api/runs?base=c", nil)); w.Code != 404 {
		t.Errorf("with no run as the base: %d %s", w.Code, w.Body)
	}
	var st api.Status
	if ask("/api/status?run=b", &st); !slices.Equal(st.Runs, []string{"a", "b"}) || !strings.HasSuffix(st.Run.Dir, "b") {
		t.Errorf("a status names the runs %q, and is of %s", st.Runs, st.Run.Dir)
	}
	var s history.Series
	ask("/api/series?run=b&from=3&to=4&columns=lr", &s)
	if len(s.Steps) != 2 || len(s.Columns) != 1 {
		t.Errorf("series %+v", s)
	}
	w = httptest.NewRecorder()
	if site.ServeHTTP(w, httptest.NewRequest("GET", "/api/series?columns=loss,los", nil)); w.Code != 400 ||
		!strings.Contains(w.Body.String(), `names the column \"los\"; the run has compute, data, loss`) {
		t.Errorf("a column that is none: %d %s", w.Code, w.Body)
	}
	if _, err := OpenAll([]string{dirs[0], dirs[0]}, time.Now); err == nil {
		t.Error("a run is given twice")
	}
}

// Checkpoints of a step say which tensor differs first, the weights before all.
func TestCompareCheckpoints(t *testing.T) {
	of := func(digest, conv, momentum string) traces {
		return traces{manifests: map[uint64]*checkpoint.Manifest{
			10: {Digest: "same"},
			20: {Digest: digest, Files: []checkpoint.FileInfo{
				{Name: "optimizer.safetensors", Tensors: []checkpoint.TensorInfo{{Name: "momentum", SHA256: momentum}}},
				{Name: checkpoint.FileName(checkpoint.Weights), Tensors: []checkpoint.TensorInfo{{Name: "bias", SHA256: "b"}, {Name: "conv", SHA256: conv}}}}},
		}}
	}
	for _, c := range []struct {
		b    traces
		want api.Same
	}{
		{of("x", "c", "m"), api.Same{To: 20}},
		{of("y", "d", "n"), api.Same{To: 10, Differs: 20, What: "conv"}},
		{of("y", "c", "n"), api.Same{To: 10, Differs: 20, What: "momentum"}},
		{of("y", "c", "m"), api.Same{To: 10, Differs: 20, What: "the digests of the checkpoints"}},
		{traces{}, api.Same{}},
	} {
		if got := compare(of("x", "c", "m"), c.b); got != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}
