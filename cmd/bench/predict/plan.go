package predict

import (
	"fmt"
	"math"
)

// Planned is a run that grows with its cluster: every node computes the batch of the run file, in lanes of its
// own, so that n nodes take n times the batch in a step (weak scaling). Where so many lanes would be more than a run
// may have, each node's share is cut into fewer; a node has one at least.
type Planned struct {
	Nodes      int     `json:"nodes"`
	Lanes      int     `json:"lanes"`               // of all nodes
	Step       float64 `json:"step_seconds"`        // predicted
	Compute    float64 `json:"compute_seconds"`     // of it, until all own gradients are there
	Ring       float64 `json:"ring_seconds"`        // of it, waiting for the ring
	Slowest    float64 `json:"slowest_seconds"`     // of it, waiting for the node that is the slowest in this step
	Efficiency float64 `json:"efficiency"`          // step of one node / step
	Rate       float64 `json:"targets_per_second"`  // of all nodes
	Time       float64 `json:"run_seconds"`         // as many targets as the run file's steps have
	Cost       float64 `json:"run_cost,omitempty"`  // of all nodes for that time
	Sent       float64 `json:"sent_bytes_per_step"` // by one node
	Bound      Bound   `json:"bound"`               // what the step would gain most from
}

// Bound is what a step waits for.
type Bound string

const (
	Compute Bound = "compute" // the node's own work is all but a twentieth of the step
	Wire    Bound = "wire"    // the bandwidth of a node's link
	Cipher  Bound = "cipher"  // a core's work for every byte
	Latency Bound = "latency" // the hops around the ring
	Frames  Bound = "frames"  // a core's work for every frame: chunks are small where lanes are many
	Slowest Bound = "slowest" // the steps of nodes, which are not alike
)

// maxPlanned bounds the nodes of a plan.
const maxPlanned = 1 << 16

// Plan says what a step takes where each of n nodes computes all lanes of the run file.
func Plan(r Run, c Cluster, n int) (Planned, error) {
	if err := r.check(); err != nil {
		return Planned{}, err
	}
	if n < 1 || n > maxPlanned {
		return Planned{}, fmt.Errorf("predict: a plan for %d nodes: from 1 to %d", n, maxPlanned)
	}
	alone := r.step(c, r.Lanes)
	one := alone.Total
	p := Planned{Nodes: n, Lanes: n * r.each(n), Slowest: alone.Late.slowest(n)}
	var f flow
	p.Step, f = r.planned(c, n)
	p.Compute, p.Ring, p.Sent = f.computed, max(0, f.reduced-f.computed), f.sent
	p.Efficiency = one / p.Step
	p.Rate = float64(n) * r.Targets / p.Step
	p.Time = r.Steps * r.Targets / p.Rate
	p.Cost = p.Time / 3600 * float64(n) * c.Price
	p.Bound = r.bound(c, n, p.Step, one)
	return p, nil
}

// planned is the step on n nodes, and how its buckets went.
func (r Run) planned(c Cluster, n int) (float64, flow) {
	s := r.step(c, r.Lanes)
	f := follow(s, c, n, n*r.each(n))
	return s.Total + (max(f.computed, f.reduced) - alone(s)) + float64(n-1)*c.Latency + s.Late.slowest(n), f
}

// each is the lanes of one of n nodes: those of the run file, or the largest divisor of them by which the run has at most
// Most lanes; a divisor, so that rows stay evenly shared. It is 1 where none is small enough.
func (r Run) each(n int) int {
	d := r.Lanes
	for r.Most > 0 && d > 1 && (r.Lanes%d != 0 || n*d > r.Most) {
		d--
	}
	return d
}

// bound takes one burden after the other off the cluster and sees which helped most.
func (r Run) bound(c Cluster, n int, step, one float64) Bound {
	const mostly = 0.95
	if one >= mostly*step {
		return Compute
	}
	bound, best := Compute, step
	for _, b := range []Bound{Wire, Cipher, Latency, Frames} {
		if without, _ := r.planned(c.without(b), n); without < best {
			bound, best = b, without
		}
	}
	if step-r.step(c, r.Lanes).Late.slowest(n) < best {
		return Slowest
	}
	return bound
}

// without is the cluster with one burden less.
func (c Cluster) without(b Bound) Cluster {
	switch b {
	case Wire:
		c.Bandwidth *= 1e9
	case Cipher:
		c.CPU = 0
	case Latency:
		c.Latency = 0
	case Frames:
		c.Frame, c.Wake = 0, 0
	}
	return c
}

// Extrapolated is the step with m lanes on the line through the two measured steps with the most lanes, for steps
// too long to be measured whole. It lasts least seconds at least: what two short steps are apart by is partly chance, and a line
// carries that far. Its parts are late independently of one another.
func Extrapolated(steps []Step, m int, least float64) (Step, error) {
	if len(steps) < 2 || m <= steps[len(steps)-1].Lanes {
		return Step{}, fmt.Errorf("predict: no line to %d lanes from %d steps", m, len(steps))
	}
	from := steps[len(steps)-1]
	s := between(steps[len(steps)-2], from, m)
	s.Computed, s.Total, s.Late = max(s.Computed, from.Computed), max(s.Total, from.Total), from.Late
	for i := range s.Buckets {
		b := &s.Buckets[i]
		b.Ready, b.Fold = max(b.Ready, from.Buckets[i].Ready), max(b.Fold, from.Buckets[i].Fold)
	}
	if s.Total < least {
		s = s.scaled(least/s.Total, 1)
	}
	s.Computed = min(s.Computed, s.Total)
	for i := range s.Late {
		s.Late[i] *= math.Sqrt(s.Total / from.Total)
	}
	return s, nil
}
