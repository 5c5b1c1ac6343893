package worker

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// Of where the time of steps goes the history has some, closer at the beginning, of the same steps on all workers, and none behind the
// step from which the run went on. Who does not write the history puts none into it.
func TestHistoryOfFalls(t *testing.T) {
	dir := t.TempDir()
	s := saverOf(dir, slog.New(slog.DiscardHandler))
	other := saverOf(t.TempDir(), slog.New(slog.DiscardHandler)) // of a worker that is not the first
	other.history.recorded(&api.Waterfall{Step: 1, Worker: "w"})
	s.first.Store(true)
	const steps = 10_000
	view := func(from, to uint64) {
		s.history.begin(from, &api.Run{Name: "r"})
		s.history.recorded(&api.Waterfall{Step: from + 2, Worker: "v"}) // from before the run went back
		for step := from + 1; step <= to; step++ {
			wants := s.history.wantsFall(step, steps, 1000)
			if other.history.wantsFall(step, steps, 1000) != wants {
				t.Errorf("one worker alone tells of step %d", step)
			}
			if wants {
				s.history.recorded(&api.Waterfall{Step: step, Worker: "v", TotalNs: 4e6}) // it was faster
				s.history.fell("w", &api.Waterfall{Step: step, TotalNs: 5e6, Spans: []*api.Span{{Part: api.Part_FORWARD, EndNs: 3e6}}})
			}
			s.history.add(step, make([]float32, len(history.StepColumns())))
		}
		s.history.end(to, nil)
		s.idle()
	}
	view(0, 3000)
	view(1000, 1005)
	if other.history.frames != nil {
		t.Error("it writes the history")
	}
	s.told()
	falls := readHistory(t, dir).Waterfalls
	list := falls.Steps()
	if n := len(list); n < 20 || n > 60 || !slices.Equal(list[:8], []uint64{1, 2, 3, 4, 5, 6, 7, 8}) || list[n-1] > 1005 || list[n-1] < 800 {
		t.Errorf("the steps %v", list)
	}
	for _, step := range list {
		at := falls.At(step)
		if len(at) != 2 {
			t.Fatalf("of step %d: %s", step, at)
		}
		if f, err := api.DecodeWaterfall(at[0]); err != nil || f.Worker != "v" || f.Step != step || f.Total != 0.004 {
			t.Errorf("of step %d: %+v, %v", step, f, err)
		}
		if f, err := api.DecodeWaterfall(at[1]); err != nil || f.Worker != "w" || f.Step != step || f.Total != 0.005 || f.Spans[0] != (api.WaterfallSpan{Part: "forward", End: 0.003}) {
			t.Errorf("of step %d: %+v, %v", step, f, err)
		}
	}
	s.drain()
	other.drain()
}

// However many workers tell, a step takes no more than its share; of how many buckets each tells follows from it.
func TestFallSize(t *testing.T) {
	for _, c := range []struct{ parts, workers, spans int }{{20, 1, 32}, {20, 32, 32}, {300, 32, 170}, {5000, 1, 1036}, {5000, 64, 85}, {5000, 1000, 85}} {
		size, writers := fallSize(c.parts, c.workers), min(c.workers, api.MaxFallWorkers)
		if size != c.spans*spanBytes*writers || size > fallsBytes/leastFalls {
			t.Errorf("%+v: %d bytes", c, size)
		}
	}
}

// Of too many buckets the history has some, with the first and the last, and says how many it has not; all else stays.
func TestThinnedFall(t *testing.T) {
	f := &api.Waterfall{Step: 3, TotalNs: 9, LeftOut: 2, Spans: []*api.Span{{Part: api.Part_FORWARD}}}
	for i := range 9 {
		f.Spans = append(f.Spans, &api.Span{Part: api.Part_BUCKET, Number: int32(i)})
	}
	f.Spans = append(f.Spans, &api.Span{Part: api.Part_APPLY})
	for most, want := range map[int][]int32{100: {0, 1, 2, 3, 4, 5, 6, 7, 8}, 11: {0, 1, 2, 3, 4, 5, 6, 7, 8}, 7: {0, 2, 4, 6, 8}, 4: {0, 8}, 1: {0, 8}} {
		k := thinned(f, most)
		var numbers []int32
		for _, s := range k.Spans[1 : len(k.Spans)-1] {
			numbers = append(numbers, s.Number)
		}
		if !slices.Equal(numbers, want) || int(k.LeftOut) != 2+9-len(want) || k.Spans[0].Part != api.Part_FORWARD || k.Spans[len(k.Spans)-1].Part != api.Part_APPLY ||
			k.Step != 3 || k.TotalNs != 9 || !k.Kept {
			t.Errorf("of at most %d spans: %v", most, k)
		}
	}
	if f.Kept || f.LeftOut != 2 || len(f.Spans) != 11 {
		t.Errorf("it has changed: %v", f)
	}
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
