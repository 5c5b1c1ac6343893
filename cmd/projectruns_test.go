package cmd

import (
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/projection/projector"
)

// TestPagePoints asks about the weights and the features of a run's checkpoint, before and while somebody leads it.
func TestPagePoints(t *testing.T) {
	set, run := pictureSet(t), newModel(t, nil, "model.kind=lenet5", "model.classes=2")
	file, err := runfile.Parse("x.yaml", nil, []string{"data.train=nowhere", "data.valid=" + set, "model.kind=lenet5", "model.classes=2", "checkpoint.dir=" + run})
	if err != nil {
		t.Fatal(err)
	}
	source := &runPoints{threads: 1, runs: []*shownRun{{name: "a", dir: run, file: func() *runfile.File { return file }}}}
	menu, c, err := source.Menu(projector.Choice{})
	if err != nil || c != (projector.Choice{Run: "a", Of: "fc3.weight", Step: 7}) || !slices.Equal(menu.Of, []string{"fc3.weight", "features of the validation set", "fc1.weight", "fc2.weight"}) {
		t.Errorf("%+v, %+v, %v", menu, c, err)
	}
	for of, want := range map[string][2]int{"fc3.weight": {2, 84}, "features of the validation set": {20, 84}} {
		got, cache, err := source.Open(t.Context(), projector.Choice{Run: "a", Of: of, Step: 7}, func(int, int) {})
		if err != nil || got.Points.Rows != want[0] || got.Points.Cols != want[1] || cache.Dir != filepath.Join(run, "projections") {
			t.Errorf("%s: %v, %v", of, cache, err)
		}
	}
	for _, bad := range []projector.Choice{{Run: "b"}, {Step: 8}, {Of: "fc9"}} {
		if _, _, err := source.Menu(bad); err == nil {
			t.Errorf("%+v is there", bad)
		}
	}
	source.runs[0].leads = true
	if menu, _, err := source.Menu(projector.Choice{}); err != nil || slices.ContainsFunc(menu.Of, func(of string) bool { return strings.HasPrefix(of, featuresOf) }) {
		t.Errorf("while this process leads: %+v, %v", menu, err)
	}
}

// TestCheckFeatures refuses sets without samples, and more features than memory is taken for.
func TestCheckFeatures(t *testing.T) {
	for _, c := range []struct {
		n, wide int
		want    string
	}{{1, mostFeatures, ""}, {50000, 2048, ""}, {0, 0, "x has no samples"}, {50000, 1 << 20, "1048576 features of each of 50000 samples of x"}} {
		if err := checkFeatures("x", c.n, c.wide); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d samples of %d features: %v", c.n, c.wide, err)
		}
	}
}

// TestPastPoints asks through what the page of runs serves.
func TestPastPoints(t *testing.T) {
	run := newModel(t, nil, "model.kind=lenet5", "model.classes=2")
	l, err := past.OpenAll([]string{run}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	points, _ := pagePoints(t.Context(), nil, 1, pastRuns(l)...)
	points.ServeHTTP(w, httptest.NewRequest("GET", "/api/projector?wait=1", nil))
	var about struct {
		Points int
		Steps  []uint64
		Runs   []string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &about); err != nil || about.Points != 2 || !slices.Equal(about.Steps, []uint64{7}) || len(about.Runs) != 1 {
		t.Errorf("%s %+v %v", w.Body, about, err)
	}
}
