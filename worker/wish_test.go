package worker

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestWishes: what takes effect with which step.
func TestWishes(t *testing.T) {
	w := &wishes{}
	w.add(&api.Decision{Stop: true, Id: 9}) // of another view
	w.begin(&api.View{Asks: []*api.Decision{
		{At: 3, Lr: 0.1}, // taken before
		{At: 6, Checkpoint: true, Id: 1},
		{At: 7, Lr: 0.3, Checkpoint: true},
		{At: 5, Lr: 0.2, Id: 2},
		{At: 2, Lr: 0.4, Id: 3}, // has passed
	}})
	w.add(&api.Decision{At: 9, Clear: true, Id: 4})
	w.add(&api.Decision{At: 9, Lr: 0.5, Id: 5})
	w.add(&api.Decision{At: 12, Stop: true, Id: 6})
	got := []string{}
	for step := uint64(4); step < 13; step++ {
		d := w.take(step)
		got = append(got, fmt.Sprint(step, d.action, d.rate.lr, d.rate.since, d.known, d.decision(step) == nil))
	}
	want := []string{
		"4 0 0.4 5 9 false",
		"5 2 0.2 6 9 false", // saved when six steps are done
		"6 2 0 0 9 false",
		"7 0 0.3 8 9 false",
		"8 0 0 0 9 true",
		"9 0 0.5 10 9 false",
		"10 0 0 0 9 true",
		"11 1 0 0 9 false",
		"12 0 0 0 9 true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A stop that was told hurries the run, unless its step is still to come.
func TestWishedStop(t *testing.T) {
	w := &wishes{}
	w.add(&api.Decision{Lr: 0.1, Id: 1})
	if w.stops(7) {
		t.Error("a rate is taken for a stop")
	}
	w.add(&api.Decision{At: 900, Stop: true, Id: 2})
	if w.stops(7) {
		t.Error("a stop 893 steps ahead hurries the run")
	}
	w.add(&api.Decision{Stop: true, Id: 3})
	if !w.stops(7) {
		t.Error("a stop is not known")
	}
	if w.take(7); w.stops(8) {
		t.Error("a stop that was taken is still to come")
	}
}

// A rate is told by whoever has the newest, and actions by the first lane.
func TestGathered(t *testing.T) {
	lanes := vectors(3, gatherLosses+1)
	for l, w := range []wish{{stopAction, standingRate{0.1, 3}, 7}, {saveAction, standingRate{0, 5}, 9}, {noAction, standingRate{}, 0}} {
		w.bring(lanes[l])
	}
	want := wish{stopAction, standingRate{0, 5}, 7}
	if got := gathered(lanes); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if d := want.decision(4); !d.Clear || d.Lr != 0 || !d.Stop || d.Checkpoint || d.Id != 7 {
		t.Errorf("decision %v", d)
	}
	if d := (wish{rate: standingRate{0.1, 5}}).decision(5); d != nil {
		t.Errorf("a rate that stood before is reported: %v", d)
	}
}

// TestRateFromOutside: the rate counts from its step on for all, though the first worker alone was told of it.
func TestRateFromOutside(t *testing.T) {
	f := smallFile(t, "data.valid=", "steps=8", "schedule.kind=cosine")
	asks := &api.View{Asks: []*api.Decision{{At: 3, Lr: 0.002, Id: 1}, {At: 6, Clear: true, Id: 2}}}
	want := f.Rates()
	var sums []string
	for _, workers := range []int{1, 3} {
		sum := rated(t, workers, asks, func(step uint64, lr float64) {
			if planned := want.LR(step); step < 3 || step >= 6 {
				if lr != planned {
					t.Errorf("step %d: %v, the schedule has %v", step, lr, planned)
				}
			} else if lr != 0.002 {
				t.Errorf("step %d: %v, want 0.002", step, lr)
			}
		}, f.Batch.Lanes, func(lanes laneRange) (*trainer, error) {
			train, err := OpenData(f, f.Data.Train)
			if err != nil {
				return nil, err
			}
			return newTrainer(Config{File: f, Threads: 1, Passes: 1}, lanes, train, nil)
		})
		sums = append(sums, sum)
	}
	if sums[0] != sums[1] {
		t.Errorf("one worker's parameters are %s, three's %s", sums[0], sums[1])
	}
}

// rated trains eight steps with so many workers, of which the first has wishes, and returns a mark of their parameters.
func rated(t *testing.T, workers int, asks *api.View, see func(step uint64, lr float64), lanes int, make func(laneRange) (*trainer, error)) string {
	t.Helper()
	view, err := allreduce.EvenView(1, lanes, workers)
	if err != nil {
		t.Fatal(err)
	}
	next, prev := []allreduce.Link{nil}, []allreduce.Link{nil}
	if workers > 1 {
		next, prev = allreduce.NewMemNetwork(0).Ring([]string{"a", "b", "c"}[:workers])
	}
	var wg sync.WaitGroup
	marks, errs := slices.Repeat([]string{""}, workers), slices.Repeat([]error{nil}, workers)
	for w := range workers {
		wg.Go(func() {
			errs[w] = func() error {
				group, err := allreduce.NewGroup(view, w, next[w], prev[w])
				if err != nil {
					return err
				}
				defer group.Close()
				lo, hi := view.LanesOf(w)
				tr, err := make(laneRange{lo, hi})
				if err != nil {
					return err
				}
				defer tr.close()
				if _, err := tr.initialize(t.Context()); err != nil {
					return err
				}
				own := &wishes{}
				if w == 0 {
					own.begin(asks)
				}
				for step := range uint64(8) {
					r, err := tr.step(group, step, own.take(step))
					if err != nil {
						return err
					}
					if w == 0 {
						see(step, r.lr)
					}
					if d := r.decision(step); (d != nil) != (step == 3 || step == 6) {
						t.Errorf("worker %d, step %d: reports %v", w, step, d)
					}
				}
				marks[w] = fmt.Sprint(tr.params.Values)
				return nil
			}()
		})
	}
	wg.Wait()
	for w, err := range errs {
		if err != nil || marks[w] != marks[0] {
			t.Fatalf("worker %d: %v; same parameters: %v", w, err, marks[w] == marks[0])
		}
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(marks[0])))
}
