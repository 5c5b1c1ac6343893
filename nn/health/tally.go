package health

import "math"

// Magnitudes that are told apart: 2^lowest to 2^highest. What is smaller counts to the first bin, what is larger to the last.
const (
	lowest  = -60
	highest = 36
	fine    = 8 // bins an octave while values are counted: quantiles are told from them
	coarse  = 2 // bins an octave of a histogram
	octaves = highest - lowest
)

// Tally counts values. The zero value has seen none.
type Tally struct {
	finite, bad, zeros int64
	sum, squares       float64
	min, max           float32
	bins               [2][octaves * fine]int64 // of positive and of negative values, by magnitude
}

// Add counts values.
func (t *Tally) Add(values []float32) {
	sum, squares, low, high := t.sum, t.squares, t.min, t.max
	bad, zeros := int64(0), int64(0)
	if t.finite == 0 {
		low, high = float32(math.Inf(1)), float32(math.Inf(-1))
	}
	for _, v := range values {
		b := math.Float32bits(v)
		magnitude := b &^ (1 << 31)
		if magnitude >= 0x7f800000 { // NaN or Inf
			bad++
			continue
		}
		x := float64(v)
		sum += x
		squares += x * x
		low, high = min(low, v), max(high, v)
		if magnitude == 0 {
			zeros++
			continue
		}
		t.bins[b>>31][binOf(magnitude)]++
	}
	t.sum, t.squares, t.bad, t.zeros = sum, squares, t.bad+bad, t.zeros+zeros
	if t.finite += int64(len(values)) - bad; t.finite > 0 {
		t.min, t.max = low, high
	}
}

// binOf is the fine bin of a positive float32's bits: its exponent, and the first three bits behind the point.
func binOf(bits uint32) int {
	return min(max(int(bits>>20)-(lowest+127)*fine, 0), octaves*fine-1)
}

// Merge adds what another tally has seen.
func (t *Tally) Merge(o *Tally) {
	if o.finite > 0 {
		if t.finite == 0 || o.min < t.min {
			t.min = o.min
		}
		if t.finite == 0 || o.max > t.max {
			t.max = o.max
		}
	}
	t.finite, t.bad, t.zeros = t.finite+o.finite, t.bad+o.bad, t.zeros+o.zeros
	t.sum, t.squares = t.sum+o.sum, t.squares+o.squares
	for sign := range t.bins {
		for i, n := range o.bins[sign] {
			t.bins[sign][i] += n
		}
	}
}

// Norm is the square root of the sum of the squares of the finite values.
func (t *Tally) Norm() float64 { return math.Sqrt(t.squares) }

// Distribution is what a tally has seen.
func (t *Tally) Distribution() Distribution {
	d := Distribution{Count: t.finite + t.bad, Bad: t.bad, Zeros: t.zeros, Norm: t.Norm(), Min: float64(t.min), Max: float64(t.max)}
	if t.finite == 0 {
		return d
	}
	n := float64(t.finite)
	d.Mean = t.sum / n
	d.Deviation = math.Sqrt(max(0, t.squares/n-d.Mean*d.Mean))
	for i, share := range Shares {
		d.Quantiles[i] = t.quantile(share)
	}
	d.Positive, d.Negative = histogramOf(&t.bins[0]), histogramOf(&t.bins[1])
	return d
}
