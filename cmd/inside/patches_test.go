package inside

import (
	"testing"

	"github.com/rondo-ml/rondo/nn"
)

// Patches are told as the search goes, and in the end are those of a search in one go; what nobody asks for goes on no further.
func TestPatchesSoFar(t *testing.T) {
	run := runOf(t, []uint64{7}, "model.kind=lenet5", "data.valid=generated:valid?count=50")
	const question = "patches?layer=relu2&channels=2-3"
	d, whole := New(Options{Threads: 1}), New(Options{Threads: 1})
	d.portion = 0
	type facts struct {
		Seen, Of int
		More     bool
		Places   [][][4]float64
	}
	last := ""
	for _, want := range []int{16, 32, 48, 50, 50} {
		for _, n := range d.opened {
			n.drawing = 0
		}
		var told facts
		last = ask(t, d, run, question, &told).Body.String()
		if told.Seen != want || told.Of != 50 || told.More != (want < 50) || len(told.Places) != 2 {
			t.Fatalf("%+v, want %d seen", told, want)
		}
		if n := d.opened[0]; n.held || n.found["relu2"].seen != want || len(n.patched) != 2*min(mostPlaces, want) {
			t.Errorf("it has seen %d, %d are drawn", n.found["relu2"].seen, len(n.patched))
		}
	}
	if want := ask(t, whole, run, question, &struct{}{}).Body.String(); last != want {
		t.Error("the end is another than in one go")
	}
	for p := range d.opened[0].patched {
		if p.of != (patchesOf{"relu2", nn.Deconvolution, 2, sideOf(4*mostPlaces, mostPixels)}) || p.channel < 2 || p.channel > 3 {
			t.Errorf("%+v is drawn", p)
		}
	}
	if other := ask(t, d, run, question+"&passing=gradient", &facts{}).Body.String(); other == last {
		t.Error("two projections are alike")
	}
}
