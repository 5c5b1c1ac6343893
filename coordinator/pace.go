package coordinator

import (
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// blend is the share of the newest step in a smoothed value: about the last
// twenty steps count.
const blend = 0.1

// average is an exponential moving average. The first values count in full, so
// that it is right from the start.
type average struct {
	value  float64
	weight float64
}

func (a *average) add(x float64) {
	a.value = (1-blend)*a.value + blend*x
	a.weight = (1-blend)*a.weight + blend
}

func (a *average) mean() float64 {
	if a.weight == 0 {
		return 0
	}
	return a.value / a.weight
}

// pace is how a worker's last steps went, in seconds, bytes and operations a step.
type pace struct {
	compute, ring, wait, data, total, sent average
	operations                             average // floating-point
	heap                                   int64
}

func (p *pace) add(r *api.StepReport) {
	p.compute.add(seconds(r.ComputeNs))
	p.ring.add(seconds(r.RingNs))
	p.wait.add(seconds(r.WaitNs))
	p.data.add(seconds(r.DataNs))
	p.total.add(seconds(r.TotalNs))
	p.sent.add(float64(r.RingBytes))
	p.operations.add(r.Operations)
	p.heap = r.HeapBytes
}

// speed is floating-point operations a second over whole steps.
func (p *pace) speed() float64 { return ratio(p.operations.mean(), p.total.mean()) }

// tempo is how fast the run goes by the clock, pauses for evaluation and
// checkpoints included.
type tempo struct {
	last          time.Time
	step, targets average // seconds and targets a step
}

func (t *tempo) add(now time.Time, r *api.StepReport) {
	took := seconds(r.TotalNs)
	if !t.last.IsZero() {
		if between := now.Sub(t.last).Seconds(); between > 0 {
			took = between
		}
	}
	t.last = now
	t.step.add(took)
	t.targets.add(float64(r.Targets))
}

// rate is targets per second.
func (t *tempo) rate() float64 { return ratio(t.targets.mean(), t.step.mean()) }

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func seconds(ns int64) float64 { return time.Duration(ns).Seconds() }
