package inside

import (
	"image"
	"image/color"
	"net/http"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
	_ "github.com/rondo-ml/rondo/data/objects/s3" // opens the store
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// A run whose checkpoints lie in a store is looked into like one on this machine.
func TestStore(t *testing.T) {
	here := runOf(t, []uint64{3, 7}, lenet...)
	server := objectstest.New(t)
	server.CopyDir(t, here.Dir, "runs/a")
	d := New(Options{Threads: 1})
	for _, question := range []string{"filters?layer=conv2", "filters?step=3", "maps?layer=relu1&sample=2", "patches?layer=conv1&channels=0-1"} {
		want := ask(t, d, here, question, &struct{}{}).Body.String()
		there := api.Run{Dir: server.Address("runs/a"), File: here.File}
		var about struct{ Steps []uint64 }
		if ask(t, d, there, "about", &about); len(about.Steps) != 2 || about.Steps[1] != 7 {
			t.Errorf("steps %v", about.Steps)
		}
		if got := ask(t, d, there, question, &struct{}{}).Body.String(); got != want {
			t.Errorf("%s has another answer than on this machine", question)
		}
	}
	server.Interfere(func(*http.Request) objectstest.Fault { return objectstest.Fault{Status: 403, Code: "AccessDenied"} })
	if w := ask(t, New(Options{Threads: 1}), api.Run{Dir: server.Address("runs/a")}, "filters", nil); w.Code == http.StatusOK || strings.Count(w.Body.String(), "\n") > 0 {
		t.Errorf("a store that refuses: %d %s", w.Code, w.Body)
	}
}

// Weights that are too large for a process that leads a run are refused, before they are read.
func TestLargeWeights(t *testing.T) {
	run := runOf(t, []uint64{3}, lenet...) // 61,706 parameters
	if w := ask(t, New(Options{Threads: 1, Weights: 240_000}), run, "about", nil); w.Code != http.StatusBadRequest ||
		!strings.Contains(w.Body.String(), "the weights of step 3 take") || !strings.Contains(w.Body.String(), "page "+run.Dir) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(t, New(Options{Threads: 1, Weights: 260_000}), run, "about", nil); w.Code != http.StatusOK {
		t.Errorf("weights of 246,824 bytes: %d %s", w.Code, w.Body)
	}
}

// Averages of weights lie in the file of the optimizer, which then is loaded, too.
func TestLoaded(t *testing.T) {
	for average, want := range map[string]int64{"0": 100, "0.9": 300} {
		f, err := runfile.Parse("x.yaml", nil, append([]string{"data.train=nowhere", "optimizer.average=" + average}, lenet...))
		if err != nil {
			t.Fatal(err)
		}
		m := &checkpoint.Manifest{Bits: f.Bits(), Files: []checkpoint.FileInfo{
			{Name: checkpoint.FileName(checkpoint.Weights), Size: 100}, {Name: checkpoint.FileName(checkpoint.Optimizer), Size: 200}}}
		if got := (place{manifest: m}).loaded(); got != want {
			t.Errorf("optimizer.average=%s: %d bytes are loaded, want %d", average, got, want)
		}
	}
}

// Tiles are made smaller until all together have few enough pixels.
func TestShrunk(t *testing.T) {
	m := image.NewNRGBA(image.Rect(2, 3, 2+7, 3+5))
	for y := 3; y < 8; y++ {
		for x := 2; x < 9; x++ {
			m.Set(x, y, color.NRGBA{uint8(30 * x), uint8(20 * y), 7, 255})
		}
	}
	if got := shrunk(m, 7); got != image.Image(m) {
		t.Error("a picture that is small enough is another")
	}
	got := shrunk(m, 3)
	if got.Bounds() != image.Rect(0, 0, 3, 2) {
		t.Fatalf("%v", got.Bounds())
	}
	for at, want := range map[image.Point]color.NRGBA{{0, 0}: {90, 80, 7, 255}, {2, 0}: {240, 80, 7, 255}, {1, 1}: {180, 130, 7, 255}} {
		if c := got.At(at.X, at.Y); c != want {
			t.Errorf("%v is %v, want %v", at, c, want)
		}
	}
	for _, n := range []int{1, 18, 288, 100_000} {
		if side := sideOf(n, mostPixels); side < 1 || n*side*side > mostPixels {
			t.Errorf("%d tiles of %d", n, side)
		}
	}
}
