package cmd

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/coordinator/web"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/projection/projector"
)

// A report's points are those of the newest checkpoint, as many as have room, each with its true neighbours.
func TestReportPoints(t *testing.T) {
	names := []string{"<unknown>"}
	for i := range 149 {
		names = append(names, fmt.Sprint("w", i))
	}
	parts := []samples.Part{
		{Name: "words", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: names},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"bad", "good"}},
	}
	dir := newModel(t, parts, "model.kind=text-classifier", "model.symbols=words", "model.vocab=150", "model.embed=8", "model.classes=2", "batch.length=6")
	run := api.Run{Name: "words", Dir: dir}
	for _, c := range []struct{ room, least, most int }{{1 << 20, 150, 150}, {60_000, 120, 149}, {40_000, 0, 0}} {
		answers, left := pointsFor(t.Context(), 1, "")(run, c.room)
		by, size := map[string]web.LookAnswer{}, 0
		for _, a := range answers {
			by[a.Ask], size = a, size+len(a.Ask)+len(a.Head)+len(a.Body)*4/3
		}
		if size > c.room || (c.most == 0) != (len(left) > 0) {
			t.Errorf("%d bytes of %d; left out %q", size, c.room, left)
		}
		if c.most == 0 {
			if len(answers) > 0 || !strings.HasPrefix(left[0], "projector: no room for ") {
				t.Errorf("%d answers without room; %q", len(answers), left)
			}
			continue
		}
		var about projector.About
		if err := json.Unmarshal(by["projector"].Body, &about); err != nil || about.Points < c.least || about.Points > c.most || about.Chosen.Of != "embedding.weight" || about.Values[0][7] != "w6" || len(about.Of) != 1 {
			t.Fatalf("%+v, %v", about, err)
		}
		n := about.Points
		for one, dims := range map[string]int{"dims=2&method=pca": 2, "dims=3&method=pca": 3, "dims=2&method=umap": 2, "dims=2&method=tsne": 2} {
			if a := by["projector/points&"+one+"&of=embedding.weight"]; len(a.Body) != 4*n*dims || !json.Valid([]byte(a.Head)) {
				t.Errorf("%s: %d bytes", one, len(a.Body))
			}
		}
		set, _, err := (&runPoints{threads: 1, runs: []*shownRun{{name: "words", dir: dir, file: func() *runfile.File { return nil }}}}).Open(t.Context(), projector.Choice{Of: "embedding.weight"}, func(int, int) {})
		if err != nil {
			t.Fatal(err)
		}
		near := by["projector/near&metric=euclidean&of=embedding.weight"].Body
		far := make([]float64, n)
		for i := range far { // of point 3, by the plain sum
			for k, v := range set.Points.Row(i) {
				d := float64(v) - float64(set.Points.Row(3)[k])
				far[i] += d * d
			}
			far[i] = math.Sqrt(far[i])
		}
		sorted := slices.Sorted(slices.Values(far))
		for at := range reportNear {
			i := binary.LittleEndian.Uint16(near[2*(3*reportNear+at):])
			told := math.Float32frombits(binary.LittleEndian.Uint32(near[2*n*reportNear+4*(3*reportNear+at):]))
			if math.Abs(far[i]-sorted[at+1]) > 1e-6 || math.Abs(float64(told)-sorted[at+1]) > 1e-5 {
				t.Errorf("neighbour %d of point 3 is %d, %v away and told %v; want %v", at, i, far[i], told, sorted[at+1])
			}
		}
	}
}
