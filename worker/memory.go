package worker

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// MemoryPlan is what a worker's process needs, in bytes.
type MemoryPlan struct {
	Lanes, Passes int
	zoo.Memory          // of the model; its activations and inputs are those of the passes
	Optimizer     int64 // its state, and the average of the weights
	Copies        int64 // of what is saved, and parts of it on their way to a store, while a checkpoint is written
	Ring          int64 // of gradients that neighbours send before they are wanted here, and that wait for the next worker
	Data          int64 // of the sets, for training and held out, that stays in memory
	Process       int64 // the rest: program, stacks, what the collector leaves lying
}

// A process without a model takes processBytes; of all else the collector leaves a part lying.
const (
	processBytes = 40 << 20
	processShare = 16
)

// Total is the sum.
func (m MemoryPlan) Total() int64 {
	return m.Memory.Total() + m.Optimizer + m.Copies + m.Ring + m.Data + m.Process
}

// PlanMemory computes what a worker of so many threads needs for so many lanes in so many passes of the sets that it reads, without
// taking it.
func PlanMemory(f *runfile.File, lanes, passes, threads int, sets ...*Dataset) (m MemoryPlan, err error) {
	defer zoo.Recover(f.Model.Kind, &err)
	m = MemoryPlan{Lanes: lanes, Passes: passes}
	pool := newPool(f, threads) // each thread adds to what is packed at a time
	defer pool.Close()
	sizes := map[int]int64{} // of the passes, and how many have it: each size has a tape
	for _, pass := range (laneRange{0, lanes}).split(passes) {
		sizes[pass.count()]++
	}
	kinds := int64(1) // of batches: for training, and held out
	if f.Data.Valid != "" {
		kinds = 2
	}
	for size, count := range sizes {
		model, err := describeModel(f.Model)
		if err != nil {
			return m, err
		}
		shape := nn.Shape{Steps: f.RowLength(), Lanes: size, Rows: f.Batch.TrainedRows()}
		one := zoo.MemoryOf(model, f.Task.New(), pool, shape, newExchange(f).prepare)
		if f.Data.Valid != "" {
			one.Packed += one.Evaluation // which keeps them packed, as weights do not change between its batches
		}
		m.Weights, m.Packed = one.Weights, max(m.Packed, one.Packed)
		m.Activations += one.Activations
		m.States = max(m.States, one.States*int64(lanes)/int64(size))
		m.Inputs += kinds * (1 + count) * one.Inputs // on the tape, and read ahead for each pass
		if f.Data.Valid != "" {
			shape.Rows = f.Batch.LaneRows()
			m.Activations += evaluationMemory(f, model, shape)
		}
	}
	m.Gradients = int64(lanes) * m.Weights
	if f.Batch.Lanes > 1 {
		m.Gradients += m.Weights // their sum; of the one lane of a run the gradient is the sum
	}
	m.Optimizer = int64(optimizerSlices(f.Optimizer)) * m.Weights
	m.Copies = copiesMemory(f, lanes, m)
	if lanes < f.Batch.Lanes {
		m.Ring = m.Weights // each chunk once
	}
	m.States += m.States / 2 * 3 // of the neighbour: kept, next, and sent
	if f.Watch.Layers > 0 {
		m.Copies += m.Weights // as they were before a step whose update is measured
	}
	for _, set := range sets {
		m.Data += set.cached()
	}
	m.Process = processBytes + (m.Total()-m.Data)/processShare
	return m, nil
}

// copiesMemory is what writing a checkpoint takes, of a plan that knows weights, optimizer and the states of the worker's lanes. One
// worker of a ring saves the weights and another the optimizer, and who has all lanes saves both.
func copiesMemory(f *runfile.File, lanes int, m MemoryPlan) int64 {
	copies := max(m.Weights, m.Optimizer)
	if lanes == f.Batch.Lanes {
		copies = m.Weights + m.Optimizer
	}
	copies += m.States / 2 // the current ones
	if objects.Named(f.Checkpoint.Dir) {
		copies += min(copies, objects.WriterMemory)
	}
	return copies
}

// evaluationMemory is that of a pass over held-out rows.
func evaluationMemory(f *runfile.File, model *zoo.Network, shape nn.Shape) int64 {
	tape := nn.NewTape(model.Params(), nil, shape, nn.Inference, f.Seed)
	r := zoo.Record(model, f.Task.New(), tape, nn.NewStates(shape.Lanes, shape.Rows))
	tape.Keep(r.Out)
	return 4 * int64(tape.Measure())
}

// optimizerSlices is how many numbers an optimizer keeps for each weight.
func optimizerSlices(o runfile.Optimizer) int {
	n := 0
	count := func(is bool) {
		if is {
			n++
		}
	}
	switch o.Kind {
	case "sgd":
		count(o.Momentum > 0)
	case "adam", "adamw", "lamb":
		n = 2
	case "rmsprop", "rmsprop-tf":
		n = 1
		count(o.Momentum > 0)
		count(o.Centered)
	case "adagrad", "lars":
		n = 1
	default: // of the program's own
		if own, err := newOwnOptimizer(o, optim.Whole(1)); err == nil {
			n = len(own.State())
		}
	}
	count(o.Average > 0)
	return n
}

// cached is how much of a set stays in memory once it was read.
func (d *Dataset) cached() int64 {
	if d == nil {
		return 0
	}
	if stored, ok := d.samples.(*samples.Set); ok {
		return min(stored.Size(), setCache)
	}
	return 0
}

// String is "412 MiB: weights 14 MiB, …", the greatest parts first as they come.
func (m MemoryPlan) String() string {
	var parts []string
	for _, p := range []struct {
		name  string
		bytes int64
	}{{"weights", m.Weights + m.Packed}, {"gradients", m.Gradients}, {"optimizer", m.Optimizer}, {"activations", m.Activations}, {"states", m.States},
		{"inputs", m.Inputs}, {"copies for checkpoints", m.Copies}, {"ring", m.Ring}, {"data", m.Data}, {"process", m.Process}} {
		if p.bytes > 0 {
			parts = append(parts, p.name+" "+mebibytes(p.bytes))
		}
	}
	return mebibytes(m.Total()) + ": " + strings.Join(parts, ", ")
}

// mebibytes is a size in MiB, or in GiB from 10 of them on.
func mebibytes(n int64) string {
	if n >= 10<<30 {
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%.0f MiB", math.Ceil(float64(n)/(1<<20)))
}

// MemoryError says that what a worker needs does not fit, and what would.
type MemoryError struct {
	Plan    MemoryPlan
	Workers int   // that share the memory
	Most    int64 // that they may use
	Beside  int64 // of it, for the coordinator that shares it, too
	Of      string
	Enough  int // passes; 0: no number is
	Whole   bool
}

func (e *MemoryError) Error() string {
	each := "a worker needs"
	if e.Workers > 1 {
		each = fmt.Sprintf("%d workers need %s, each", e.Workers, mebibytes(int64(e.Workers)*e.Plan.Total()))
	}
	of := "all memory of this machine"
	if e.Of != "" {
		of = "the memory limit of " + e.Of
	}
	beside := ""
	if e.Beside > 0 {
		beside = ", the coordinator " + mebibytes(e.Beside)
	}
	advice := fmt.Sprintf("give --passes %d", e.Enough)
	switch {
	case e.Whole:
		advice = "lanes need each other (sync_batchnorm, batch.pipelines), so all are computed at once: give more memory, more workers on other machines, or a smaller batch.global or model"
	case e.Enough == 0:
		advice = "no number of --passes would do: give more memory, more workers on other machines, or a smaller batch.global or model"
	}
	return fmt.Sprintf("%s %v with --passes %d for %d lanes%s, and %s is %s; %s", each, e.Plan, e.Plan.Passes, e.Plan.Lanes, beside, of, mebibytes(e.Most), advice)
}

// FitMemory plans the memory of so many workers of so many threads that share most bytes (0: not known), and returns a *MemoryError where
// they do not fit.
func FitMemory(f *runfile.File, lanes, passes, threads, workers int, sets []*Dataset, most int64, of string) (MemoryPlan, error) {
	plan, err := PlanMemory(f, lanes, passes, threads, sets...)
	if err != nil || most == 0 || plan.Total() <= most/int64(workers) {
		return plan, err
	}
	short := &MemoryError{Plan: plan, Workers: workers, Most: most, Of: of, Whole: f.LanesMeet()}
	for more := passes + 1; more <= lanes && !f.LanesMeet(); more++ {
		other, err := PlanMemory(f, lanes, more, threads, sets...)
		if err != nil {
			return plan, err
		}
		if other.Total() <= most/int64(workers) {
			short.Enough = more
			break
		}
	}
	return plan, short
}

// fit is in how many passes the lanes fit into memory: as many as were asked for, or an error, before the first view; more
// where a worker takes over lanes, as a run that trains is not to end for it.
func (t *trainer) fit(lanes laneRange) (passes int, err error) {
	most := t.cfg.Memory
	if most == 0 {
		return t.cfg.Passes, nil
	}
	plan, err := FitMemory(t.file, lanes.count(), t.cfg.Passes, t.cfg.Threads, 1, []*Dataset{t.train, t.valid}, most, t.cfg.MemoryOf)
	short, is := errors.AsType[*MemoryError](err)
	switch {
	case err == nil:
		t.cfg.Log.Info("memory", "plan", plan.String(), "limit", mebibytes(most))
	case is && t.lanes.count() > 0:
		if short.Enough > 0 {
			plan.Passes = short.Enough
		}
		t.cfg.Log.Warn("memory is short for the lanes taken over", "reason", err, "passes", plan.Passes)
	default:
		return 0, err
	}
	return plan.Passes, nil
}
