package worker

import (
	"fmt"
	"sync/atomic"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// imageRows brings images to lanes. Step s of B rows takes the places s*B, s*B+1
// and on of the data; while training the set is a circle, so that every batch is
// full and an epoch still uses each image once; otherwise the last batch lacks
// rows.
type imageRows struct {
	set      imageSource
	pool     *tensor.Pool
	seed     uint64
	global   int
	perLane  int // rows of one lane
	training bool

	images *nn.Images // being filled: its first row is row first of the data
	first  int
	some   func(lo, hi int)
	failed atomic.Pointer[error]
}

func newImageRows(set imageSource, f *runfile.File, pool *tensor.Pool, training bool) *imageRows {
	r := &imageRows{set: set, pool: pool, seed: f.Seed, global: f.Batch.Global, perLane: f.Batch.LaneRows(), training: training}
	r.some = r.fillSome
	return r
}

func (r *imageRows) place(step int) place {
	at, n := step*r.global, r.set.Len()
	p := place{epoch: at / n, firstOfEpoch: at%n < r.global, count: r.global}
	if !r.training {
		p.count = min(r.global, max(0, n-at))
	}
	return p
}

func (r *imageRows) batches() int { return (r.set.Len() + r.global - 1) / r.global }

func (r *imageRows) fill(rec *zoo.Recording, step int, lanes laneRange) error {
	r.images, r.first = rec.Images, step*r.global+lanes.first*r.perLane
	r.images.Count = r.place(step).count
	r.failed.Store(nil)
	r.pool.For(lanes.count()*r.perLane, 1, r.some)
	if err := r.failed.Load(); err != nil {
		return fmt.Errorf("step %d: %w", step, *err)
	}
	return nil
}

func (r *imageRows) fillSome(lo, hi int) {
	n := r.set.Len()
	for row := lo; row < hi; row++ {
		i := r.first + row
		if i >= n && !r.training {
			clear(r.images.Image(row))
			r.images.Target[row] = -1
			continue
		}
		if r.training {
			i = r.set.At(r.seed, i/n, i%n)
		}
		class, err := r.set.Read(i, r.images.Image(row))
		if err != nil {
			r.failed.CompareAndSwap(nil, &err)
			return
		}
		r.images.Target[row] = int32(class)
	}
}
