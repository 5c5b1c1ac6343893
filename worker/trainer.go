package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// trainer holds what a worker trains. The weights and the optimizer stay for the
// worker's whole life; what depends on its lanes is in share, and made anew when a
// view gives it others (kept.go). It is used by the step loop alone.
type trainer struct {
	cfg     Config
	file    *runfile.File
	model   *zoo.Network
	params  *nn.Params
	updater *updater
	rate    standingRate // as of the last step
	pool    *tensor.Pool
	train   *Dataset
	valid   *Dataset // nil: none

	parts    []part      // of the buckets of gradients
	reduced  []float32   // [Size] the gradient of the whole batch: that of the lane itself where the run has one (sumsInPlace)
	measured []float32   // [StatisticsSize] what its lanes measured, added up
	losses   [][]float64 // [L][…] gathered in the step under way
	last     [][]float64 // and in the last that was applied

	share
	progress

	probe *probe     // of the step under way; nil: nobody looks
	fall  *waterfall // of the step under way; nil: nobody looks

	filled bool              // the weights have values
	origin uint64            // generation of the view in which they were loaded or first made, here or by whoever gave them
	stash  map[int][]float32 // states of lanes between two views; nil: none

	hurries func() bool // the run is to stop, so that nothing is written that can be left out

	began time.Time // the step under way
	left  []departure
}

// share is what a worker has for its lanes.
type share struct {
	lanes   laneRange
	passes  []laneRange
	states  *nn.States
	network *network
	feed    feed
	grads   [][]float32 // by own lane, of one part: reused
	pending []*allreduce.Pending
	own     [][]float64
	weigher *weigher
	held    *evaluator // nil: nothing is held out
	mirror  mirror

	operations float64 // floating-point, of a step in these lanes
}

// progress is how far a trainer is. A step that a broken ring has ended is done
// again under the next view, with what is there of it.
type progress struct {
	applied   uint64 // steps
	known     bool   // what was gathered in the last of them is here
	computed  []bool // by own lane: its gradient of step `applied` is there
	whole     bool   // every sum of that step is here, and everybody's mirror was made
	evaluated uint64 // steps applied at the last evaluation
}

// departure is when a part left, since the step began.
type departure struct {
	part *part
	at   time.Duration
}

// newTrainer builds the model for the given lanes.
func newTrainer(cfg Config, lanes laneRange, train, valid *Dataset) (*trainer, error) {
	f := cfg.File
	model, err := NewModel(f.Model)
	if err != nil {
		return nil, err
	}
	params := model.Params()
	if err := freeze(f.Model, params); err != nil {
		return nil, err
	}
	updater, err := newUpdater(f, params)
	if err != nil {
		return nil, err
	}
	t := &trainer{
		cfg: cfg, file: f, model: model, hurries: func() bool { return false }, params: params, updater: updater, pool: newPool(f, cfg.Threads), train: train, valid: valid,
		parts:    cutParts(cutBuckets(params, bucketElements), partElements),
		measured: tensor.AlignedSlice(params.StatisticsSize()),
	}
	if !t.sumsInPlace() {
		t.reduced = tensor.AlignedSlice(params.Size())
	}
	if err := t.take(lanes); err != nil {
		return nil, err
	}
	return t, nil
}

// sumsInPlace says that the sum over the lanes lies where the gradient of a lane does: the sum over one lane is its gradient.
// A step that is begun again finds its gradient as it was: it is rounded for the wire, which twice is as once, and clipped
// only when nothing can end the step any more.
func (t *trainer) sumsInPlace() bool { return t.file.Batch.Lanes == 1 }

// makeShare builds what a worker has for lanes, taken in so many passes.
func (t *trainer) makeShare(lanes laneRange, passes int) (share, error) {
	f := t.file
	feed, err := t.train.feed(f, t.pool, true)
	if err != nil {
		return share{}, fmt.Errorf("data.train: %w", err)
	}
	t.params.AllocateGrads(lanes.count())
	if t.sumsInPlace() && lanes.count() == 1 {
		t.reduced = t.params.ReadGrads(0)
	}
	s := share{lanes: lanes, passes: lanes.split(passes), states: nn.NewStates(lanes.count(), f.Batch.TrainedRows()), feed: feed,
		grads: make([][]float32, lanes.count())}
	s.network = &network{model: t.model, learns: f.Task.New(), states: s.states, pool: t.pool, mode: nn.Training, seed: f.Seed, midst: newExchange(f),
		steps: f.RowLength(), rows: f.Batch.TrainedRows(), tapes: map[int]*recording{}}
	for _, pass := range s.passes { // recording also names the states
		s.operations += float64(s.network.forLanes(pass.count()).tape.TrainingOperations())
	}
	s.own = vectors(lanes.count(), gatherLosses+len(s.network.forLanes(s.passes[0].count()).Losses))
	s.weigher = newWeigher(s.network, feed, lanes, s.passes, f.Batch.Lanes)
	if t.valid != nil {
		if s.held, err = newEvaluator(f, t.model, t.pool, lanes, len(s.passes), t.valid); err != nil {
			return share{}, err
		}
	}
	return s, nil
}

// close waits for what is being read.
func (s *share) close() {
	if s.feed != nil {
		s.feed.close()
	}
	if s.held != nil {
		s.held.feed.close()
	}
}

// initialize begins from new weights, or those that the run file names: then it also says what they are.
func (t *trainer) initialize(ctx context.Context) (loaded *nn.LoadReport, err error) {
	t.params.Initialize(t.file.Seed)
	if err := t.beginFinalBias(ctx); err != nil {
		return nil, err
	}
	if m := t.file.Model; m.Weights != "" {
		if loaded, err = loadInitial(m, t.model); err != nil {
			return nil, err
		}
	}
	t.updater.start()
	t.filled = true
	return loaded, nil
}

func (t *trainer) close() {
	t.share.close()
	t.pool.Close()
}

func vectors(n, width int) [][]float64 {
	v := make([][]float64, n)
	for i := range v {
		v[i] = make([]float64, width)
	}
	return v
}
