package worker

import (
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// What follows on the step of a stop hurries, where it evaluates for a plateau: texts can be left out.
func TestHurriesAtTheStop(t *testing.T) {
	w := &worker{cfg: Config{File: &runfile.File{}}, trainer: &trainer{}, control: &control{}}
	for _, stopped := range []bool{false, true, false} {
		if err := w.follow(afterwards{stopped: stopped}); err != nil {
			t.Fatal(err)
		}
		if w.hurries() != stopped {
			t.Errorf("stopped %v: hurries %v", stopped, w.hurries())
		}
	}
}
