package worker

import (
	"fmt"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
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
	feed    feed
	batches int
	own     [][]float64
	all     [][]float64
}

// What each lane contributes to an evaluation.
const (
	measuredLoss  = iota // sum of its losses, nats
	measuredRight        // images whose class is the likeliest
	measuredWidth
)

// Measured is what an evaluation finds.
type Measured struct {
	Loss    float64 // mean, in nats
	Targets int     // over how many
	Right   int     // of images: those whose class is the likeliest
}

// newEvaluator prepares to measure at most f.Eval.Batches batches (0: all).
func newEvaluator(f *runfile.File, model zoo.Model, pool *tensor.Pool, lanes laneRange, passes int, valid *Dataset) (*evaluator, error) {
	feed, err := valid.feed(f, pool, false)
	if err != nil {
		return nil, fmt.Errorf("data.valid: %w", err)
	}
	batches := feed.batches()
	if f.Eval.Batches > 0 {
		batches = min(batches, f.Eval.Batches)
	}
	e := &evaluator{
		lanes: lanes, passes: lanes.split(passes), feed: feed, batches: batches,
		own: vectors(lanes.count(), measuredWidth), all: vectors(f.Batch.Lanes, measuredWidth),
	}
	e.network = &network{model: model, states: nn.NewStates(lanes.count(), f.Batch.LaneRows()), pool: pool,
		mode: nn.Inference, seed: f.Seed, steps: f.RowLength(), rows: f.Batch.LaneRows(), tapes: map[int]*recording{}}
	return e, nil
}

// run measures.
func (e *evaluator) run(group *allreduce.Group, step uint64) (m Measured, err error) {
	for l := range e.own {
		clear(e.own[l])
	}
	for _, pass := range e.passes { // recorded first, so that Zero knows all states
		e.network.forLanes(pass.count())
	}
	e.network.states.Zero()
	for b := range e.batches {
		for _, pass := range e.passes {
			rec := e.network.forLanes(pass.count())
			if err := e.feed.fill(rec.Recording, b, pass); err != nil {
				return m, err
			}
			own := pass.first - e.lanes.first
			rec.tape.Begin(step, pass.first, own)
			rec.tape.Forward()
			for i, s := range rec.Loss.LaneSum {
				e.own[own+i][measuredLoss] += s
			}
			if rec.Images != nil {
				e.count(rec, own)
			}
		}
		e.network.states.Commit()
		m.Targets += e.feed.place(b).count
	}
	if err := group.Gather(step, tagEvaluate, e.own, e.all); err != nil {
		return m, err
	}
	for _, lane := range e.all {
		m.Loss += lane[measuredLoss]
		m.Right += int(lane[measuredRight])
	}
	m.Loss /= float64(m.Targets)
	return m, nil
}

// measure evaluates the weights, or their average where the run keeps one, and
// tells a plateau.
func (t *trainer) measure(group *allreduce.Group, step uint64) (m Measured, err error) {
	err = t.updater.withAverage(func() (err error) {
		m, err = t.held.run(group, step)
		return err
	})
	if err == nil {
		t.updater.observe(m.Loss)
	}
	return m, err
}

// count adds up the images whose class is the likeliest, the first among equals.
func (e *evaluator) count(rec *recording, own int) {
	logits := rec.Logits.Value()
	for row, target := range rec.Images.Target {
		if target < 0 {
			continue
		}
		best := 0
		for j, x := range logits.Row(row) {
			if x > logits.Row(row)[best] {
				best = j
			}
		}
		if best == int(target) {
			e.own[own+row/e.network.rows][measuredRight]++
		}
	}
}
