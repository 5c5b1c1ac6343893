package worker

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Of where the time of steps goes the history has some, closer at the beginning, and none behind the step from which the run
// went on. Who does not write the history measures none for it.
func TestHistoryOfFalls(t *testing.T) {
	dir := t.TempDir()
	s := saverOf(dir, slog.New(slog.DiscardHandler))
	if s.history.wantsFall(1, 100) {
		t.Error("a worker that is not the first measures for the history")
	}
	s.first.Store(true)
	const steps = 10_000
	view := func(from, to uint64) {
		s.history.begin(from, &api.Run{Name: "r"})
		for step := from + 1; step <= to; step++ {
			if s.history.wantsFall(step, steps) {
				s.history.fell("w", &api.Waterfall{Step: step, TotalNs: 5e6, Spans: []*api.Span{{Part: api.Part_FORWARD, EndNs: 3e6}}})
			}
		}
		s.history.end(to, nil)
		s.idle()
	}
	view(0, 3000)
	view(1000, 1005)
	s.told()
	falls := readHistory(t, dir).Waterfalls
	list := falls.Steps()
	if n := len(list); n < 20 || n > 60 || !slices.Equal(list[:8], []uint64{1, 2, 3, 4, 5, 6, 7, 8}) || list[n-1] != 1001 {
		t.Errorf("the steps %v", list)
	}
	if f, err := api.DecodeWaterfall(falls.At(3)); err != nil || f.Worker != "w" || f.Step != 3 || f.Total != 0.005 || f.Spans[0] != (api.WaterfallSpan{Part: "forward", End: 0.003}) {
		t.Errorf("of step 3: %+v, %v", f, err)
	}
	s.drain()
}

// However long a run is, and whatever a waterfall takes, what is written of them has a bound.
func TestFallGap(t *testing.T) {
	for _, c := range []struct {
		steps uint64
		size  int
		most  int
	}{{10, 1000, 10}, {100_000, 1000, 200}, {1_000_000, 1 << 20, 40}, {1_000_000_000, 1000, 240}} {
		n := 0
		for step := uint64(1); step <= c.steps; step += fallGap(step, c.steps, c.size) {
			n++
		}
		if n > c.most || n < c.most/4 {
			t.Errorf("of %d steps with %d bytes each %d are written", c.steps, c.size, n)
		}
	}
}
