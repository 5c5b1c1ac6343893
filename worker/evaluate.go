package worker

import (
	"fmt"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// evaluator measures the loss on the held-out set. The set is cut into the
// same rows as a training batch, and lane l measures its own, so the result is
// the same for any number of workers.
type evaluator struct {
	lanes   laneRange
	passes  []laneRange
	network *network
	streams *shard.Streams
	rows    *rows
	batches int
	own     [][]float64
	all     [][]float64
}

// newEvaluator prepares to measure at most f.Eval.Batches batches (0: all).
func newEvaluator(f *runfile.File, model zoo.SequenceModel, pool *tensor.Pool, lanes laneRange, passes int, valid *shard.Set) (*evaluator, error) {
	streams, err := shard.NewStreams(valid, f.Batch.Global, f.Batch.Length)
	if err != nil {
		return nil, fmt.Errorf("data.valid: %w", err)
	}
	batches := streams.StepsPerEpoch()
	if f.Eval.Batches > 0 {
		batches = min(batches, f.Eval.Batches)
	}
	e := &evaluator{
		lanes: lanes, passes: lanes.split(passes), streams: streams, batches: batches,
		rows: newRows(streams, f.Model.Vocab, f.Batch.LaneRows(), f.Batch.Length),
		own:  vectors(lanes.count(), 1), all: vectors(f.Batch.Lanes, 1),
	}
	e.network = &network{model: model, states: nn.NewStates(lanes.count(), f.Batch.LaneRows()), pool: pool,
		mode: nn.Inference, seed: f.Seed, steps: f.Batch.Length, rows: f.Batch.LaneRows(), tapes: map[int]*recording{}}
	return e, nil
}

// run returns the mean loss in nats and over how many targets it was taken.
func (e *evaluator) run(group *allreduce.Group, step uint64) (loss float64, targets int, err error) {
	for l := range e.own {
		e.own[l][0] = 0
	}
	for _, part := range e.passes { // recorded first, so that Zero knows all states
		e.network.forLanes(part.count())
	}
	e.network.states.Zero()
	for b := range e.batches {
		for _, part := range e.passes {
			rec := e.network.forLanes(part.count())
			if err := e.rows.fill(rec.tokens, b, part); err != nil {
				return 0, 0, err
			}
			own := part.first - e.lanes.first
			rec.tape.Begin(step, part.first, own)
			rec.tape.Forward()
			for i, s := range rec.loss.LaneSum {
				e.own[own+i][0] += s
			}
		}
		e.network.states.Commit()
		targets += e.streams.Step(b).Count
	}
	if err := group.Gather(step, tagEvaluate, e.own, e.all); err != nil {
		return 0, 0, err
	}
	for _, lane := range e.all {
		loss += lane[0]
	}
	return loss / float64(targets), targets, nil
}
