package worker

import (
	"testing"
	"testing/fstest"

	"github.com/rondo-ml/rondo/worker/machine"
)

// Heartbeats tell what the threads can do, once it is measured.
func TestHeartbeatTellsTheCeiling(t *testing.T) {
	w := &worker{cfg: Config{Threads: 3, outside: outside{ceiling: func(threads int) float64 { return 1e9 * float64(threads) }}}}
	beat := w.beat(machine.ThrottleOf(fstest.MapFS{}))
	if got := beat().Ceiling; got != 0 {
		t.Errorf("before it is measured: %v", got)
	}
	w.peak.measure(&w.cfg)
	if got := beat().Ceiling; got != 3e9 {
		t.Errorf("of three threads: %v", got)
	}
}

// A step's operations are those of the worker's own lanes, in however many passes.
func TestOperationsOfAStep(t *testing.T) {
	f := smallFile(t)
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	for _, passes := range []int{1, 2} {
		tr, err := newTrainer(Config{File: f, Threads: 1, Passes: passes}, laneRange{0, 4}, train, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tr.close()
		for _, lanes := range []int{4, 6, 3} {
			if err := tr.take(laneRange{0, lanes}); err != nil {
				t.Fatal(err)
			}
			if want := operations(tr.params, lanes*f.Batch.LaneRows()*f.RowLength()); tr.operations != want {
				t.Errorf("%d lanes in %d passes: %v operations, want %v", lanes, passes, tr.operations, want)
			}
		}
	}
}
