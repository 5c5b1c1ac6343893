package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// unasked is a run that has recorded a step, and fails the test that asks where its time went.
type unasked struct {
	Source
	t *testing.T
}

func (u unasked) WaterfallSteps() []uint64 { return []uint64{7} }

func (u unasked) WaterfallsAt(uint64) [][]byte {
	u.t.Error("a waterfall is unpacked")
	return nil
}

// A status, which is asked for every second, says that there are waterfalls without unpacking one.
func TestStatusUnpacksNoWaterfall(t *testing.T) {
	if got := tellsWaterfalls(unasked{t: t}); got != api.WaterfallsKept {
		t.Errorf("it says %q", got)
	}
}

// ringed is a run of which each of its workers has told of each of its steps, in texts of some size.
type ringed struct {
	Source
	steps, workers, size int
}

func (r ringed) WaterfallSteps() (steps []uint64) {
	for s := range r.steps {
		steps = append(steps, uint64(s+1))
	}
	return steps
}

func (r ringed) WaterfallsAt(step uint64) (texts [][]byte) {
	for w := range r.workers {
		text := fmt.Sprintf(`{"worker":"worker-%d","step":%d`, w, step)
		texts = append(texts, []byte(text+strings.Repeat(" ", r.size-len(text)-1)+"}"))
	}
	return texts
}

// A report has all workers of as many steps as there is room for; where these are too few it has the first worker alone, and says so.
func TestKeepFalls(t *testing.T) {
	for _, c := range []struct {
		run            ringed
		steps, workers int
		says           bool
	}{
		{ringed{steps: 20, workers: 3, size: 100}, 20, 3, false},
		{ringed{steps: 20, workers: 32, size: 100}, 5, 32, false},
		{ringed{steps: 20, workers: 64, size: 100}, 20, 1, true},
		{ringed{steps: 2, workers: 64, size: 100}, 2, 64, false},
		{ringed{steps: 20, workers: 1, size: 3000}, 5, 1, false},
		{ringed{steps: 20, workers: 1, size: 20_000}, 1, 1, false},
		{ringed{steps: 20, workers: 2, size: 30_000}, 0, 0, false},
	} {
		k, size, left := keepFalls(c.run, 20_000)
		steps, workers := 0, 0
		if k != nil {
			steps, workers = len(k.Steps), len(k.List[0])
			if len(k.List) != steps || k.Steps[steps-1] != uint64(c.run.steps) {
				t.Errorf("%+v: the steps %v with %d lists", c.run, k.Steps, len(k.List))
			}
		}
		if steps != c.steps || workers != c.workers || size != steps*workers*c.run.size || len(left) > 0 != c.says {
			t.Errorf("%+v: %d steps of %d workers in %d bytes, %q", c.run, steps, workers, size, left)
		}
	}
}
