package worker

import (
	"context"
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/check"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Checked is the run file's model with its data, optimizer and precision, as
// package check takes it: as one worker would train all lanes from the first
// step on.
func Checked(f *runfile.File, threads int) (*check.Network, error) {
	model, err := describeModel(f.Model)
	if err != nil {
		return nil, err
	}
	if err := CheckWeights(f.Model, model); err != nil {
		return nil, err
	}
	if _, err := newUpdater(f, model.Params()); err != nil {
		return nil, err
	}
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		return nil, fmt.Errorf("data.train: %w", err)
	}
	feed, err := train.feed(f, nil, true)
	if err != nil {
		return nil, fmt.Errorf("data.train: %w", err)
	}
	n := &check.Network{
		Kind: f.Model.Kind, Params: model.Params(), Seed: f.Seed, SyncNorms: f.SyncBatchNorm, Pipelines: f.Batch.Pipelines, Steps: min(f.Steps, checkedSteps), Threads: threads,
		Shape:     nn.Shape{Steps: f.RowLength(), Lanes: f.Batch.Lanes, Rows: f.Batch.TrainedRows()},
		NewPool:   func(threads int) *tensor.Pool { return newPool(f, threads) },
		NewUpdate: func() check.Update { return newUpdate(f, model.Params()) },
		Record: func(t *nn.Tape, states *nn.States) (*zoo.Recording, check.Fill) {
			r := zoo.Record(model, f.Task.New(), t, states)
			return r, func(step, lane int) error {
				return feed.fill(r, step, laneRange{lane, lane + t.Shape.Lanes})
			}
		},
	}
	return n, train.firstOf(n, f, model)
}

// firstOf tells a check of the bias that the counts of the training set give, where the run file asks for it.
func (d *Dataset) firstOf(n *check.Network, f *runfile.File, model *zoo.Network) error {
	if f.Model.FinalBias != runfile.FromCounts {
		return nil
	}
	pool := newPool(f, n.Threads)
	defer pool.Close()
	b, err := d.finalBias(context.Background(), f, model, pool)
	if err != nil {
		return err
	}
	n.First, n.FirstAbout = b.set, fmt.Sprintf("model.final_bias, which sets %s by the counts of %d targets (%.4g by themselves)", b.names(), b.count, b.loss)
	return nil
}

// checkedSteps is how many steps a check takes: the second begins with a state,
// the third with updates that know one.
const checkedSteps = 3

// newUpdate is how the run moves its parameters.
func newUpdate(f *runfile.File, ps *nn.Params) check.Update {
	u, err := newUpdater(f, ps)
	if err != nil {
		panic(err) // Checked has tried
	}
	return func(pool *tensor.Pool, params, grad []float32, step uint64) {
		u.clip(pool, grad)
		u.apply(pool, params, grad, u.lr(step), step)
	}
}
