package worker

import (
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/generated"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// imageRows makes the images of lanes. Step s of B rows takes images s*B, s*B+1
// and on; while training the set is a circle, so that every batch is full and an
// epoch still uses each image once; otherwise the last batch lacks rows.
type imageRows struct {
	set      *generated.Set
	pool     *tensor.Pool
	global   int
	perLane  int // rows of one lane
	training bool

	images *nn.Images // being filled: its first row is row first of the data
	first  int
	some   func(lo, hi int)
}

func newImageRows(set *generated.Set, f *runfile.File, pool *tensor.Pool, training bool) *imageRows {
	r := &imageRows{set: set, pool: pool, global: f.Batch.Global, perLane: f.Batch.LaneRows(), training: training}
	r.some = r.fillSome
	return r
}

func (r *imageRows) place(step int) place {
	at := step * r.global
	p := place{epoch: at / r.set.Count, firstOfEpoch: at%r.set.Count < r.global, count: r.global}
	if !r.training {
		p.count = min(r.global, max(0, r.set.Count-at))
	}
	return p
}

func (r *imageRows) batches() int { return (r.set.Count + r.global - 1) / r.global }

func (r *imageRows) fill(rec *zoo.Recording, step int, lanes laneRange) error {
	r.images, r.first = rec.Images, step*r.global+lanes.first*r.perLane
	r.images.Count = r.place(step).count
	r.pool.For(lanes.count()*r.perLane, 1, r.some)
	return nil
}

func (r *imageRows) fillSome(lo, hi int) {
	for row := lo; row < hi; row++ {
		i := r.first + row
		if r.training {
			i %= r.set.Count
		}
		if i >= r.set.Count {
			clear(r.images.Image(row))
			r.images.Target[row] = -1
			continue
		}
		r.images.Target[row] = int32(r.set.Read(i, r.images.Image(row)))
	}
}
