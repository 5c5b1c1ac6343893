package worker

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/shard"
)

// smallText cuts shards from a generated text.
func smallText(t testing.TB) (train, valid string) {
	t.Helper()
	var b strings.Builder
	for i := range 900 {
		fmt.Fprintf(&b, "line %d of a text that %d readers know well\n", i, i*i%97)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "shards")
	if _, err := shard.WriteText(shard.TextOptions{Out: out, Valid: 0.1}, []string{file}); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(out, "train"), filepath.Join(out, "valid")
}

func smallFile(t testing.TB, sets ...string) *runfile.File {
	t.Helper()
	train, valid := smallText(t)
	base := []string{"data.train=" + train, "data.valid=" + valid, "model.hidden=24", "model.embed=12", "model.layers=2",
		"model.dropout=0.2", "batch.global=16", "batch.lanes=8", "batch.length=12", "steps=8", "schedule.warmup=2",
		"checkpoint.dir=" + t.TempDir(), "optimizer.lr=0.01"}
	f, err := runfile.Parse("small.yaml", nil, append(base, sets...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// imageFile is a small run of an image model on generated images.
func imageFile(t testing.TB, kind string, sets ...string) *runfile.File {
	t.Helper()
	base := []string{"model.kind=" + kind, "data.train=generated:train?count=36", "data.valid=generated:valid?count=18",
		"model.classes=4", "batch.global=16", "batch.lanes=8", "steps=4", "checkpoint.dir=" + t.TempDir(),
		"optimizer.kind=sgd", "optimizer.lr=0.02"}
	f, err := runfile.Parse("images.yaml", nil, append(base, sets...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// aloneGroup is the ring of a worker that has all lanes.
func aloneGroup(t testing.TB, f *runfile.File) *allreduce.Group {
	t.Helper()
	view, err := allreduce.EvenView(1, f.Batch.Lanes, 1)
	if err != nil {
		t.Fatal(err)
	}
	group, err := allreduce.NewGroup(view, 0, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { group.Close() })
	return group
}

// outcome is what a run leaves: the SHA-256 of its parameters and states, and
// its losses.
type outcome struct {
	sum    string
	losses []float64
	held   float64
	right  string
}

// runInProcess trains with so many workers that share this process, over
// links in memory that delay and reorder frames.
func runInProcess(t testing.TB, f *runfile.File, workers, threads, passes int) outcome {
	t.Helper()
	view, err := allreduce.EvenView(1, f.Batch.Lanes, workers)
	if err != nil {
		t.Fatal(err)
	}
	next, prev := make([]allreduce.Link, workers), make([]allreduce.Link, workers)
	if workers > 1 {
		names := make([]string, workers)
		for i := range names {
			names[i] = fmt.Sprintf("worker-%d", i)
		}
		next, prev = allreduce.NewMemNetwork(0).Ring(names)
	}
	outcomes, errs := make([]outcome, workers), make([]error, workers)
	trainers := make([]*trainer, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			group, err := allreduce.NewGroup(view, w, next[w], prev[w])
			if err != nil {
				errs[w] = err
				return
			}
			defer group.Close()
			lo, hi := view.LanesOf(w)
			trainers[w], outcomes[w], errs[w] = trainAlone(f, group, laneRange{lo, hi}, threads, passes)
		})
	}
	wg.Wait()
	for w, err := range errs {
		if err != nil {
			t.Fatalf("worker %d of %d: %v", w, workers, err)
		}
	}
	h := sha256.New()
	write := func(x []float32) {
		for _, v := range x {
			_ = binary.Write(h, binary.LittleEndian, math.Float32bits(v))
		}
	}
	write(trainers[0].params.Values)
	write(trainers[0].params.Running)
	for _, part := range trainers[0].updater.tensors() {
		if err := binary.Write(h, binary.LittleEndian, part.Data); err != nil {
			t.Fatal(err)
		}
	}
	for _, tr := range trainers {
		for l := range tr.lanes.count() {
			for _, st := range tr.states.List {
				write(st.Lane(l))
			}
		}
		tr.close()
	}
	outcomes[0].sum = fmt.Sprintf("%x", h.Sum(nil))
	return outcomes[0]
}

func trainAlone(f *runfile.File, group *allreduce.Group, lanes laneRange, threads, passes int) (*trainer, outcome, error) {
	var o outcome
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		return nil, o, err
	}
	valid, err := OpenData(f, f.Data.Valid)
	if err != nil {
		return nil, o, err
	}
	tr, err := newTrainer(Config{File: f, Threads: threads, Passes: passes}, lanes, train, valid)
	if err != nil {
		return nil, o, err
	}
	if _, err := tr.initialize(context.Background()); err != nil {
		return nil, o, err
	}
	for step := range uint64(f.Steps) {
		if lanes.first == 0 && due(step+1, f.Watch.Layers) {
			tr.probe = tr.newProbe(nil)
		}
		if due(step+1, f.Watch.Layers) {
			tr.fall = newWaterfall()
		}
		r, err := tr.step(group, step, wish{})
		tr.probe, tr.fall = nil, nil
		if err != nil {
			return tr, o, err
		}
		o.losses = append(o.losses, r.loss)
		if due(step+1, f.Eval.Every) && step+1 < uint64(f.Steps) {
			if _, err := tr.measure(group, step+1, lanes.first == 0); err != nil {
				return tr, o, err
			}
		}
	}
	m, err := tr.measure(group, uint64(f.Steps), lanes.first == 0)
	o.held, o.right = m.Loss, fmt.Sprint(m.Figures)
	return tr, o, err
}

// TestSameBits is the promise: workers, threads and passes do not show.
func TestSameBits(t *testing.T) {
	files := map[string]*runfile.File{
		"lenet5":       imageFile(t, "lenet5", "steps=24", "optimizer.lr=0.1", "data.train=generated:train?count=36&noise=0.1"),
		"resnet18":     imageFile(t, "resnet18", "model.image=16", "steps=2"),
		"mobilenetv2":  imageFile(t, "mobilenetv2", "model.image=16", "steps=2"),
		"resnet-small": imageFile(t, "resnet-small", "model.image=16", "model.width=8", "model.dropout=0.1", "model.stochastic_depth=0.2", "steps=2"),
	}
	for _, cell := range []string{"lstm", "gru", "mlstm"} {
		files[cell] = smallFile(t, "model.cell="+cell)
	}
	files["normed mlstm, in parts"] = smallFile(t, "model.cell=mlstm", "model.weight_norm=true", "model.hidden=256", "model.layers=1",
		"batch.length=3", "steps=2")
	files["adamw, average, steps"] = smallFile(t, "optimizer.kind=adamw", "optimizer.average=0.9", "schedule.kind=multistep", "schedule.at=3,6")
	files["rmsprop, plateau"] = smallFile(t, "optimizer.kind=rmsprop", "optimizer.momentum=0.5", "schedule.kind=plateau", "schedule.patience=0",
		"schedule.threshold=0.2", "eval.every=2")
	files["lars, restarts, l1"] = imageFile(t, "lenet5", "steps=2", "optimizer.kind=lars", "optimizer.decay_norms=false", "optimizer.l1=1e-4",
		"optimizer.clip_value=0.1", "schedule.kind=cosine-restarts", "schedule.every=1")
	lamb := []string{"model.image=16", "steps=2", "optimizer.kind=lamb", "optimizer.average=0.5"}
	files["lamb, average of statistics"] = imageFile(t, "resnet18", lamb...)
	if testing.Short() { // first values of 11 million weights, again and again
		delete(files, "resnet18")
		files["lamb, average of statistics"] = imageFile(t, "resnet-small", append(lamb, "model.width=8")...)
	}
	for name, f := range files {
		t.Run(name, func(t *testing.T) {
			want := runInProcess(t, f, 1, 1, 1)
			if f.Steps > 2 && want.losses[0] <= want.losses[len(want.losses)-1] {
				t.Errorf("the loss does not fall: %v", want.losses)
			}
			for _, c := range []struct{ workers, threads, passes int }{
				{1, 2, 1}, {1, 1, 3}, {1, 2, 8}, {2, 1, 1}, {3, 1, 1}, {3, 2, 2}, {5, 1, 1}, {8, 1, 1},
			} {
				if f.Steps == 2 && c.workers+c.passes != 5 && c.threads != 2 {
					continue // large models: the least of it
				}
				if testing.Short() && c.workers*c.threads*c.passes < 8 {
					continue // the most of each: passes, threads and workers
				}
				got := runInProcess(t, f, c.workers, c.threads, c.passes)
				if got.sum != want.sum {
					t.Errorf("%+v: parameters and states differ from one worker's", c)
				}
				if fmt.Sprint(got.losses) != fmt.Sprint(want.losses) || got.held != want.held || got.right != want.right {
					t.Errorf("%+v: losses %v, held out %v; one worker has %v and %v", c, got.losses, got.held, want.losses, want.held)
				}
			}
		})
	}
}
