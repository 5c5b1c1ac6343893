package allreduce

import (
	"errors"
	"fmt"
	"sort"
)

// View is the membership of the ring: n ordered workers, each with a
// contiguous range of the lanes. Worker w owns the lanes
// [Starts[w], Starts[w+1]).
type View struct {
	Generation uint64 // numbers the view; a message of another generation is refused
	Lanes      int    // lanes of the run, L
	Starts     []int  // n+1 rising numbers from 0 to L
}

// EvenView cuts the lanes into ranges as even as can be, the longer ones
// first. More workers than lanes is an error: a worker without a lane is idle.
func EvenView(generation uint64, lanes, workers int) (View, error) {
	if workers < 1 {
		return View{}, fmt.Errorf("a view of %d workers: want at least one", workers)
	}
	if workers > lanes {
		return View{}, fmt.Errorf("%d workers but %d lanes: a worker needs a lane; start fewer workers or raise the lanes", workers, lanes)
	}
	v := View{Generation: generation, Lanes: lanes, Starts: make([]int, workers+1)}
	for w := range workers {
		size := lanes / workers
		if w < lanes%workers {
			size++
		}
		v.Starts[w+1] = v.Starts[w] + size
	}
	return v, nil
}

// Validate says what is wrong with a view that came from outside.
func (v View) Validate() error {
	n := len(v.Starts) - 1
	switch {
	case v.Lanes < 1:
		return fmt.Errorf("view %d: lanes: %d, want at least one", v.Generation, v.Lanes)
	case n < 1:
		return fmt.Errorf("view %d: starts: no worker", v.Generation)
	case v.Starts[0] != 0:
		return fmt.Errorf("view %d: starts: the first worker begins at lane %d, want 0", v.Generation, v.Starts[0])
	case v.Starts[n] != v.Lanes:
		return fmt.Errorf("view %d: starts: the last worker ends at lane %d, want %d", v.Generation, v.Starts[n], v.Lanes)
	}
	for w := range n {
		if v.Starts[w+1] <= v.Starts[w] {
			return fmt.Errorf("view %d: starts: worker %d has lanes [%d, %d), want at least one",
				v.Generation, w, v.Starts[w], v.Starts[w+1])
		}
	}
	return nil
}

// Workers is the number of workers, n.
func (v View) Workers() int { return len(v.Starts) - 1 }

// LanesOf is the range [lo, hi) of lanes that a worker owns.
func (v View) LanesOf(worker int) (lo, hi int) { return v.Starts[worker], v.Starts[worker+1] }

// Owner is the worker that owns a lane.
func (v View) Owner(lane int) int { return sort.SearchInts(v.Starts, lane+1) - 1 }

// Next is the worker after w in the ring.
func (v View) Next(w int) int { return (w + 1) % v.Workers() }

// Prev is the worker before w in the ring.
func (v View) Prev(w int) int { return (w + v.Workers() - 1) % v.Workers() }

// check is Validate for a member's own view.
func (v View) check(self int) error {
	if err := v.Validate(); err != nil {
		return err
	}
	if self < 0 || self >= v.Workers() {
		return fmt.Errorf("view %d: worker %d of %d", v.Generation, self, v.Workers())
	}
	if uint64(v.Lanes) > maxLanes {
		return errors.New("view: too many lanes for the wire")
	}
	return nil
}

// maxLanes keeps products of a lane and a length within an int64.
const maxLanes = 1 << 20
