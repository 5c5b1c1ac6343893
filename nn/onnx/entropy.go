package onnx

import (
	"math"
	"slices"

	"github.com/rondo-ml/rondo/nn/portable"
)

// Ranges by entropy (Migacz, "8-bit Inference with TensorRT", 2017): a narrow range cuts values off, a wide one makes one
// level of many values. Of all ranges that one is taken whose levels tell least wrong how values are spread, by the
// Kullback-Leibler divergence of what is rounded from what is not.

const (
	levels   = 256
	tryEvery = 8 // bins from one range that is tried to the next
)

// clearest is that range, of those that hold all but a hundredth of the values: few samples say little of what lies far
// out. Exact zeros, of which a rectifier makes many, are left out of account: every range has a level for them.
func (s *span) clearest() (low, high float32) {
	if s.bins == nil || !(s.high > s.low) {
		return s.low, s.high
	}
	spread, zero := slices.Clone(s.bins), s.bin(0)
	spread[zero] = max(0, spread[zero]-s.zeros)
	from, to, all, least := 0, bins, sumOf(spread), math.Inf(1)
	for reach := levels/2 - 1; reach < bins; reach += tryEvery { // of bins on either side of zero
		a, b := max(0, zero-reach), min(bins, zero+1+reach)
		if b-a < levels || sumOf(spread[a:b]) < 0.99*all {
			continue
		}
		if d := divergence(spread, a, b); d < least {
			from, to, least = a, b, d
		}
	}
	return s.between(from, to)
}

// divergence says how wrong levels tell the spread of values that are cut off below bin from and above bin to-1:
//
//	Σ p·ln(p/q)   p: the share of a bin, with what is cut off in those at the ends
//	              q: of its level, an equal part to every bin that holds values
//
// The sum is taken over bins that hold values; in one at an end that holds only what was cut off, q is of half a value.
// Less what chance makes of N values even where the bins of a level are alike: (k-1)/2N for k of them. Without that, few
// samples would have much cut off.
func divergence(spread []float64, from, to int) float64 {
	below, inside, above := sumOf(spread[:from]), sumOf(spread[from:to]), sumOf(spread[to:])
	const half = 0.5
	all, told, d := below+inside+above, inside, 0.0
	if below > 0 && spread[from] == 0 {
		told += half
	}
	if above > 0 && spread[to-1] == 0 {
		told += half
	}
	for level := range levels {
		a, b := from+level*(to-from)/levels, from+(level+1)*(to-from)/levels
		each, held := sumOf(spread[a:b]), 0
		for _, n := range spread[a:b] {
			if n > 0 {
				held++
			}
		}
		each /= float64(max(held, 1))
		d -= float64(max(held-1, 0)) / (2 * all)
		for i := a; i < b; i++ {
			n, q := spread[i], each
			if n == 0 {
				q = half
			}
			if i == from {
				n += below
			}
			if i == to-1 {
				n += above
			}
			if n > 0 {
				d += float64(n / all * portable.Log(n/all/(q/told)))
			}
		}
	}
	return d
}

func sumOf(list []float64) (sum float64) {
	for _, v := range list {
		sum += v
	}
	return sum
}
