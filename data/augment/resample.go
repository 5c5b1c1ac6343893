package augment

import (
	"math"
	"sync"

	"github.com/rondo-ml/rondo/nn/portable"
)

const (
	phases = 512 // places between two values for which weights are kept
	lobes  = 8   // zeros of the sinc on either side
	cuts   = 32  // steps of the cut-off frequency
)

// kernel is a low-pass filter: a sinc under a Hann window, for each phase the weights of the values around.
type kernel struct {
	once    sync.Once
	taps    int
	weights []float32 // [phases, taps]; those of a phase sum to 1
}

// kernels are by cut-off frequency, in parts of half the sampling rate: 1/cuts … cuts/cuts.
var kernels [cuts + 1]kernel

// kernelFor is the kernel that passes what a sound played faster by a factor still holds.
func kernelFor(factor float64) *kernel {
	cut := cuts
	if factor > 1 {
		cut = max(1, int(cuts/factor))
	}
	k := &kernels[cut]
	k.once.Do(func() { k.fill(float64(cut) / cuts) })
	return k
}

func (k *kernel) fill(cut float64) {
	reach := lobes / cut
	half := int(math.Ceil(reach))
	k.taps = 2 * half
	k.weights = make([]float32, phases*k.taps)
	raw := make([]float64, k.taps)
	for p := range phases {
		sum := 0.0
		for t := range raw {
			x := float64(t-half+1) - float64(p)/phases
			raw[t] = float64(portable.Sinc(float64(x*cut)) * hann(x/reach))
			sum += raw[t]
		}
		for t, v := range raw {
			k.weights[p*k.taps+t] = float32(v / sum)
		}
	}
}

// hann is a Hann window on [-1, 1].
func hann(x float64) float64 {
	if x = math.Abs(x); x >= 1 {
		return 0
	}
	return 0.5 + float64(0.5*portable.CosPi(x))
}

// resample fills dst with x played faster by a factor. Beyond its ends x is silent. Places are rounded to 1/512 of a
// value, an error of 1/1024 of the slope at most.
func resample(dst, x []float32, factor float64) {
	k := kernelFor(factor)
	step := int64(math.Floor(float64(factor*(1<<32)) + 0.5)) // places count in 2^-32
	for i := range dst {
		at := int64(i) * step
		place, phase := int(at>>32), int(at>>(32-9))&(phases-1)
		first := place - k.taps/2 + 1
		w := k.weights[phase*k.taps:][:k.taps]
		if first < 0 {
			w, first = w[min(-first, len(w)):], 0
		}
		if first >= len(x) {
			dst[i] = 0
			continue
		}
		dst[i] = dot(w, x[first:])
	}
}

// dot is the sum of products of w with as many values as there are: four sums of every fourth, then those.
func dot(w, x []float32) float32 {
	n := min(len(w), len(x))
	w, x = w[:n], x[:n]
	var a, b, c, d float32
	for len(w) >= 4 && len(x) >= 4 {
		a += float32(w[0] * x[0])
		b += float32(w[1] * x[1])
		c += float32(w[2] * x[2])
		d += float32(w[3] * x[3])
		w, x = w[4:], x[4:]
	}
	for i, v := range w {
		a += float32(v * x[i])
	}
	return (a + b) + (c + d)
}
