package predict

import (
	"fmt"
	"math"
	"slices"
)

// Bucket is a part of the gradients that travels by itself. Times are in seconds.
type Bucket struct {
	Bytes float64
	Ready float64 // when its gradients are there, from the step's beginning
	Fold  float64 // adding up the worker's own lanes
}

// Step is what was measured of one worker with so many lanes, in seconds.
type Step struct {
	Lanes    int
	Buckets  []Bucket // in the order in which they leave
	Computed float64  // when all gradients are there
	Total    float64  // of the usual step
	Late     Late     // how the others differ from it
}

// Run is what is to be trained.
type Run struct {
	Lanes   int
	Most    int // lanes that a run may have, for plans; 0: any number
	Steps   float64
	Targets float64 // in a step: bytes of text, or images
	Cores   float64 // on which the steps were measured
	Alone   []Step  // by ascending lanes, the last with all of them
}

// Cluster is what it is to be trained on: one worker to a node.
type Cluster struct {
	Nodes     int
	Cores     float64 // of a node; 0.25 where four workers share a core
	Bandwidth float64 // of a node's link, bytes a second each way, headers not counted; see Payload
	Latency   float64 // of a hop, seconds
	CPU       float64 // seconds of one core for each byte sent
	Frame     float64 // seconds of one core for each frame sent, beside its bytes, where frames come one behind the other
	Wake      float64 // and so much more where a frame finds the ring at rest: who waits for it is woken
	Wire      float64 // bytes sent for each byte of a gradient: 0.5 with bfloat16; 0 is 1
	Price     float64 // of a node for an hour; 0: unknown
}

// Payload is the share of a network's bits that carries gradients: of a packet of 1,514 bytes on Ethernet, IP and TCP with
// time stamps leave 1,448, and TLS takes 22 of a record of 16 KiB.
const Payload = 1448. / 1514 * (1 << 14) / (1<<14 + 22)

// Prediction is a run on so many workers.
type Prediction struct {
	Workers    int     `json:"workers"`
	Lanes      int     `json:"lanes"`               // of the worker with the most
	Step       float64 `json:"step_seconds"`        // predicted
	Compute    float64 `json:"compute_seconds"`     // of it, until all own gradients are there
	Ring       float64 `json:"ring_seconds"`        // of it, waiting for the ring
	Slowest    float64 `json:"slowest_seconds"`     // of it, waiting for the worker that is the slowest in this step
	Hidden     float64 `json:"hidden"`              // share of the ring's time that passes beside backward
	Efficiency float64 `json:"efficiency"`          // speed-up over one worker, by workers
	Rate       float64 `json:"targets_per_second"`  // bytes of text, or images
	Time       float64 `json:"run_seconds"`         // all steps
	Cost       float64 `json:"run_cost,omitempty"`  // of all nodes for that time
	Sent       float64 `json:"sent_bytes_per_step"` // by one worker
}

// Check says what is impossible about a run.
func (r Run) check() error {
	if len(r.Alone) == 0 || r.Alone[len(r.Alone)-1].Lanes != r.Lanes {
		return fmt.Errorf("predict: no step with all %d lanes was measured", r.Lanes)
	}
	for i, s := range r.Alone {
		if s.Lanes < 1 || len(s.Buckets) != len(r.Alone[0].Buckets) || (i > 0 && s.Lanes <= r.Alone[i-1].Lanes) {
			return fmt.Errorf("predict: step %d: %d lanes and %d buckets", i, s.Lanes, len(s.Buckets))
		}
	}
	return nil
}

// Predict says what the run takes on n workers, from 1 to as many as there are lanes.
func Predict(r Run, c Cluster, n int) (Prediction, error) {
	if err := r.check(); err != nil {
		return Prediction{}, err
	}
	if n < 1 || n > r.Lanes {
		return Prediction{}, fmt.Errorf("predict: %d workers for %d lanes", n, r.Lanes)
	}
	one := r.step(c, r.Lanes).Total
	p := Prediction{Workers: n, Lanes: (r.Lanes + n - 1) / n}
	s := r.step(c, p.Lanes)
	f := follow(s, c, n, r.Lanes)
	p.Compute, p.Ring, p.Sent = f.computed, max(0, f.reduced-f.computed), f.sent
	p.Slowest = s.Late.slowest(n)
	p.Step = s.Total + (max(f.computed, f.reduced) - alone(s)) + float64(n-1)*c.Latency + p.Slowest
	if n > 1 {
		p.Hidden = f.hidden()
	}
	p.Efficiency = one / (float64(n) * p.Step)
	p.Rate = r.Targets / p.Step
	p.Time = r.Steps * p.Step
	p.Cost = p.Time / 3600 * float64(n) * c.Price
	return p, nil
}

// flow is how the buckets of a step went around the ring.
type flow struct {
	computed float64 // when all own gradients were there
	reduced  float64 // when the last bucket was
	busy     float64 // the ring's own time
	sent     float64 // bytes
}

// hidden is the share of the ring's time that passed beside backward.
func (f flow) hidden() float64 {
	if f.busy == 0 {
		return 1
	}
	return min(1, max(0, 1-max(0, f.reduced-f.computed)/f.busy))
}

// follow sends the buckets of a step around n workers that own L lanes.
func follow(s Step, c Cluster, n, L int) flow {
	f := flow{}
	taken, free := 0.0, 0.0 // processor time from backward; when the ring can take the next bucket
	for _, b := range s.Buckets {
		sent, work := 0.0, 0.0 // bytes; seconds of one core
		if n > 1 {
			sent = c.wire() * b.Bytes * turns(n, L)
			work = sent*c.CPU + turns(n, L)*FramesOf(b.Bytes, L)*c.Frame
		}
		ready := b.Ready + taken
		fold := b.Fold * min(1, c.Cores) // seconds of one core
		lasts := func() float64 { return max(sent/c.Bandwidth, work/min(1, c.Cores), b.Fold, (work+fold)/c.Cores) }
		if n > 1 {
			work = c.waking(turns(n, L)*FramesOf(b.Bytes, L), work, lasts()+hops(n, L)*c.Latency)
		}
		took := lasts()
		free = max(ready, free) + took
		f.reduced = free + hops(n, L)*c.Latency
		f.busy += took
		f.sent += sent
		if b.Ready < s.Computed {
			taken += work / c.Cores
		}
	}
	f.computed = s.Computed + taken
	return f
}

// turns is how often a bucket leaves a worker.
func turns(n, L int) float64 { return float64(L-1)/float64(L) + float64(n-1)/float64(n) }

// waking is one core's work for a bucket with that for frames which find the ring at rest, w in place of work:
//
//	w = work + frames·Wake·(1 - w/core)
//
// where core is a core's time while the bucket is on its way. A ring that is at work all that time finds the next frame there when it is
// done with the one before, and one that rests nearly all of it is woken by each.
func (c Cluster) waking(frames, work, lasts float64) float64 {
	core, wake := lasts*min(1, c.Cores), frames*c.Wake
	if wake == 0 || core <= 0 {
		return work
	}
	return (work + wake) / (1 + wake/core)
}

// segmentBytes is how many bytes of a chunk's float32 travel as one frame at most, on any wire: allreduce's segment.
const segmentBytes = 4 * 63 << 10

// FramesOf is in how many frames a bucket of so many bytes of float32 goes around L lanes: a chunk for each lane, cut where it
// is longer than a segment.
func FramesOf(bytes float64, L int) float64 {
	return float64(L) * max(1, math.Ceil(bytes/float64(L)/segmentBytes))
}

func (c Cluster) wire() float64 {
	if c.Wire == 0 {
		return 1
	}
	return c.Wire
}

// alone is when the same model has the measured step's last bucket reduced.
func alone(s Step) float64 {
	f := follow(s, Cluster{Bandwidth: 1, Cores: 1}, 1, s.Lanes)
	return max(f.computed, f.reduced)
}

// hops is how often a chunk goes from a worker to the next: once around for the sum, beyond its beginning where
// that is amid a worker's lanes, and once more to all.
func hops(n, L int) float64 {
	switch n {
	case 1:
		return 0
	case L:
		return float64(2 * (n - 1))
	}
	return float64(2*n - 1)
}

// step is the step alone with m lanes on the cluster's cores: on a straight line between those measured.
func (r Run) step(c Cluster, m int) Step {
	i, exact := slices.BinarySearchFunc(r.Alone, m, func(s Step, m int) int { return s.Lanes - m })
	s := r.Alone[min(i, len(r.Alone)-1)]
	if !exact && i == 0 { // fewer than any: in proportion is too good, as they were is safe
		s.Lanes = m
	} else if !exact {
		s = between(r.Alone[i-1], s, m)
	}
	if c.Cores > r.Cores || c.Cores < 1 {
		s = s.scaled(r.Cores/c.Cores, 1/min(1, c.Cores))
	}
	return s
}

func between(a, b Step, m int) Step {
	w := float64(m-a.Lanes) / float64(b.Lanes-a.Lanes)
	mix := func(x, y float64) float64 { return x + w*(y-x) }
	s := Step{Lanes: m, Computed: mix(a.Computed, b.Computed), Total: mix(a.Total, b.Total)}
	for i := range s.Late {
		s.Late[i] = mix(a.Late[i], b.Late[i])
	}
	for i, p := range a.Buckets {
		q := b.Buckets[i]
		s.Buckets = append(s.Buckets, Bucket{Bytes: p.Bytes, Ready: mix(p.Ready, q.Ready), Fold: mix(p.Fold, q.Fold)})
	}
	return s
}

// scaled is the step with all that is computed by a pool taking f times as long, and what one goroutine does, the
// fold, alone times as long. Lateness does not grow: workers on one core make up for each other.
func (s Step) scaled(f, alone float64) Step {
	s.Computed *= f
	s.Total *= f
	for i := range s.Late {
		s.Late[i] *= min(1, f)
	}
	s.Buckets = slices.Clone(s.Buckets)
	for i := range s.Buckets {
		s.Buckets[i].Ready *= f
		s.Buckets[i].Fold *= alone
	}
	return s
}
