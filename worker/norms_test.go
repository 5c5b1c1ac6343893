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
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// oneValueFile is a run whose lanes have one value of a channel in the last norms: eight of them have eight.
func oneValueFile(t testing.TB, kind string, sets ...string) *runfile.File {
	base := []string{"model.image=4", "model.width=8", "model.blocks=1"}
	if kind == "resnet18" {
		base = []string{"model.image=32"}
	}
	return imageFile(t, kind, slices.Concat(base, []string{"batch.global=8", "batch.lanes=8", "steps=2",
		"data.train=generated:train?count=13", "data.valid=generated:valid?count=8", "sync_batchnorm=true"}, sets)...)
}

// Statistics of the whole batch train where those of a lane are refused, also over the end of an epoch and with shares of
// different sizes, to the same bits on any number of workers.
func TestSyncBatchNorm(t *testing.T) {
	f := oneValueFile(t, "resnet-small", "steps=5")
	want := runInProcess(t, f, 1, 2, 1)
	for _, workers := range []int{2, 3, 8} {
		got := runInProcess(t, f, workers, 1, 1)
		if got.sum != want.sum || fmt.Sprint(got.losses) != fmt.Sprint(want.losses) || got.held != want.held {
			t.Errorf("%d workers: losses %v, held out %v; one worker has %v and %v, or other parameters", workers, got.losses, got.held, want.losses, want.held)
		}
	}
	small := imageFile(t, "mobilenetv2", "model.image=16", "steps=1", "batch.global=12", "batch.lanes=6", "sync_batchnorm=true", "precision=bf16")
	if a, b := runInProcess(t, small, 1, 2, 1), runInProcess(t, small, 4, 1, 1); a.sum != b.sum {
		t.Error("mobilenetv2: one worker and four have different parameters")
	}
}

// The lanes of a batch have the loss, the gradient and the running statistics of one lane that is all of it.
func TestSyncBatchNormIsOfTheWholeBatch(t *testing.T) {
	step := func(sets ...string) (loss float64, grad, running []float32) {
		f := oneValueFile(t, "resnet-small", sets...)
		group := aloneGroup(t, f)
		train, err := OpenData(f, f.Data.Train)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := newTrainer(Config{File: f, Threads: 2, Passes: 1}, laneRange{0, f.Batch.Lanes}, train, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tr.close()
		tr.params.Initialize(1)
		r, err := tr.step(group, 0, wish{})
		if err != nil {
			t.Fatal(err)
		}
		return r.loss, tr.reduced, tr.params.Running
	}
	loss, grad, running := step()
	wantLoss, wantGrad, wantRunning := step("sync_batchnorm=false", "batch.lanes=1")
	if off := math.Abs(loss/wantLoss - 1); !(off < 1e-5) {
		t.Errorf("loss %v, want %v", loss, wantLoss)
	}
	if off := distance(grad, wantGrad); !(off < 1e-4) {
		t.Errorf("the gradient is off by %.2g of its length", off)
	}
	if off := distance(running, wantRunning); !(off < 1e-5) {
		t.Errorf("the running statistics are off by %.2g of their length", off)
	}
}

// distance is that of two vectors, relative to the second's length.
func distance(a, b []float32) float64 {
	square, length := 0.0, 0.0
	for i, x := range b {
		d := float64(a[i]) - float64(x)
		square += d * d
		length += float64(x) * float64(x)
	}
	return math.Sqrt(square / length)
}

func TestSyncBatchNormRefuses(t *testing.T) {
	if err := CheckModel(oneValueFile(t, "resnet18", "sync_batchnorm=false")); err == nil || !strings.Contains(err.Error(), "batch.lanes: layer4.0.downsample.1 has one value of each channel in a lane") {
		t.Errorf("of each lane: error %v", err)
	}
	if err := CheckModel(oneValueFile(t, "resnet18")); err != nil {
		t.Error(err)
	}
	if err := CheckModel(oneValueFile(t, "resnet18", "batch.global=1", "batch.lanes=1")); err == nil ||
		!strings.Contains(err.Error(), "batch.global: layer4.0.downsample.1 has one value of each channel in the batch") {
		t.Errorf("one value in all: error %v", err)
	}
	cfg := Config{File: oneValueFile(t, "resnet-small"), Name: "w", Coordinators: []string{"localhost:1"}, Credentials: &identity.Credentials{},
		SocketDir: t.TempDir(), Threads: 1, Passes: 2}
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "--passes 2 with sync_batchnorm: true") {
		t.Errorf("two passes: error %v", err)
	}
}

// normRing is workers of this process, before their first step.
type normRing struct {
	groups   []*allreduce.Group
	trainers []*trainer
}

func newNormRing(t *testing.T, f *runfile.File, generation uint64, trainers []*trainer, workers int) *normRing {
	t.Helper()
	view, err := allreduce.EvenView(generation, f.Batch.Lanes, workers)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, workers)
	for i := range names {
		names[i] = fmt.Sprintf("worker-%d", i)
	}
	next, prev := allreduce.NewMemNetwork(0).Ring(names)
	r := &normRing{trainers: trainers}
	for w := range workers {
		group, err := allreduce.NewGroup(view, w, next[w], prev[w])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { group.Close() })
		r.groups = append(r.groups, group)
		if len(r.trainers) < workers {
			lo, hi := view.LanesOf(w)
			train, err := OpenData(f, f.Data.Train)
			if err != nil {
				t.Fatal(err)
			}
			tr, err := newTrainer(Config{File: f, Threads: 1, Passes: 1}, laneRange{lo, hi}, train, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(tr.close)
			tr.params.Initialize(1)
			r.trainers = append(r.trainers, tr)
		}
	}
	return r
}

// step lets all workers but the absent take a step, and returns what each says.
func (r *normRing) step(step uint64, absent int) []error {
	errs := make([]error, len(r.trainers))
	var wg sync.WaitGroup
	for w, tr := range r.trainers {
		if w == absent {
			errs[w] = r.groups[w].Close()
			continue
		}
		wg.Go(func() { _, errs[w] = tr.step(r.groups[w], step, wish{}) })
	}
	wg.Wait()
	return errs
}

// A worker that is lost in the midst of a forward pass ends the step of the others with an error; done again in another
// ring, it has the bits of a calm one.
func TestSyncBatchNormStepAgain(t *testing.T) {
	f := oneValueFile(t, "resnet-small")
	calm := newNormRing(t, f, 1, nil, 2)
	broken := newNormRing(t, f, 1, nil, 2)
	for step := range uint64(2) {
		for _, err := range calm.step(step, -1) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := broken.step(step, 1)[0]; err == nil || !strings.Contains(err.Error(), "bn1: ") {
			t.Fatalf("step %d: error %v, want one of the first norm", step, err)
		}
		broken = newNormRing(t, f, step+2, broken.trainers, 2)
		for _, err := range broken.step(step, -1) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for w, tr := range broken.trainers {
		if d := distance(tr.params.Values, calm.trainers[0].params.Values); d != 0 {
			t.Errorf("worker %d: parameters are off by %.2g of their length", w, d)
		}
	}
}

// ResNet-18 on eight images of 32 pixels, each a lane, where its last norms have one value of a channel.
func TestSyncBatchNormOfResNet18(t *testing.T) {
	if testing.Short() { // the rings of TestSyncBatchNorm are the same, of smaller networks
		t.Skip("long")
	}
	f := oneValueFile(t, "resnet18")
	var want *nn.Params
	for _, workers := range []int{1, 3} {
		r := newNormRing(t, f, 1, nil, workers)
		if err := errors.Join(r.step(0, -1)...); err != nil {
			t.Fatal(err)
		}
		got := r.trainers[workers-1].params
		if want == nil {
			want = got
		}
		if d := distance(got.Values, want.Values) + distance(got.Running, want.Running); d != 0 {
			t.Errorf("%d workers: parameters or running statistics are off by %.2g of their length", workers, d)
		}
	}
}

// spoiltFeed has a value that is not finite in one lane.
type spoiltFeed struct {
	feed
	lane int
}

func (s spoiltFeed) fill(rec *zoo.Recording, step int, lanes laneRange) error {
	err := s.feed.fill(rec, step, lanes)
	if lanes.first <= s.lane && s.lane < lanes.end {
		rec.Part("image").(*nn.Images).Image(s.lane - lanes.first)[7] = float32(math.NaN())
	}
	return err
}

// The lane that a NaN comes from is named by all, with the layer, though it is in every lane's loss.
func TestSyncBatchNormNamesTheLane(t *testing.T) {
	r := newNormRing(t, oneValueFile(t, "resnet-small"), 1, nil, 3)
	for _, tr := range r.trainers {
		tr.feed = spoiltFeed{tr.feed, 5}
	}
	for w, err := range r.step(0, -1) {
		if nf, ok := errors.AsType[*NonFiniteError](err); !ok || nf.Lane != 5 || nf.Where != "conv1" {
			t.Errorf("worker %d: error %v, want conv1 in lane 5", w, err)
		}
	}
}
