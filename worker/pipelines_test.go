package worker

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// pipelinesFile is a small AlexNet whose lanes compute a pipeline each.
func pipelinesFile(t testing.TB, sets ...string) *runfile.File {
	return imageFile(t, "alexnet-caffe", append([]string{"model.image=67", "model.width=0.125", "batch.global=4", "batch.lanes=4", "batch.pipelines=2",
		"data.train=generated:train?count=7", "data.valid=generated:valid?count=5", "steps=2"}, sets...)...)
}

// Workers that have a pipeline each, both, or a part of a group, have the bits of one, also over the end of an epoch.
func TestPipelines(t *testing.T) {
	f := pipelinesFile(t)
	want := runInProcess(t, f, 1, 2, 1)
	for _, workers := range []int{2, 3, 4} {
		got := runInProcess(t, f, workers, 1, 1)
		if got.sum != want.sum || fmt.Sprint(got.losses) != fmt.Sprint(want.losses) || got.held != want.held {
			t.Errorf("%d workers: losses %v, held out %v; one worker has %v and %v, or other parameters", workers, got.losses, got.held, want.losses, want.held)
		}
	}
}

// A group of two lanes has the loss, to the bit, and the gradients of one lane that computes the whole network on its rows,
// with the same units dropped and images changed; also where the data decides what counts.
func TestPipelinesAreTheWholeNetwork(t *testing.T) {
	for _, sets := range [][]string{nil, {"task.class_weights=[1, 2, 0.5, 3]"}} {
		step := func(more ...string) *trainer {
			f := pipelinesFile(t, slices.Concat(sets, more)...)
			train, err := OpenData(f, f.Data.Train)
			if err != nil {
				t.Fatal(err)
			}
			tr, err := newTrainer(Config{File: f, Threads: 2, Passes: 1}, laneRange{0, f.Batch.Lanes}, train, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(tr.close)
			tr.params.Initialize(1)
			for _, p := range tr.params.List { // so that all layers have gradients of some size
				for i := range p.Value().Data {
					p.Value().Data[i] *= 4
				}
			}
			tr.params.Changed()
			r, err := tr.step(aloneGroup(t, f), 0, wish{})
			if err != nil {
				t.Fatal(err)
			}
			if r.targets != 4 {
				t.Errorf("%v: %d targets, want 4", more, r.targets)
			}
			tr.losses = append(tr.losses, []float64{r.loss})
			return tr
		}
		got, want := step("batch.lanes=2"), step("batch.lanes=1", "batch.pipelines=1")
		loss, wantLoss := got.losses[len(got.losses)-1][0], want.losses[len(want.losses)-1][0]
		if loss != wantLoss {
			t.Errorf("%v: loss %v, want %v", sets, loss, wantLoss)
		}
		for _, p := range got.params.List {
			a, b := got.reduced[p.Offset:p.Offset+p.Size()], want.reduced[p.Offset:p.Offset+p.Size()]
			if off := distance(a, b); !(off < 2e-6) {
				t.Errorf("%v: the gradient of %s is off by %.2g of its length", sets, p.Name, off)
			}
		}
	}
}

// A worker that is lost in the midst of a step ends that of the other; done again in another ring, it has the bits of a calm one.
func TestPipelinesStepAgain(t *testing.T) {
	f := pipelinesFile(t, "batch.lanes=2")
	calm, broken := newNormRing(t, f, 1, nil, 2), newNormRing(t, f, 1, nil, 2)
	for step := range uint64(2) {
		if err := errors.Join(calm.step(step, -1)...); err != nil {
			t.Fatal(err)
		}
		if err := broken.step(step, 1)[0]; err == nil || !strings.Contains(err.Error(), "norm1.borders: ") {
			t.Fatalf("step %d: error %v, want one of the first exchange", step, err)
		}
		broken = newNormRing(t, f, step+2, broken.trainers, 2)
		if err := errors.Join(broken.step(step, -1)...); err != nil {
			t.Fatal(err)
		}
	}
	for w, tr := range broken.trainers {
		if d := distance(tr.params.Values, calm.trainers[0].params.Values); d != 0 {
			t.Errorf("worker %d: parameters are off by %.2g of their length", w, d)
		}
	}
}

// Where a NaN comes from is named by all, whether groups lie whole on workers or not.
func TestPipelinesNameTheLane(t *testing.T) {
	for _, workers := range []int{2, 3} {
		r := newNormRing(t, pipelinesFile(t, "batch.global=8"), 1, nil, workers)
		for _, tr := range r.trainers {
			tr.feed = spoiltFeed{tr.feed, 2}
		}
		for w, err := range r.step(0, -1) {
			if nf, ok := errors.AsType[*NonFiniteError](err); !ok || nf.Lane != 2 || nf.Where != "conv1" {
				t.Errorf("worker %d of %d: error %v, want conv1 in lane 2", w, workers, err)
			}
		}
	}
}

// Each sample is used once in an epoch, though two lanes have it.
func TestPipelinesUseSamplesOnce(t *testing.T) {
	f := pipelinesFile(t)
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	a, err := AuditData(context.Background(), f, train, 7)
	if err != nil || a.Epochs != 4 || a.Uses != 28 {
		t.Errorf("%+v, %v; want 28 uses in 4 epochs", a, err)
	}
	if got := train.epochSteps(f); math.Abs(got-7.0/4) > 1e-9 {
		t.Errorf("an epoch of %v steps, want 1.75", got)
	}
}

func TestPipelinesRefuse(t *testing.T) {
	cfg := Config{File: pipelinesFile(t), Name: "w", Coordinators: []string{"localhost:1"}, Credentials: &identity.Credentials{},
		SocketDir: t.TempDir(), Threads: 1, Passes: 2}
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "--passes 2 with batch.pipelines: 2") {
		t.Errorf("two passes: error %v", err)
	}
	wide := []string{"model.image=227", "model.width=1", "batch.lanes=2"}
	if err := CheckModel(pipelinesFile(t, append(wide, "batch.global=3000")...)); err != nil {
		t.Error(err)
	}
	if err := CheckModel(pipelinesFile(t, append(wide, "batch.global=4000")...)); err == nil ||
		!strings.Contains(err.Error(), "batch.global: in conv3.join a worker of two sends 331 MiB to the other at once, and a link carries 256 MiB") {
		t.Errorf("4000 rows: error %v", err)
	}
}

// What crosses between the pipelines of AlexNet at its size is what docs/architecture.md says.
func TestPipelinesLayout(t *testing.T) {
	for lanes, want := range map[int]string{
		2: "37844 numbers of a row cross in 6 places forward and as many back, from two workers on between workers",
		8: "the rows of group l div 2, 4 in each; every worker keeps all weights; 37844 numbers of a row cross in 6 places forward and as many back, " +
			"between workers unless there are 2 or 4, each with whole groups",
	} {
		text, err := Pipelines(pipelinesFile(t, "model.image=227", "model.width=1", "batch.global=16", fmt.Sprintf("batch.lanes=%d", lanes)))
		if err != nil || !strings.HasSuffix(text, want) {
			t.Errorf("%d lanes: %q, %v; want %q at its end", lanes, text, err, want)
		}
	}
}
