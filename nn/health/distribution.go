package health

import "math"

// Shares of the values that lie below each of a distribution's quantiles.
var Shares = [7]float64{0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99}

// Distribution describes values. All but Count and Bad are of those that are finite.
type Distribution struct {
	Count, Bad, Zeros  int64
	Mean, Deviation    float64 // as of a whole population
	Norm, Min, Max     float64
	Quantiles          [7]float64 // at Shares, to a sixteenth of their size
	Positive, Negative Histogram
}

// Histogram counts magnitudes, two bins an octave: bin 2k holds [2^k, 1.5·2^k), bin 2k+1 holds [1.5·2^k, 2^(k+1)).
type Histogram struct {
	First int // the first bin that holds anything
	Bins  []int64
}

// Edge is where a bin of a [Histogram] begins.
func Edge(bin int) float64 {
	octave := bin >> 1
	return math.Ldexp(1+float64(bin&1)/coarse, octave)
}

func histogramOf(bins *[octaves * fine]int64) Histogram {
	var sums [octaves * coarse]int64
	first, last := len(sums), -1
	for i, n := range bins {
		if n > 0 {
			at := i / (fine / coarse)
			sums[at] += n
			first, last = min(first, at), at
		}
	}
	if last < 0 {
		return Histogram{}
	}
	return Histogram{First: first + lowest*coarse, Bins: append([]int64(nil), sums[first:last+1]...)}
}

// quantile is the value below which a share of the values lies, as if they were spread evenly within a fine bin.
func (t *Tally) quantile(share float64) float64 {
	rank := share * float64(t.finite-1)
	clamp := func(x float64) float64 { return min(max(x, float64(t.min)), float64(t.max)) }
	passed := 0.0
	within := func(n int64) (float64, bool) { // where the rank lies among the next n, from 0 to 1
		at := (rank - passed + 0.5) / float64(n)
		passed += float64(n)
		return min(max(at, 0), 1), rank < passed
	}
	for i := len(t.bins[1]) - 1; i >= 0; i-- {
		if n := t.bins[1][i]; n > 0 {
			if at, here := within(n); here {
				return clamp(-fineEdge(i+1) + at*(fineEdge(i+1)-fineEdge(i)))
			}
		}
	}
	if t.zeros > 0 {
		if _, here := within(t.zeros); here {
			return 0
		}
	}
	for i, n := range t.bins[0] {
		if n > 0 {
			if at, here := within(n); here {
				return clamp(fineEdge(i) + at*(fineEdge(i+1)-fineEdge(i)))
			}
		}
	}
	return float64(t.max)
}

// fineEdge is where fine bin i begins.
func fineEdge(i int) float64 {
	return math.Ldexp(1+float64(i%fine)/fine, lowest+i/fine)
}
