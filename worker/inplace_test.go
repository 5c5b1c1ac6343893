package worker

import (
	"testing"

	"github.com/rondo-ml/rondo/nn"
)

// oneLane trains a run of one lane for some steps and returns its trainer. forget lets no gradient be taken for zeros that were left.
func oneLane(t *testing.T, forget bool, sets ...string) *trainer {
	t.Helper()
	f := smallFile(t, append(sets, "batch.global=4", "batch.lanes=1", "data.valid=")...) // so few symbols that the table is cleared by rows
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrainer(Config{File: f, Threads: 2, Passes: 1}, laneRange{0, 1}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.close)
	tr.params.Initialize(1)
	group := aloneGroup(t, f)
	for step := range uint64(4) {
		if _, err := tr.step(group, step, wish{}); err != nil {
			t.Fatal(err)
		}
		if forget {
			tr.params.LaneGrads(0)
		}
	}
	return tr
}

// The sum over one lane lies where its gradient does, and the plan says so.
func TestOneLaneSumsInPlace(t *testing.T) {
	tr := oneLane(t, false)
	if &tr.reduced[0] != &tr.params.Grads[0] || len(tr.reduced) != tr.params.Size() {
		t.Error("the sum over one lane has memory of its own")
	}
	m, err := PlanMemory(tr.file, 1, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if m.Gradients != m.Weights {
		t.Errorf("%d bytes of gradients are planned for %d of weights", m.Gradients, m.Weights)
	}
}

// What an update adds to the gradient of rows that no step has read is not in the next step's.
func TestOneLaneClearsWhatTheUpdateWrote(t *testing.T) {
	for _, sets := range [][]string{
		{"optimizer.kind=adam", "optimizer.l1=0.01"}, {"optimizer.kind=lars", "optimizer.weight_decay=0.1"}, {"optimizer.kind=sgd", "optimizer.weight_decay=0.1"},
		{"optimizer.kind=rmsprop", "optimizer.weight_decay=0.1"}, {"optimizer.kind=lamb", "optimizer.weight_decay=0.1"}, {"optimizer.kind=adagrad", "optimizer.weight_decay=0.1"},
		{"optimizer.kind=adamw", "optimizer.weight_decay=0.1", "optimizer.clip=0.01"},
	} {
		got, want := oneLane(t, false, sets...), oneLane(t, true, sets...)
		if at := firstDifference(got.params, want.params); at != "" {
			t.Errorf("%v: %s differs from what it is when all gradients are cleared", sets, at)
		}
	}
}

// What an optimizer of a program's own leaves in the gradient of frozen parameters is not in the norm of the next step.
func TestOneLaneClearsFrozen(t *testing.T) {
	sets := []string{"optimizer.kind=heavy-ball", "optimizer.clip=0.01", "model.freeze=rnn."}
	got, want := oneLane(t, false, append(sets, "optimizer.fault=fills")...), oneLane(t, false, sets...)
	if at := firstDifference(got.params, want.params); at != "" {
		t.Errorf("%s differs from what it is where the update leaves the gradient as it is", at)
	}
}

// A step of one lane that is begun again has the bits of one that nothing ended.
func TestOneLaneBeginsAgain(t *testing.T) {
	for _, wire := range []string{"float32", "bf16"} {
		sets := []string{"ring.wire=" + wire, "optimizer.clip=0.01"}
		got, want := oneLane(t, false, sets...), oneLane(t, false, sets...)
		broken := aloneGroup(t, got.file)
		if err := got.differentiate(broken, 4, &stepTime{}); err != nil {
			t.Fatal(err)
		}
		if err := got.awaitBuckets(); err != nil {
			t.Fatal(err)
		}
		broken.Close()
		for _, tr := range []*trainer{got, want} {
			if _, err := tr.step(aloneGroup(t, tr.file), 4, wish{}); err != nil {
				t.Fatal(err)
			}
		}
		if at := firstDifference(got.params, want.params); at != "" {
			t.Errorf("%s on the wire: %s differs", wire, at)
		}
	}
}

// firstDifference is the first parameter that has other values, or "".
func firstDifference(a, b *nn.Params) string {
	for i, p := range a.List {
		for k, v := range p.Value().Data {
			if b.List[i].Value().Data[k] != v {
				return p.Name
			}
		}
	}
	return ""
}

// Weights that are packed by turns while a run learns stay packed for its evaluations, once.
func TestPlanPacked(t *testing.T) {
	plan := func(valid string) MemoryPlan {
		m, err := PlanMemory(imageFile(t, "alexnet", "model.image=64", "data.valid="+valid), 8, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	learns, evaluates := plan(""), plan("generated:valid?count=18")
	if learns.Packed > learns.Weights/4 {
		t.Errorf("%d bytes are packed of %d of weights", learns.Packed, learns.Weights)
	}
	if more := evaluates.Packed - learns.Packed; more < evaluates.Weights*9/10 || more > evaluates.Weights*2 {
		t.Errorf("evaluations pack %d bytes more of %d of weights", more, evaluates.Weights)
	}
}
