package wav

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
)

// Resampler changes the rate of sounds by band-limited interpolation: the new samples are sums of the old ones around
// them, weighted by a sinc under a squared-cosine window of 16 zero crossings to each side. Frequencies up to about 0.4 of
// the lower rate pass, those above its half are damped. (Smith, "Digital Audio Resampling", is the method.)
//
// Weights and sums are float64 with every product rounded on its own, so that the bits are the same on every processor.
type Resampler struct {
	up, down int         // the new rate is the old one times up/down, in lowest terms
	weights  [][]float64 // of each phase, of the old samples from first on
	before   int         // old samples before the one at or before the new sample's time
}

const (
	crossings = 16
	rolloff   = 0.95    // of half the lower rate: the middle of the filter's slope
	mostTaps  = 1 << 22 // of all phases
)

// NewResampler makes weights for sounds of the rate from, in Hz, that are to have the rate to.
func NewResampler(from, to int) (*Resampler, error) {
	if from < 1 || to < 1 || from > maxRate || to > maxRate {
		return nil, fmt.Errorf("from %d Hz to %d Hz: rates are from 1 to %d", from, to, maxRate)
	}
	g := gcd(from, to)
	r := &Resampler{up: to / g, down: from / g}
	cutoff := rolloff * min(1, float64(to)/float64(from)) // in halves of the old rate
	reach := crossings / cutoff                           // in old samples
	r.before = int(math.Ceil(reach)) - 1
	taps := 2 * (r.before + 1)
	if r.up > mostTaps/taps {
		return nil, fmt.Errorf("from %d Hz to %d Hz: too far from a simple ratio", from, to)
	}
	for phase := range r.up {
		w, sum := make([]float64, taps), 0.0
		for k := range w {
			t := float64(k-r.before) - float64(phase)/float64(r.up) // in old samples, from the new sample's time
			w[k] = windowedSinc(float64(t*cutoff), float64(t/reach))
			sum += w[k]
		}
		for k := range w {
			w[k] /= sum // a constant stays what it is
		}
		r.weights = append(r.weights, w)
	}
	return r, nil
}

// windowedSinc is sin(πx)/(πx) · cos²(πu/2), and 0 where |u| ≥ 1.
func windowedSinc(x, u float64) float64 {
	if u = math.Abs(u); u >= 1 {
		return 0
	}
	c := portable.CosPi(u / 2)
	return float64(portable.Sinc(x) * float64(c*c))
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Length is how many samples a sound of n samples will have: n·to/from, rounded up.
func (r *Resampler) Length(n int) int64 {
	return (int64(n)*int64(r.up) + int64(r.down) - 1) / int64(r.down)
}

// Resample gives a sound the new rate; before its beginning and after its end there is silence. Samples may pass those of
// the old sound a little.
func (r *Resampler) Resample(x []float32) []float32 {
	y := make([]float32, r.Length(len(x)))
	for n := range y {
		at := int64(n) * int64(r.down)
		first := int(at/int64(r.up)) - r.before
		w := r.weights[at%int64(r.up)]
		low, high := max(0, -first), min(len(w), len(x)-first)
		sum := 0.0
		for k := low; k < high; k++ {
			sum += float64(w[k] * float64(x[first+k]))
		}
		y[n] = float32(sum)
	}
	return y
}
