package worker

import (
	"fmt"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// trainer holds what a worker trains: the model, its own lanes' hidden state,
// the optimizer, and the data. It is used by the step loop alone.
type trainer struct {
	file     *runfile.File
	lanes    laneRange
	passes   []laneRange
	params   *nn.Params
	states   *nn.States
	network  *network
	updater  *updater
	rate     standingRate // as of the last step
	pool     *tensor.Pool
	feed     feed
	parts    []part      // of the buckets of gradients
	reduced  []float32   // [Size] the gradient of the whole batch
	measured []float32   // [StatisticsSize] what its lanes measured, added up
	grads    [][]float32 // by own lane, of one part: reused
	pending  []*allreduce.Pending
	losses   [][]float64 // [L][…] gathered: reused
	own      [][]float64
	weigher  *weigher
	held     *evaluator

	began time.Time // the step under way
	left  []departure
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
	if err := freeze(f.Model, model.Params()); err != nil {
		return nil, err
	}
	params, pool := model.Params(), newPool(f, cfg.Threads)
	feed, err := train.feed(f, pool, true)
	if err != nil {
		return nil, fmt.Errorf("data.train: %w", err)
	}
	params.AllocateGrads(lanes.count())
	updater, err := newUpdater(f, params)
	if err != nil {
		return nil, err
	}
	t := &trainer{
		file: f, lanes: lanes, passes: lanes.split(cfg.Passes), params: params, updater: updater,
		pool: pool, feed: feed,
		states:   nn.NewStates(lanes.count(), f.Batch.LaneRows()),
		reduced:  tensor.AlignedSlice(params.Size()),
		measured: tensor.AlignedSlice(params.StatisticsSize()),
	}
	t.network = &network{model: model, learns: f.Task.New(), states: t.states, pool: pool, mode: nn.Training, seed: f.Seed,
		norms: newNormExchange(f),
		steps: f.RowLength(), rows: f.Batch.LaneRows(), tapes: map[int]*recording{}}
	for _, pass := range t.passes { // recording also names the states
		t.network.forLanes(pass.count())
	}
	t.parts = cutParts(cutBuckets(params, bucketElements), partElements)
	t.grads = make([][]float32, lanes.count())
	width := gatherLosses + len(t.network.forLanes(t.passes[0].count()).Losses)
	t.own = vectors(lanes.count(), width)
	t.losses = vectors(f.Batch.Lanes, width)
	t.weigher = newWeigher(t.network, feed, lanes, t.passes, f.Batch.Lanes)
	if valid != nil {
		if t.held, err = newEvaluator(f, model, pool, lanes, len(t.passes), valid); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// initialize begins from new weights, or those that the run file names: then it also says what they are.
func (t *trainer) initialize() (loaded *nn.LoadReport, err error) {
	t.params.Initialize(t.file.Seed)
	if m := t.file.Model; m.Weights != "" {
		if loaded, err = loadInitial(m, t.network.model); err != nil {
			return nil, err
		}
	}
	t.updater.start()
	return loaded, nil
}

func (t *trainer) close() {
	t.feed.close()
	if t.held != nil {
		t.held.feed.close()
	}
	t.pool.Close()
}

func vectors(n, width int) [][]float64 {
	v := make([][]float64, n)
	for i := range v {
		v[i] = make([]float64, width)
	}
	return v
}
