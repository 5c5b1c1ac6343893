package worker

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
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
	weigher *weigher
	own     [][]float64 // [lanes][measuredCounts + what the task counts]
	all     [][]float64
}

// What each lane contributes to an evaluation.
const (
	measuredLoss   = iota // sum of its losses, nats
	measuredCounts        // from here on: what the task counts
)

// Measured is what an evaluation finds.
type Measured struct {
	Loss    float64 // mean, in nats
	Targets int     // over how many
	Figures []task.Figure
}

// newEvaluator prepares to measure at most f.Eval.Batches batches (0: all).
func newEvaluator(f *runfile.File, model *zoo.Network, pool *tensor.Pool, lanes laneRange, passes int, valid *Dataset) (*evaluator, error) {
	feed, err := valid.feed(f, pool, false)
	if err != nil {
		return nil, fmt.Errorf("data.valid: %w", err)
	}
	batches := feed.batches()
	if f.Eval.Batches > 0 {
		batches = min(batches, f.Eval.Batches)
	}
	e := &evaluator{lanes: lanes, passes: lanes.split(passes), feed: feed, batches: batches}
	e.network = &network{model: model, learns: f.Task.New(), states: nn.NewStates(lanes.count(), f.Batch.LaneRows()), pool: pool,
		mode: nn.Inference, seed: f.Seed, steps: f.RowLength(), rows: f.Batch.LaneRows(), tapes: map[int]*recording{}}
	for _, pass := range e.passes { // recorded first, so that Zero knows all states
		e.network.forLanes(pass.count())
	}
	width := measuredCounts + e.first().Scorer.Width()
	e.own, e.all = vectors(lanes.count(), width), vectors(f.Batch.Lanes, width)
	e.weigher = newWeigher(e.network, feed, lanes, e.passes, f.Batch.Lanes)
	return e, nil
}

// first is the recording of the first pass.
func (e *evaluator) first() *recording { return e.network.forLanes(e.passes[0].count()) }

// run measures.
func (e *evaluator) run(group *allreduce.Group, step uint64) (m Measured, err error) {
	for l := range e.own {
		clear(e.own[l])
	}
	e.network.states.Zero()
	weight := 0.0
	for b := range e.batches {
		if err := e.batch(group, step, b); err != nil {
			return m, err
		}
		e.network.states.Commit()
		m.Targets += e.feed.place(b).count
		weight += divisor(e.first().Losses[0])
	}
	if err := group.Gather(step, tagEvaluate, e.own, e.all); err != nil {
		return m, err
	}
	sum := make([]float64, len(e.all[0]))
	for _, lane := range e.all {
		for i, x := range lane {
			sum[i] += x
		}
	}
	m.Loss = sum[measuredLoss] / max(weight, math.SmallestNonzeroFloat64)
	m.Figures = e.first().Scorer.Figures(sum[measuredCounts:])
	return m, nil
}

// batch measures the own lanes of a batch.
func (e *evaluator) batch(group *allreduce.Group, step uint64, b int) error {
	if e.weigher != nil {
		if err := e.weigher.weigh(group, step, b, tagWeighHeld+uint32(b)); err != nil {
			return err
		}
	}
	for _, pass := range e.passes {
		rec := e.network.forLanes(pass.count())
		if e.weigher == nil || len(e.passes) > 1 {
			if err := e.feed.fill(rec.Recording, b, pass); err != nil {
				return err
			}
		}
		own := pass.first - e.lanes.first
		rec.tape.Begin(step, pass.first, own)
		rec.tape.Forward()
		counts := make([][]float64, pass.count())
		for i, s := range rec.Losses[0].LaneSum {
			e.own[own+i][measuredLoss] += s
			counts[i] = e.own[own+i][measuredCounts:]
		}
		rec.Scorer.Score(counts)
	}
	return nil
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
