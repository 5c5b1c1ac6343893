package worker

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// apply clips the summed gradient and updates the parameters. Everybody does
// the same arithmetic on the same numbers.
func (t *trainer) apply(step uint64, r *stepResult) error {
	if t.probe != nil {
		t.probe.gradients(t.reduced, t.params.Values)
	}
	norm, clipped := t.updater.clip(t.pool, t.reduced)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return t.nonFinite(step, t.nonFiniteGradient(), -1)
	}
	r.norm, r.clipped = norm, clipped
	t.updater.apply(t.pool, t.params.Values, t.reduced, r.lr, step)
	if t.sumsInPlace() && !t.updater.leavesZeros() {
		t.clearUntouched()
	}
	if t.probe != nil {
		t.probe.updates(t.params.Values)
	}
	t.params.Track(t.measured, t.file.Batch.Lanes)
	t.updater.follow(t.pool)
	t.params.Changed()
	t.states.Commit()
	t.rate = r.rate
	t.mirror.commit()
	t.last, t.losses = t.losses, t.last
	t.progress = progress{applied: step + 1, known: true, computed: t.computed, evaluated: t.evaluated}
	clear(t.computed)
	return nil
}

// clearUntouched sees to what no backward pass writes of a gradient, which an update may have left anything in.
func (t *trainer) clearUntouched() {
	t.params.LaneGrads(0) // rows that no embedding has read are zeros no more
	for _, p := range t.params.List {
		if p.Frozen {
			clear(t.reduced[p.Offset : p.Offset+p.Size()])
		}
	}
}

func (t *trainer) nonFiniteGradient() string {
	for i := len(t.params.List) - 1; i >= 0; i-- {
		p := t.params.List[i]
		if tensor.HasNonFinite(t.reduced[p.Offset : p.Offset+p.Size()]) {
			return p.Name
		}
	}
	return "some parameter (its square overflows)"
}
