package tensor

import (
	"math"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Philox is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// 2011): four random words for each counter under each key. It has no state, so that a value depends on
// its place alone and never on what was drawn before it.
func Philox(key [2]uint32, counter [4]uint32) [4]uint32 { return kernel.Philox(key, counter) }

// ByteNoise sets dst to uniform noise of 256 steps of scale, from -128 of them on, a byte for each value and so sixteen
// to a counter, whose third word counts up:
//
//	dst[16*i + 4*j + k] = scale * (byte k of Philox(key, counter + [0, 0, i, 0])[j] - 128)
func ByteNoise(dst []float32, scale float32, key [2]uint32, counter [4]uint32) {
	kernel.ByteNoise(dst, scale, key, counter)
}

// Uniforms sets dst to random values in [0, 1), four to a counter, whose first word counts up:
//
//	dst[4*i + j] = UniformOf(Philox(key, counter + [i, 0, 0, 0])[j])
func Uniforms(dst []float32, key [2]uint32, counter [4]uint32) { kernel.Uniforms(dst, key, counter) }

// DropMask computes mask[i] = scale where u[i] >= rate, and 0 elsewhere. The lengths must be equal; mask may be u.
func DropMask(mask, u []float32, rate, scale float32) {
	same("DropMask", len(mask), len(u))
	var ones, room [someValues]float32
	kernel.Fill(ones[:min(len(mask), someValues)], scale)
	below := math.Nextafter32(rate, -1) // the last that is dropped
	for lo, hi := range pieces(len(mask)) {
		t := room[:hi-lo]
		copy(t, u[lo:hi])
		clear(mask[lo:hi])
		kernel.CutBack(mask[lo:hi], ones[:hi-lo], t, below, none)
	}
}

// Uniform is a random value in [0, 1), a multiple of 2^-24, from the first word at counter.
func Uniform(key [2]uint32, counter [4]uint32) float32 { return kernel.Uniform(key, counter) }

// UniformOf maps a random word to [0, 1).
func UniformOf(word uint32) float32 { return kernel.UniformOf(word) }

// Normal is a random value of mean 0 and variance 1, from the first two words at counter.
func Normal(key [2]uint32, counter [4]uint32) float32 { return kernel.Normal(key, counter) }

// NormalsOf maps two random words to two independent values of mean 0 and variance 1 (Box and Muller,
// 1958): sqrt(-2 ln u) times the cosine and the sine of a random angle. All of it is computed here in
// separately rounded float64 operations, so that every processor finds the same values.
func NormalsOf(a, b uint32) (float32, float32) { return kernel.NormalsOf(a, b) }
