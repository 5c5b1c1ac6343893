package worker

import (
	"reflect"
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/rondo-ml/rondo/allreduce"
)

// keptTrainer has all lanes, and one step behind it.
func keptTrainer(t *testing.T) *trainer {
	t.Helper()
	f := smallFile(t)
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrainer(Config{File: f, Threads: 1, Passes: 1}, laneRange{0, f.Batch.Lanes}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.close)
	if _, err := tr.initialize(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.step(aloneGroup(t, f), 0, wish{}); err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestKeptLanes breaks a ring in the midst of a step. What was computed of lanes that stay is neither lost nor computed again,
// through two changes of lanes, and the step comes to the weights of an undisturbed one.
func TestKeptLanes(t *testing.T) {
	calm, tr := keptTrainer(t), keptTrainer(t)
	before := make([][]float32, 8) // states, by lane
	for l := range before {
		before[l] = make([]float32, calm.states.LaneSize())
		calm.states.Read(l, before[l])
	}
	want, err := calm.step(aloneGroup(t, calm.file), 1, wish{})
	if err != nil {
		t.Fatal(err)
	}

	take := func(first, end int) {
		t.Helper()
		if err := tr.take(laneRange{first, end}); err != nil {
			t.Fatal(err)
		}
	}
	take(0, 4)
	next, prev := allreduce.NewMemNetwork(0).Ring([]string{"a", "b"})
	next[1].Close()
	prev[1].Close()
	group, err := allreduce.NewGroup(viewOf(t, 2, 8), 0, next[0], prev[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.step(group, 1, wish{}); err == nil || slices.Contains(tr.computed, false) {
		t.Fatalf("a step without the other half: %v, computed %v", err, tr.computed)
	}
	group.Close()
	grads, state := slices.Clone(tr.params.LaneGrads(2)), make([]float32, tr.states.LaneSize())
	tr.states.ReadNext(2, state)

	take(2, 6)
	if got := tr.missing(); !reflect.DeepEqual(got, []laneRange{{4, 6}}) {
		t.Errorf("lanes 2 to 5: %v are missing", got)
	}
	now := make([]float32, len(state))
	if tr.states.ReadNext(0, now); !slices.Equal(tr.params.LaneGrads(0), grads) || !slices.Equal(now, state) {
		t.Error("lane 2 has another gradient or another state")
	}
	take(0, 8)
	if got := tr.missing(); !reflect.DeepEqual(got, []laneRange{{0, 2}, {4, 8}}) {
		t.Errorf("all lanes: %v are missing", got)
	}
	for l := range 8 { // of lanes that were others', a neighbour brings the states
		if l < 2 || l >= 4 {
			tr.states.Write(l, before[l])
		}
	}
	got, err := tr.step(aloneGroup(t, tr.file), 1, wish{})
	if err != nil {
		t.Fatal(err)
	}
	if got.loss != want.loss || !slices.Equal(tr.params.Values, calm.params.Values) {
		t.Errorf("the step comes to the loss %v, undisturbed %v", got.loss, want.loss)
	}
}

// What was planned for lanes that are taken over is not needed twice: nothing holds the tapes and states of the lanes before when
// those of the new ones are made.
func TestShareLetGo(t *testing.T) {
	tr := keptTrainer(t)
	network, states := weak.Make(tr.network), weak.Make(tr.states)
	kept := tr.setAside()
	tr.letGo()
	runtime.GC()
	if network.Value() != nil || states.Value() != nil {
		t.Error("tapes and states of lanes that were let go stay in memory")
	}
	runtime.KeepAlive(kept)
	runtime.KeepAlive(tr)
}

// TestMissingWithSyncedNorms: the norms of a batch need all its lanes at once, so none is kept.
func TestMissingWithSyncedNorms(t *testing.T) {
	tr := keptTrainer(t)
	tr.computed[3] = true
	f := *tr.file
	f.SyncBatchNorm = true
	tr.file = &f
	if got := tr.missing(); !reflect.DeepEqual(got, []laneRange{{0, 8}}) || slices.Contains(tr.computed, true) {
		t.Errorf("%v are missing, computed %v", got, tr.computed)
	}
}
