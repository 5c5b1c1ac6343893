package worker

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/augment"
	"github.com/rondo-ml/rondo/data/order"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// sampleRows brings samples to lanes. Step s of B rows takes the places s*B, s*B+1
// and on of the data; while training the set is a circle, so that every batch is
// full and an epoch still uses each sample once, in an order of its own; otherwise
// the last batch lacks rows.
//
// Samples that follow one another (samples.Schema.InOrder) are cut into B pieces of
// one length, and row r of a batch reads piece r from its first to its last. What is
// left over is left out.
type sampleRows struct {
	set      *Dataset
	length   int // samples that are used
	run      int // samples of a row that follow one another; 0: they do not
	all      int // samples of the set
	pool     *tensor.Pool
	seed     uint64
	global   int
	perLane  int // rows of one lane
	alike    int // lanes that follow one another and have the same rows
	training bool
	fills    func(nn.Part) bool // which parts of a batch; nil: all
}

func newSampleRows(set *Dataset, f *runfile.File, pool *tensor.Pool, training bool) *sampleRows {
	r := &sampleRows{set: set, pool: pool, seed: f.Seed, global: f.Batch.Global, perLane: f.Batch.LaneRows(), alike: 1, training: training}
	if training {
		r.perLane, r.alike = f.Batch.TrainedRows(), f.Batch.Alike()
	}
	if r.all = set.samplesLen(); r.all < 1 {
		panic("worker: a set without samples was opened")
	}
	if r.length = r.all; training && f.Data.Share > 0 && f.Data.Share < 1 {
		r.length = max(1, int(f.Data.Share*float64(r.all)))
	}
	if set.inOrder() && r.length >= r.global {
		r.run = r.length / r.global
		r.length = r.run * r.global
	}
	return r
}

// inOrder says whether samples follow one another.
func (d *Dataset) inOrder() bool { return d.samples != nil && d.samples.Schema().InOrder }

// samplesLen is the number of samples.
func (d *Dataset) samplesLen() int {
	if d.made != nil {
		return d.made.Count
	}
	return d.samples.Len()
}

func (r *sampleRows) place(step int) place {
	at, n := step*r.global, r.length
	return place{epoch: at / n, firstOfEpoch: at%n < r.global, count: r.rows(step) * max(1, r.set.pixels)}
}

// rows is how many rows of a step have a sample.
func (r *sampleRows) rows(step int) int {
	if r.training {
		return r.global
	}
	return min(r.global, max(0, r.length-step*r.global))
}

// batchRow is which row of the global batch is row i of those that the lanes have.
func (r *sampleRows) batchRow(i int, lanes laneRange) int {
	return (lanes.first+i/r.perLane)/r.alike*r.perLane + i%r.perLane
}

// at says which sample stands at a place of the data, and in which epoch. While training stored ones come in an order of
// their own in each epoch; generated ones are random as they stand.
func (r *sampleRows) at(i int) (sample, epoch int) {
	sample, epoch = i%r.length, i/r.length
	if r.run > 0 {
		return sample%r.global*r.run + sample/r.global, epoch
	}
	if r.training && r.set.made == nil {
		sample = order.New(r.seed, epoch, r.length).At(sample)
	}
	return sample, epoch
}

// shareEpoch keys the order whose first samples are the share of a set that is used: no epoch of a run is as late.
const shareEpoch = math.MaxInt32

// stored is where a sample lies in the set: in place unless only a share of the set is used.
func (r *sampleRows) stored(sample int) int {
	if r.length == r.all || r.set.made != nil || r.run > 0 {
		return sample
	}
	return order.New(r.seed, shareEpoch, r.all).At(sample)
}

func (r *sampleRows) uses(step, row int) use {
	if row >= r.rows(step) {
		return use{}
	}
	sample, epoch := r.at(step*r.global + row)
	return use{epoch, int64(sample), 1}
}

func (r *sampleRows) items() int64 { return int64(r.length) }

func (r *sampleRows) batches() int { return (r.length + r.global - 1) / r.global }

// stepsForeseen is for how many steps samples are begun to be read from an object store, where a request may take longer than a step.
const stepsForeseen = 4

// foresee has the samples of the lanes' rows of some steps read, if they are in an object store. It does not wait.
func (r *sampleRows) foresee(step, steps int, lanes laneRange) {
	set, ok := r.set.samples.(*samples.Set)
	if !ok || !set.Remote() {
		return
	}
	rows := make([]int64, 0, lanes.count()*r.perLane)
	for s := step; s < step+steps; s++ {
		rows = rows[:0]
		for i := range lanes.count() * r.perLane {
			if row := r.batchRow(i, lanes); row < r.rows(s) {
				sample, _ := r.at(s*r.global + row)
				rows = append(rows, int64(r.stored(sample)))
			}
		}
		set.Foresee(rows)
	}
}

// filling is the parts of a batch while they are filled with the rows of lanes.
type filling struct {
	*sampleRows
	parts  []nn.Part
	step   int
	lanes  laneRange
	keys   []augment.Key // of all rows
	failed atomic.Pointer[error]
}

// read fills the parts of a batch with the rows that the lanes own in a step. pool, which may be nil, shares the work
// out.
func (r *sampleRows) read(parts []nn.Part, step int, lanes laneRange, pool *tensor.Pool) error {
	rows := lanes.count() * r.perLane
	f := &filling{sampleRows: r, parts: parts, step: step, lanes: lanes, keys: make([]augment.Key, rows)}
	count := r.rows(step) * r.alike
	for _, part := range parts {
		switch p := part.Holds.(type) {
		case *nn.Targets:
			p.Count = count * (p.Layout.Total() / rows)
		case *nn.TargetValues:
			p.Count = count * (p.Layout.Total() / rows)
		case *nn.Transcripts:
			p.Count = count
		}
	}
	pool.For(rows, 1, f.some)
	if err := f.failed.Load(); err != nil {
		return *err // callers say of which step or batch
	}
	if r.mixes() {
		for _, part := range parts {
			if p, ok := part.Holds.(*nn.Targets); ok {
				p.Mix()
			}
		}
		pool.For(lanes.count(), 1, f.mix)
	}
	return nil
}

// mixes says whether rows of a lane are mixed.
func (r *sampleRows) mixes() bool { return r.training && r.set.changes != nil && r.set.changes.Mixes() }

func (f *filling) some(lo, hi int) {
	for row := lo; row < hi; row++ {
		if err := f.row(row); err != nil {
			failed := err // err itself would be allocated for every row
			f.failed.CompareAndSwap(nil, &failed)
			return
		}
	}
}

// row fills one row.
func (f *filling) row(row int) error {
	i := f.step*f.global + f.batchRow(row, f.lanes)
	if i >= f.length && !f.training {
		for _, p := range f.parts {
			leaveOut(p.Holds, row)
		}
		return nil
	}
	i, epoch := f.at(i)
	if f.set.made != nil {
		images := f.parts[0].Holds.(*nn.Images)
		f.parts[1].Holds.(*nn.Targets).Target[row] = int32(f.set.made.Read(i, images.Image(row)))
		return nil
	}
	i = f.stored(i)
	key := augment.Key{Seed: f.seed, Epoch: epoch, Sample: i}
	f.keys[row] = key
	sample, err := f.set.samples.At(i)
	if err != nil {
		return err
	}
	to := &rowOf{row: row, key: key, training: f.training, sound: -1}
	for _, lengths := range []bool{false, true} { // which are those of the parts as they were changed
		for k, p := range f.parts {
			if _, is := p.Holds.(*nn.Lengths); is != lengths || f.fills != nil && !f.fills(p) {
				continue
			}
			if err := f.set.binding[k].fill(p.Holds, to, sample); err != nil {
				return fmt.Errorf("sample %d: %s: %w", i, p.Name, err)
			}
		}
	}
	return nil
}

// rowOf is a row of a batch that is being filled.
type rowOf struct {
	row      int
	key      augment.Key
	training bool
	sound    int    // how long the sound became; -1: there is none
	mask     []byte // of the image as it was changed; nil: as it is stored
}

// filler brings a sample to a row of the part of a batch that holds.
type filler func(holds any, to *rowOf, s samples.Sample) error

// mix mixes the rows of some lanes, each with others of its lane: first the images, then what they are to be taken for.
func (f *filling) mix(lo, hi int) {
	mixed := make([]augment.Mixed, f.perLane)
	for lane := lo; lane < hi; lane++ {
		first := lane * f.perLane
		for _, part := range f.parts {
			if images, ok := part.Holds.(*nn.Images); ok {
				size := images.Height * images.Width * images.Channels
				rows := images.Pixels[first*size : (first+f.perLane)*size]
				f.set.changes.Mix(f.keys[first:first+f.perLane], rows, images.Height, images.Width, images.Channels, mixed)
			}
		}
		f.mixTargets(first, mixed)
	}
}

// mixTargets mixes the targets of a lane whose first row is the given one.
func (f *filling) mixTargets(first int, mixed []augment.Mixed) {
	for _, part := range f.parts {
		switch p := part.Holds.(type) {
		case *nn.Targets:
			for i, m := range mixed {
				p.Other[first+i], p.Share[first+i] = p.Target[first+m.Other], m.Share
			}
		case *nn.TargetValues:
			mixLabels(p.Value[first*p.Cols:(first+len(mixed))*p.Cols], p.Cols, mixed)
		}
	}
}

// mixLabels makes probabilities of labels [rows, cols]: a cross entropy of these is the mixture of those of either row.
func mixLabels(labels []float32, cols int, mixed []augment.Mixed) {
	was := slices.Clone(labels)
	for i, m := range mixed {
		rest := 1 - m.Share
		for j := range cols {
			labels[i*cols+j] = float32(m.Share*was[i*cols+j]) + float32(rest*was[m.Other*cols+j])
		}
	}
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
	case *nn.Begins:
		p.Of[row] = true
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
