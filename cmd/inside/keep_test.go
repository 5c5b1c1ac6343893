package inside

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// keptOf is what is kept of a run by what was asked, and how many bytes it takes.
func keptOf(t *testing.T, list []Kept) (by map[string]Kept, size int) {
	t.Helper()
	by = map[string]Kept{}
	for _, k := range list {
		if _, twice := by[k.Ask]; twice {
			t.Errorf("%s is kept twice", k.Ask)
		}
		by[k.Ask], size = k, size+answer{head: k.Head, body: k.Body}.kept()
	}
	return by, size
}

// What is kept of pictures is what a desk answers, and what can be asked is what is kept.
func TestKeepPictures(t *testing.T) {
	run := runOf(t, []uint64{7}, lenet...)
	const room = 400_000
	list, left, err := Keep(t.Context(), run, Options{Threads: 1}, room)
	if err != nil || len(left) > 0 {
		t.Fatalf("%q, %v", left, err)
	}
	by, size := keptOf(t, list)
	if size > room {
		t.Errorf("%d bytes, at most %d", size, room)
	}
	var a about
	if err := json.Unmarshal(by["about"].Body, &a); err != nil || a.Samples != keptSamples || len(a.Steps) != 1 || len(a.Layers) < 3 || a.Layers[0].Name != "relu1" || a.Layers[len(a.Layers)-1].Name != "fc3" {
		t.Fatalf("%+v, %v", a, err)
	}
	wanted := []string{"patches&channels=0-3&layer=relu1&passing=deconv", "maximize&channel=3&layer=relu1"}
	for i := range a.Samples {
		wanted = append(wanted, fmt.Sprintf("input&sample=%d", i))
		for _, l := range a.Layers {
			wanted = append(wanted, fmt.Sprintf("maps&layer=%s&sample=%d", l.Name, i))
		}
	}
	for _, c := range a.Convolutions {
		wanted = append(wanted, "filters&layer="+c.Name)
	}
	d := New(Options{Threads: 1})
	for _, one := range wanted {
		k, there := by[one]
		if !there {
			t.Errorf("%s is not kept", one)
			continue
		}
		if w := ask(t, d, run, strings.Replace(one, "&", "?", 1), nil); w.Body.String() != string(k.Body) || w.Header().Get("Rondo-Look") != k.Head {
			t.Errorf("%s has another answer", one)
		}
	}
}

// What has no room is said, and not offered.
func TestKeepLittle(t *testing.T) {
	run := runOf(t, []uint64{7}, lenet...)
	const room = keptAbout + 12_000
	list, left, err := Keep(t.Context(), run, Options{Threads: 1}, room)
	if err != nil {
		t.Fatal(err)
	}
	by, size := keptOf(t, list)
	if size > room || len(list) < 2 || !slices.Contains(left, "no room for patches of relu1") && !slices.ContainsFunc(left, func(s string) bool { return strings.HasPrefix(s, "no room for maps of") }) {
		t.Errorf("%d answers of %d bytes; left out %q", len(list), size, left)
	}
	var a about
	if err := json.Unmarshal(by["about"].Body, &a); err != nil {
		t.Fatal(err)
	}
	for _, l := range a.Layers {
		if _, there := by["maps&layer="+l.Name+"&sample=0"]; !there {
			t.Errorf("%s is offered without its maps", l.Name)
		}
	}
	if list, left, err = Keep(t.Context(), run, Options{Threads: 1}, 1000); len(list) > 0 || len(left) == 0 || err != nil {
		t.Errorf("without room: %d answers, %q, %v", len(list), left, err)
	}
}

// Of a text those cells are kept that change most over it.
func TestKeepTexts(t *testing.T) {
	set := textSetOf(t, strings.Repeat("func main() { return }\n", 200))
	run := runOf(t, []uint64{7}, "model.kind=charlm", "model.hidden=20", "model.embed=4", "data.valid="+set)
	list, left, err := Keep(t.Context(), run, Options{Threads: 1}, 400_000)
	if err != nil || len(left) > 0 {
		t.Fatalf("%q, %v", left, err)
	}
	by, _ := keptOf(t, list)
	var a about
	if err := json.Unmarshal(by["about"].Body, &a); err != nil || len(a.States) != 2 || len(a.States[0].Kept) != 20 {
		t.Fatalf("%+v, %v", a, err)
	}
	d := New(Options{Threads: 1})
	for _, s := range a.States {
		spread := func(question string) float64 {
			var told struct{ Values []float64 }
			ask(t, d, run, question, &told)
			mean, sum := 0.0, 0.0
			for _, v := range told.Values {
				mean += v / float64(len(told.Values))
			}
			for _, v := range told.Values {
				sum += (v - mean) * (v - mean)
			}
			return sum
		}
		least := math.Inf(1)
		of := fmt.Sprintf("from=0&length=%d&state=%s", keptText, s.Name)
		wantHeld(t, by, "held&"+of, s.Kept, func(cell int) (values []float64) {
			var told struct{ Values []float64 }
			ask(t, d, run, fmt.Sprintf("cell?cell=%d&%s", cell, of), &told)
			return told.Values
		})
		s.Kept = s.Kept[:keptCells]
		for _, cell := range s.Kept {
			one := fmt.Sprintf("cell&cell=%d&from=0&length=%d&state=%s", cell, keptText, s.Name)
			if _, there := by[one]; !there {
				t.Errorf("%s is not kept", one)
			}
			least = min(least, spread(strings.Replace(one, "&", "?", 1)))
		}
		for cell := range s.Cells {
			if got := spread(fmt.Sprintf("cell?cell=%d&from=0&length=%d&state=%s", cell, keptText, s.Name)); !slices.Contains(s.Kept, cell) && got > least*1.001 {
				t.Errorf("cell %d of %s changes by %v, and is not among those that do by at least %v", cell, s.Name, got, least)
			}
		}
	}
}

// wantHeld wants tanh of what cells hold kept in 255 steps from its least to its greatest, a byte for each symbol.
func wantHeld(t *testing.T, by map[string]Kept, one string, cells []int, of func(cell int) []float64) {
	t.Helper()
	var h heldCells
	if err := json.Unmarshal(by[one].Body, &h); err != nil || !slices.Equal(h.Cells, cells) || h.Of < len(cells) {
		t.Fatalf("%s: cells %d of %d, want %d; %v", one, h.Cells, h.Of, cells, err)
	}
	for i, cell := range cells {
		values := of(cell)
		n := len(values)
		if len(h.Held) != n*len(cells) {
			t.Fatalf("%s: %d bytes for %d cells over %d symbols", one, len(h.Held), len(cells), n)
		}
		low, high := float64(h.Extremes[i][0]), float64(h.Extremes[i][1])
		for at, v := range values {
			got, want := low+(high-low)*float64(h.Held[i*n+at])/255, math.Tanh(v)
			if math.Abs(got-want) > (high-low)/510+1e-4 { // the values themselves are rounded
				t.Errorf("%s: cell %d at %d is %v, want %v", one, cell, at, got, want)
			}
		}
	}
}

// Where there is no room for all cells those are held that change most, and where it is not even for those that are kept by
// number these stay.
func TestHeldRoom(t *testing.T) {
	c := &look.Cells{Name: "h", Width: 100}
	for i := range 90 { // cell 0 changes least
		row := make([]float32, 100)
		for cell := range row {
			row[cell] = float32(cell) * float32(i%2)
		}
		c.Values = append(c.Values, row)
	}
	cells, err := livelyOf(c)
	if err != nil || !slices.Equal(cells.first()[:3], []int{99, 98, 97}) || len(cells.first()) != keptCells {
		t.Fatalf("%v, %v", cells.order, err)
	}
	for _, one := range []struct{ room, least, most int }{{100_000, 100, 100}, {8_000, 20, 33}, {2_500, 12, 12}, {0, 12, 12}} {
		k := &keeper{ctx: t.Context(), room: one.room}
		got := k.held(cells, cells.first(), "sample", "0")
		if len(got) < one.least || len(got) > one.most || !slices.Equal(got, cells.order[:len(got)]) {
			t.Errorf("%d bytes: %d cells", one.room, len(got))
		}
		size := 0
		for _, kept := range k.list {
			size += len(kept.Body)
		}
		if size > one.room/2 || k.room != one.room-size || (len(k.list) == 0) != (len(k.left) == 1) || (one.room < 4000) != (len(k.list) == 0) {
			t.Errorf("%d bytes: %d are used, %d are left; left out %q", one.room, size, k.room, k.left)
		}
	}
}

// A text without room for a cell beside it is not kept: there would be nothing to color it by.
func TestKeepTextAlone(t *testing.T) {
	run := runOf(t, []uint64{7}, "model.kind=charlm", "model.hidden=20", "model.embed=4", "data.valid="+textSetOf(t, strings.Repeat("func main() { return }\n", 200)))
	list, _, err := Keep(t.Context(), run, Options{Threads: 1}, 400_000)
	if err != nil {
		t.Fatal(err)
	}
	by, _ := keptOf(t, list)
	room := keptAbout + 2*len(by[fmt.Sprintf("text&from=0&length=%d", keptText)].Body)
	if list, left, err := Keep(t.Context(), run, Options{Threads: 1}, room); len(list) > 0 || !slices.Contains(left, "no room for cell of rnn.c_l0") || err != nil {
		t.Errorf("%d answers, %q, %v", len(list), left, err)
	}
}

// Samples that cannot be read are said: of pictures the filters stay, of a text nothing does.
func TestKeepWithoutSamples(t *testing.T) {
	o := Options{Threads: 1, Data: filepath.Join(t.TempDir(), "nowhere")}
	for want, run := range map[string]api.Run{"filters&layer=conv1": runOf(t, []uint64{7}, lenet...),
		"": runOf(t, []uint64{7}, "model.kind=charlm", "model.hidden=20", "model.embed=4")} {
		list, left, err := Keep(t.Context(), run, o, 400_000)
		if err != nil || len(left) != 1 || !strings.Contains(left[0], o.Data) {
			t.Errorf("%q, %v", left, err)
		}
		if by, _ := keptOf(t, list); want == "" && len(list) > 0 || want != "" && by[want].Body == nil {
			t.Errorf("%d answers, want %q", len(list), want)
		}
	}
}

// A network that nothing can be asked of is passed over with the reason.
func TestKeepNothing(t *testing.T) {
	run := runOf(t, []uint64{1}, lenet...)
	run.Dir = t.TempDir()
	if list, _, err := Keep(t.Context(), run, Options{Threads: 1}, 1e6); len(list) > 0 || err == nil {
		t.Errorf("%d answers of no checkpoint, %v", len(list), err)
	}
}

// sulky is a network that cannot be recorded to be looked into.
type sulky struct{ params *nn.Params }

func (n *sulky) Params() *nn.Params { return n.params }

func (n *sulky) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := t.Flatten("flat", b.Images("image", 2, 2, 1))
	if t.Mode == nn.Training {
		panic("not today")
	}
	return x
}

func init() {
	zoo.Register("sulky", zoo.Kind[struct{}]{About: "panics", Task: task.Class, Sample: "image", New: func(struct{}) (zoo.Model, error) {
		ps := nn.NewParams()
		nn.NewLinear(ps, "fc", 1, 1, true)
		return &sulky{ps}, nil
	}})
}

// A network that panics ends no report.
func TestKeepPanics(t *testing.T) {
	list, _, err := Keep(t.Context(), runOf(t, []uint64{1}, "model.kind=sulky", "data.valid=generated:valid?count=30"), Options{Threads: 1}, 400_000)
	if len(list) > 0 || err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("%d answers, error %v", len(list), err)
	}
}
