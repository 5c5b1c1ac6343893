package cmd

import (
	"context"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/cmd/bench/predict"
	"github.com/rondo-ml/rondo/worker"
)

// smallBytes is the bucket on which the cost of a frame is measured, and smallBurst how many of them are under way at once.
const smallBytes, smallBurst = 4 << 10, 256

// Bounds of what the ring sums where the cost of a byte is measured: gradients that a cache holds cost less, and 64 MiB are as good as more.
const (
	leastProbe, mostProbe   = 4 << 20, 64 << 20
	leastBucket, mostBucket = 64 << 10, 4 << 20
)

// network measures what bytes and frames cost a core, and the bandwidth of a network that is local, on the gradients of a profile.
func (p *prediction) network(ctx context.Context, of worker.Profile) (predict.Cluster, error) {
	p.tell("the ring")
	big, err := p.ringOf(ctx, ringOfGradients(of, p.file.Batch.Lanes))
	if err != nil {
		return predict.Cluster{}, err
	}
	p.tell("small frames")
	small, err := p.ringOf(ctx, ringLoad{sizes: []int{smallBytes}, burst: smallBurst})
	if err != nil {
		return predict.Cluster{}, err
	}
	alone, err := p.ringOf(ctx, ringLoad{sizes: []int{smallBytes}})
	if err != nil {
		return predict.Cluster{}, err
	}
	byteCost, frame, wake := ringCosts(big, small, alone)
	if p.cluster.CPU == 0 { // else --byte-cost says it
		p.cluster.CPU = 1e9 * byteCost
	}
	p.cluster.Frame, p.cluster.Wake = 1e9*frame, 1e9*wake
	wire, payload := 1.0, predict.Payload
	if p.local {
		p.cluster.Network, payload = 8e-3*float64(big.Sent)/big.Micros, 1
	}
	if p.file.Ring.Wire == "bf16" {
		wire = 0.5
	}
	c := p.cluster
	return predict.Cluster{Wire: wire, Nodes: c.Nodes, Cores: c.Cores, Bandwidth: payload * c.Network * 1e9 / 8, Latency: c.Latency / 1e6,
		CPU: c.CPU / 1e9, Frame: frame, Wake: wake, Price: c.Price}, nil
}

// transport is how the ring is measured: as nodes reach each other.
func (p *prediction) transport() string {
	if p.local {
		return "unix"
	}
	return "tcp"
}

// ringOf measures a ring of two that sums buckets of one size.
func (p *prediction) ringOf(ctx context.Context, load ringLoad) (bench.RingSize, error) {
	load.budget = p.options.ringBudget()
	ring, err := p.measureRing(ctx, 2, p.transport(), load)
	if err != nil {
		return bench.RingSize{}, err
	}
	return ring.Sizes[0], nil
}

// ringOfGradients has a ring of two sum as much at once as a step's gradients, in chunks as large as those of the mean bucket that goes
// around so many lanes. A bucket has a chunk for each of the two.
func ringOfGradients(of worker.Profile, lanes int) ringLoad {
	bytes := 0
	for _, b := range of.Buckets {
		bytes += b.Bytes
	}
	size := min(max(2*bytes/len(of.Buckets)/lanes, leastBucket), mostBucket) &^ 7
	bytes = min(max(bytes, leastProbe), mostProbe)
	return ringLoad{sizes: []int{size}, burst: min((bytes+size-1)/size, maxBurst)}
}

// ringCosts is one core's time for a byte and for a frame, each sent and received: what solves the equations of two loads, a bucket of
// both being a number of bytes and of frames. A frame by itself takes wake more.
func ringCosts(big, small, alone bench.RingSize) (byteCost, frame, wake float64) {
	frames := func(s bench.RingSize) float64 { return predict.FramesOf(float64(s.Bytes), 2) }
	f, b, n := frames(big)/frames(small), float64(big.Sent), float64(small.Sent)
	if byteCost = (big.CPU - f*small.CPU) / (b - f*n); byteCost <= 0 { // small ones were held up
		byteCost = big.CPU / b
	}
	each := func(s bench.RingSize) float64 { return max(0, (s.CPU-float64(s.Sent)*byteCost)/frames(s)) }
	frame = each(small)
	return byteCost, frame, max(0, each(alone)-frame)
}
