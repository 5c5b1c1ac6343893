package worker

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// Two workers whose weights differ in one number give theirs to a third. That is a loss for the run, but where tiers
// are mixed: then the third takes those of one.
func TestWeightsOfTwo(t *testing.T) {
	for _, mixed := range []bool{false, true} {
		f := smallFile(t, "data.valid=")
		f.MixedTiers = mixed
		view := viewOf(t, 3, f.Batch.Lanes)
		next, prev := allreduce.NewMemNetwork(0).Ring([]string{"a", "b", "c"})
		train, err := OpenData(f, f.Data.Train)
		if err != nil {
			t.Fatal(err)
		}
		var all [3]*bringing
		for i := range all {
			lo, hi := view.LanesOf(i)
			tr, err := newTrainer(Config{File: f, Threads: 1, Passes: 1}, laneRange{lo, hi}, train, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer tr.close()
			if i < 2 {
				if _, err := tr.initialize(t.Context()); err != nil {
					t.Fatal(err)
				}
				tr.params.Values[7] += float32(i)
			}
			group, err := allreduce.NewGroup(view, i, next[i], prev[i])
			if err != nil {
				t.Fatal(err)
			}
			defer group.Close()
			all[i] = &bringing{worker: &worker{trainer: tr}, seat: &seat{
				view: &api.View{Peers: []*api.Peer{{Name: "a"}, {Name: "b"}, {Name: "c"}}}, ring: view, self: i, group: group}}
		}
		a := agreement{donors: []int{0, 1}, fresh: []bool{false, false, true}}
		var errs [3]error
		var wg sync.WaitGroup
		for i, b := range all {
			wg.Go(func() { errs[i] = b.weights(a, make([]inventory, 3)) })
		}
		wg.Wait()
		err = errors.Join(errs[:]...)
		if _, lost := errors.AsType[*LostStateError](err); lost == mixed || mixed && err != nil {
			t.Errorf("mixed %v: %v", mixed, err)
		}
		values := func(i int) []float32 { return all[i].worker.trainer.params.Values }
		if mixed && (!slices.Equal(values(2), values(0)) || values(1)[7] != values(0)[7]+1) {
			t.Error("the third has other weights than the first, or the second lost its own")
		}
	}
}
