package worker

import (
	"fmt"
	"sync/atomic"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/order"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// sampleRows brings samples to lanes. Step s of B rows takes the places s*B, s*B+1
// and on of the data; while training the set is a circle, so that every batch is
// full and an epoch still uses each sample once, in an order of its own; otherwise
// the last batch lacks rows.
type sampleRows struct {
	set      *Dataset
	length   int // samples of the set
	pool     *tensor.Pool
	seed     uint64
	global   int
	perLane  int // rows of one lane
	training bool

	parts  []nn.Part // being filled: their first row is row first of the data
	first  int
	some   func(lo, hi int)
	failed atomic.Pointer[error]
}

func newSampleRows(set *Dataset, f *runfile.File, pool *tensor.Pool, training bool) *sampleRows {
	r := &sampleRows{set: set, pool: pool, seed: f.Seed, global: f.Batch.Global, perLane: f.Batch.LaneRows(), training: training}
	if r.length = set.samplesLen(); r.length < 1 {
		panic("worker: a set without samples was opened")
	}
	r.some = r.fillSome
	return r
}

// samplesLen is the number of samples.
func (d *Dataset) samplesLen() int {
	if d.made != nil {
		return d.made.Count
	}
	return d.samples.Len()
}

func (r *sampleRows) place(step int) place {
	at, n := step*r.global, r.length
	p := place{epoch: at / n, firstOfEpoch: at%n < r.global, count: r.global}
	if !r.training {
		p.count = min(r.global, max(0, n-at))
	}
	return p
}

func (r *sampleRows) batches() int { return (r.length + r.global - 1) / r.global }

func (r *sampleRows) fill(rec *zoo.Recording, step int, lanes laneRange) error {
	r.parts, r.first = rec.Parts(), step*r.global+lanes.first*r.perLane
	rows := lanes.count() * r.perLane
	count := r.place(step).count
	for _, part := range r.parts {
		switch p := part.Holds.(type) {
		case *nn.Targets:
			p.Count = count * (p.Layout.Total() / rows)
		case *nn.TargetValues:
			p.Count = count * (p.Layout.Total() / rows)
		case *nn.Transcripts:
			p.Count = count
		}
	}
	r.failed.Store(nil)
	r.pool.For(rows, 1, r.some)
	if err := r.failed.Load(); err != nil {
		return fmt.Errorf("step %d: %w", step, *err)
	}
	return nil
}

func (r *sampleRows) fillSome(lo, hi int) {
	for row := lo; row < hi; row++ {
		if err := r.fillRow(row); err != nil {
			r.failed.CompareAndSwap(nil, &err)
			return
		}
	}
}

func (r *sampleRows) fillRow(row int) error {
	i := r.first + row
	if i >= r.length && !r.training {
		for _, p := range r.parts {
			leaveOut(p.Holds, row)
		}
		return nil
	}
	if r.set.made != nil { // random as they stand, and so not shuffled
		images := r.parts[0].Holds.(*nn.Images)
		r.parts[1].Holds.(*nn.Targets).Target[row] = int32(r.set.made.Read(i%r.length, images.Image(row)))
		return nil
	}
	if r.training {
		i = order.New(r.seed, i/r.length, r.length).At(i % r.length)
	}
	sample, err := r.set.samples.At(i)
	if err != nil {
		return err
	}
	for k, p := range r.parts {
		b := &r.set.binding[k]
		if err := b.fill(p.Holds, row, sample[b.part]); err != nil {
			return fmt.Errorf("sample %d: %s: %w", i, p.Name, err)
		}
	}
	return nil
}

// leaveOut says that a row has no sample.
func leaveOut(part any, row int) {
	switch p := part.(type) {
	case *nn.Images:
		clear(p.Image(row))
	case *nn.Values:
		for at := range rowsOf(p.Layout, row) {
			clear(p.Matrix().Row(at))
		}
	case *nn.Tokens:
		for at := row; at < len(p.Input); at += p.Rows {
			p.Input[at] = 0
		}
	case *nn.Lengths:
		p.Of[row] = 0
	case *nn.Targets:
		for at := range rowsOf(p.Layout, row) {
			p.Target[at] = -1
		}
	case *nn.TargetValues:
		for at := range rowsOf(p.Layout, row) {
			p.Absent[at] = true
		}
	case *nn.Transcripts:
		p.Length[row] = -1
	}
}
