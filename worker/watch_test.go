package worker

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestFlippedBit flips one bit in what one worker holds: all name the worker, the tensor and the step.
func TestFlippedBit(t *testing.T) {
	f := smallFile(t, "data.valid=", "steps=8")
	for _, c := range []struct {
		workers, broken int
		state           bool // flip it in the optimizer
		want            string
	}{
		{3, 1, false, "after step 3 worker-1 holds other bits of decoder.weight than the other 2 of 3 workers"},
		{5, 4, false, "after step 3 worker-4 holds other bits of decoder.weight than the other 4 of 5 workers"},
		{2, 0, false, "after step 3 worker-0, worker-1 hold other bits of decoder.weight, and it cannot be told who is right"},
		{3, 2, true, "after step 3 worker-2 holds other bits of adam.m/decoder.weight than"},
		{3, -1, false, ""},
		{1, 0, false, ""},
	} {
		errs := flipped(t, c.workers, f.Batch.Lanes, func(lanes laneRange) (*trainer, error) {
			train, err := OpenData(f, f.Data.Train)
			if err != nil {
				return nil, err
			}
			return newTrainer(Config{File: f, Threads: 1, Passes: 1}, lanes, train, nil)
		}, func(w int, tr *trainer) {
			if w != c.broken {
				return
			}
			p := tr.params.Get("decoder.weight")
			x := &p.Value().Data[5]
			if c.state {
				x = &tr.updater.optimizer.State()[0].Data[p.Offset+5]
			}
			*x = math.Float32frombits(math.Float32bits(*x) ^ 1<<3)
		})
		for w, err := range errs {
			d, diverged := errors.AsType[*DivergedError](err)
			if diverged != (c.want != "") || (!diverged && err != nil) {
				t.Fatalf("%+v: worker %d: %v", c, w, err)
			}
			if !diverged {
				continue
			}
			for _, i := range d.Workers {
				d.Names = append(d.Names, fmt.Sprint("worker-", i))
			}
			if !strings.HasPrefix(d.Error(), c.want) || d.Own != (w == c.broken || !d.Sure) {
				t.Errorf("%+v: worker %d says %q, that it is its own: %v", c, w, d, d.Own)
			}
		}
	}
}

// flipped trains three steps with so many workers, does something to each, and compares them.
func flipped(t *testing.T, workers, lanes int, make func(laneRange) (*trainer, error), do func(int, *trainer)) []error {
	t.Helper()
	view, err := allreduce.EvenView(1, lanes, workers)
	if err != nil {
		t.Fatal(err)
	}
	next, prev := []allreduce.Link{nil}, []allreduce.Link{nil}
	if workers > 1 {
		next, prev = allreduce.NewMemNetwork(0).Ring(strings.Split("abcdefgh", "")[:workers])
	}
	var wg sync.WaitGroup
	errs := slices.Repeat([]error{nil}, workers)
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
				for step := range uint64(3) {
					if _, err := tr.step(group, step, wish{}); err != nil {
						return err
					}
					if step == 2 {
						break
					}
					if _, err := tr.compare(group, step+1, true); err != nil {
						return fmt.Errorf("before anything was done: %w", err)
					}
				}
				do(w, tr)
				_, err = tr.compare(group, 3, true)
				return err
			}()
		})
	}
	wg.Wait()
	return errs
}

// All report it, with the name of the one that holds other bits, where that can be told.
func TestDivergedFailure(t *testing.T) {
	w := &worker{cfg: Config{Name: "worker-2"}, seat: &seat{view: &api.View{Generation: 4}, ctx: t.Context()}}
	e := &DivergedError{Step: 300, Where: "fc.weight", Workers: []int{1, 2}, Names: []string{"worker-1", "worker-2"}, Of: 5, Sure: true, Own: true}
	for _, want := range []string{"worker-2", "worker-1", ""} {
		f := w.failure(e).GetFailed()
		if f.Kind != api.Failed_DIVERGED || f.Step != 300 || f.Peer != want || f.Generation != 4 {
			t.Errorf("%+v: %v, want peer %q", e, f, want)
		}
		e.Sure, e.Own = e.Own, false
	}
}
