package worker

import (
	"errors"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"log/slog"
	"strings"
	"testing"
)

// What the plan says of an optimizer is what it holds.
func TestOptimizerSlices(t *testing.T) {
	for _, sets := range [][]string{
		{"optimizer.kind=sgd", "optimizer.momentum=0"}, {"optimizer.kind=sgd", "optimizer.momentum=0.9"}, {"optimizer.kind=adam"}, {"optimizer.kind=adamw", "optimizer.average=0.9"},
		{"optimizer.kind=rmsprop", "optimizer.momentum=0.9", "optimizer.centered=true"}, {"optimizer.kind=rmsprop-tf"}, {"optimizer.kind=adagrad"},
		{"optimizer.kind=lars", "optimizer.momentum=0.9"}, {"optimizer.kind=lamb"},
	} {
		f := smallFile(t, sets...)
		model, err := NewModel(f.Model)
		if err != nil {
			t.Fatal(err)
		}
		u, err := newUpdater(f, model.Params())
		if err != nil {
			t.Fatal(err)
		}
		held := 0
		for _, s := range u.optimizer.State() {
			held += len(s.Data)
		}
		if u.average != nil {
			held += len(u.average.Values)
		}
		if got, want := optimizerSlices(f.Optimizer), (held+model.Params().Size()/2)/model.Params().Size(); got != want {
			t.Errorf("%v: %d numbers a weight, and it holds %d", sets, got, want)
		}
	}
}

// More passes need less for activations, and as much for gradients.
func TestPlanMemory(t *testing.T) {
	f := smallFile(t)
	lanes := f.Batch.Lanes
	last := int64(0)
	for passes := 1; passes <= lanes; passes *= 2 {
		m, err := PlanMemory(f, lanes, passes, 1)
		if err != nil {
			t.Fatal(err)
		}
		if m.Total() <= processBytes || m.Gradients != int64(lanes+1)*m.Weights || last > 0 && m.Activations >= last {
			t.Errorf("%d passes: %+v, with fewer %d of activations", passes, m, last)
		}
		last = m.Activations
		if text := m.String(); !strings.Contains(text, "activations") || !strings.Contains(text, "gradients") {
			t.Error(text)
		}
	}
}

// What batches are filled with is there on each tape, and for each pass once more, where the next one is read: of rows of
// 28x28 numbers and a class.
func TestPlanInputs(t *testing.T) {
	for _, c := range []struct {
		valid  string
		passes int
		rows   int64 // in all, of 16 in 8 lanes
	}{{"generated:valid?count=18", 1, 2 * (16 + 16)}, {"generated:valid?count=18", 2, 2 * (8 + 16)}, {"generated:valid?count=18", 3, 2 * (6 + 4 + 16)}, {"", 3, 6 + 4 + 16}} {
		m, err := PlanMemory(imageFile(t, "lenet5", "data.valid="+c.valid), 8, c.passes, 1)
		if err != nil {
			t.Fatal(err)
		}
		if want := c.rows * 4 * (28*28 + 1); m.Inputs != want {
			t.Errorf("%q, %d passes: %d bytes of inputs, want %d", c.valid, c.passes, m.Inputs, want)
		}
	}
}

// What is saved lies there once more while it is written: weights and optimizer with who has all lanes, else one of them.
func TestPlanCopies(t *testing.T) {
	f := smallFile(t, "optimizer.kind=adam")
	for lanes, want := range map[int]int64{f.Batch.Lanes: 3, f.Batch.Lanes / 2: 2} {
		m, err := PlanMemory(f, lanes, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		states := m.States / 5 // of its own two and of a neighbour three
		if m.Copies != want*m.Weights+states {
			t.Errorf("%d lanes: %d bytes of copies, want %d times %d of weights and %d of states", lanes, m.Copies, want, m.Weights, states)
		}
		if alone := lanes == f.Batch.Lanes; alone != (m.Ring == 0) {
			t.Errorf("%d lanes: %d bytes of the ring", lanes, m.Ring)
		}
	}
}

// Stored samples stay in memory, those for training and those held out.
func TestPlanData(t *testing.T) {
	f := imageFile(t, "lenet5")
	var sets []*Dataset
	for _, n := range []int{36, 20} {
		set, err := OpenData(f, storedSet(t, n, 28, nil))
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, set)
	}
	m, err := PlanMemory(f, 8, 1, 1, append(sets, nil)...)
	if err != nil {
		t.Fatal(err)
	}
	if least := int64((36 + 20) * 28 * 28); m.Data < least || m.Data > least*5/4 {
		t.Errorf("%d bytes of data, and its pixels are %d", m.Data, least)
	}
}

// A run that does not fit is refused with the least number of passes that would do, if there is one.
func TestFitMemory(t *testing.T) {
	f := smallFile(t, "model.hidden=64")
	lanes := f.Batch.Lanes
	plan := func(passes int) int64 {
		m, err := PlanMemory(f, lanes, passes, 1)
		if err != nil {
			t.Fatal(err)
		}
		return m.Total()
	}
	one, two, most := plan(1), plan(2), plan(lanes)
	if !(one > two && two > most) {
		t.Fatalf("%d %d %d: the test needs a model whose passes save memory", one, two, most)
	}
	for _, c := range []struct {
		most    int64
		workers int
		enough  int // passes; 0: none, 1: it fits
	}{{0, 1, 1}, {one, 1, 1}, {one - 1, 1, 2}, {two, 1, 2}, {2 * one, 2, 1}, {2*two + 1, 2, 2}, {most - 1, 1, 0}} {
		_, err := FitMemory(f, lanes, 1, 1, c.workers, nil, c.most, "/sys/fs/cgroup")
		short, is := errors.AsType[*MemoryError](err)
		switch {
		case c.enough == 1 && err != nil, c.enough != 1 && !is:
			t.Errorf("%d bytes: %v", c.most, err)
		case is && short.Enough != c.enough:
			t.Errorf("%d bytes: %d passes would do, want %d", c.most, short.Enough, c.enough)
		case is && c.enough > 1 && !strings.Contains(err.Error(), "give --passes 2"), is && !strings.Contains(err.Error(), "memory limit of /sys/fs/cgroup"):
			t.Errorf("%d bytes: %v", c.most, err)
		}
	}
	whole := *f
	whole.SyncBatchNorm = true
	if _, err := FitMemory(&whole, lanes, 1, 1, 1, nil, most, ""); err == nil || strings.Contains(err.Error(), "give --passes") || !strings.Contains(err.Error(), "all memory of this machine") {
		t.Errorf("with synchronous batch norms: %v", err)
	}
}

// A worker whose first lanes do not fit is an error; one that takes over more goes on with more passes, while it has them.
func TestFitOnTheWay(t *testing.T) {
	f := smallFile(t, "model.hidden=64")
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	lanes := f.Batch.Lanes
	two, err := PlanMemory(f, lanes, 2, 1, train)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{File: f, Threads: 1, Passes: 1, Memory: two.Total(), Log: slog.New(slog.DiscardHandler)}
	if _, err := newTrainer(cfg, laneRange{0, lanes}, train, nil); err == nil || !strings.Contains(err.Error(), "--passes") {
		t.Errorf("all lanes from the start: %v", err)
	}
	tr, err := newTrainer(cfg, laneRange{0, lanes / 2}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	if len(tr.passes) != 1 {
		t.Errorf("half of the lanes fit, and take %d passes", len(tr.passes))
	}
	if err := tr.take(laneRange{0, lanes}); err != nil || len(tr.passes) != 2 {
		t.Errorf("all lanes later: %v, %d passes", err, len(tr.passes))
	}
	if err := tr.take(laneRange{0, lanes / 2}); err != nil || len(tr.passes) != 1 {
		t.Errorf("half of them again: %v, %d passes", err, len(tr.passes))
	}
}

// More threads pack more of a matrix at a time, so a worker of many is planned with them.
func TestFitThreads(t *testing.T) {
	f := imageFile(t, "alexnet", "model.image=64", "data.valid=")
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{File: f, Threads: 8, Passes: 1, Log: slog.New(slog.DiscardHandler)}
	tr, err := newTrainer(cfg, laneRange{0, 1}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: f.Batch.TrainedRows()}
	packed := zoo.MemoryOf(tr.model, f.Task.New(), tr.pool, shape).Packed
	plan, err := PlanMemory(f, 1, 1, cfg.Threads, train)
	if err != nil || plan.Packed != packed {
		t.Errorf("%d bytes are planned to be packed, and the worker packs %d: %v", plan.Packed, packed, err)
	}
	tr.cfg.Memory = plan.Total() - 1
	tr.lanes = laneRange{}
	if _, err := tr.fit(laneRange{0, 1}); err == nil {
		t.Error("a byte too little is enough")
	}
}
