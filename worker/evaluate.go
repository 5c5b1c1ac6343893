package worker

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
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
	counts  [][]measure.Measure // of the task, by own lane
	own     [][]float64         // [lanes][measuredCounts + what the task counts]
	all     [][]float64

	unreachable error // of the evaluation that goes on; see Measured
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
	Whole   []measure.Measure // what the task counted
	Texts   []api.Written     // what the model went on with

	// Unreachable says which target of the rows that were measured here the network cannot give, the first one: then the loss is
	// infinite. nil: it can give all.
	Unreachable error
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
	width := measuredCounts
	for range lanes.count() {
		e.counts = append(e.counts, e.measures(1))
	}
	for _, m := range e.counts[0] {
		width += len(m.Vector())
	}
	e.own, e.all = vectors(lanes.count(), width), vectors(f.Batch.Lanes, width)
	e.weigher = newWeigher(e.network, feed, lanes, e.passes, f.Batch.Lanes)
	return e, nil
}

// measures have counted nothing; they are for so many lanes together.
func (e *evaluator) measures(lanes int) []measure.Measure {
	return e.first().Scorer.Measures(e.batches*e.network.rows, lanes)
}

// first is the recording of the first pass.
func (e *evaluator) first() *recording { return e.network.forLanes(e.passes[0].count()) }

// run measures.
func (e *evaluator) run(group *allreduce.Group, step uint64) (m Measured, err error) {
	for l := range e.own {
		clear(e.own[l])
		for _, m := range e.counts[l] {
			clear(m.Vector())
			m.Bind(m.Vector())
		}
	}
	e.network.states.Zero()
	e.unreachable = nil
	weight := 0.0
	for b := range e.batches {
		if err := e.batch(group, step, b); err != nil {
			return m, err
		}
		e.network.states.Commit()
		m.Targets += e.feed.place(b).count
		weight += e.first().Losses[0].Divisor()
	}
	for l, own := range e.own {
		at := measuredCounts
		for _, m := range e.counts[l] {
			at += copy(own[at:], m.Vector())
		}
	}
	if err := group.Gather(step, tagEvaluate, e.own, e.all); err != nil {
		return m, err
	}
	m.Whole = e.measures(len(e.all))
	for _, lane := range e.all {
		m.Loss += lane[measuredLoss]
		at := measuredCounts
		for i, whole := range m.Whole {
			n := len(e.counts[0][i].Vector()) // of one lane: that of all may be longer
			whole.Merge(lane[at : at+n])
			at += n
		}
	}
	m.Loss /= max(weight, math.SmallestNonzeroFloat64)
	m.Figures, m.Unreachable = e.first().Scorer.Figures(m.Whole), e.unreachable
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
		if err := e.feed.fill(rec.Recording, b, pass); err != nil {
			return err
		}
		e.feed.ahead((b+1)%e.batches, pass) // the next evaluation begins with the first
		own := pass.first - e.lanes.first
		rec.tape.Begin(step, pass.first, own)
		rec.tape.Forward()
		if err := rec.Losses[0].Err(); err != nil && e.unreachable == nil {
			e.unreachable = fmt.Errorf("held-out batch %d: %w", b, err)
		}
		for i, s := range rec.Losses[0].LaneSum {
			e.own[own+i][measuredLoss] += s
		}
		rec.Scorer.Score(e.counts[own : own+pass.count()])
	}
	return nil
}

// measure evaluates the weights, or their average where the run keeps one, and
// tells a plateau. Who writes lets them go on with the run file's texts, too.
func (t *trainer) measure(group *allreduce.Group, step uint64, writes bool) (m Measured, err error) {
	err = t.updater.withAverage(func() (err error) {
		if m, err = t.held.run(group, step); err == nil && writes {
			m.Texts = t.write()
		}
		return err
	})
	if err == nil && t.evaluated != step { // one that is done again teaches nothing new
		t.updater.observe(m.Loss)
		t.evaluated = step
	}
	return m, err
}
