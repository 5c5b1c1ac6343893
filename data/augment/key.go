package augment

import (
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/tensor"
)

// Key says whose random numbers are drawn: one sample's, in one epoch of a run.
type Key struct {
	Seed   uint64 // of the run
	Epoch  int
	Sample int // its number in the data set
}

// use sets these numbers apart from all others of a run: it stands where [nn.Stream] and data/order have small numbers.
const use = 0x61756731

// draws is the random numbers of one operation on one sample: Philox counts up from zero.
type draws struct {
	key   [2]uint32
	tail  [3]uint32 // of the counter
	count uint32
	words [4]uint32
	left  int
}

// draws returns the numbers for the operation at place site of a pipeline.
func (k Key) draws(site int) draws {
	f := tensor.Philox([2]uint32{uint32(k.Seed), uint32(k.Seed >> 32)},
		[4]uint32{use, uint32(site), uint32(k.Epoch), uint32(uint64(k.Epoch) >> 32)})
	return draws{
		key:  [2]uint32{f[0], f[1]},
		tail: [3]uint32{uint32(k.Sample), f[2] ^ uint32(uint64(k.Sample)>>32), f[3]},
	}
}

// word is 32 random bits.
func (d *draws) word() uint32 {
	if d.left == 0 {
		d.words = tensor.Philox(d.key, [4]uint32{d.count, d.tail[0], d.tail[1], d.tail[2]})
		d.count++
		d.left = 4
	}
	d.left--
	return d.words[3-d.left]
}

// unit is a number of [0, 1), a multiple of 2^-32.
func (d *draws) unit() float64 { return float64(d.word()) * (1.0 / (1 << 32)) }

// in is a number of [lo, hi), or lo where they are the same.
func (d *draws) in(r span) float64 { return r.lo + float64((r.hi-r.lo)*d.unit()) }

// below is a whole number of [0, n), for n ≥ 1. A number is up to n/2^32 likelier than another.
func (d *draws) below(n int) int { return int(uint64(d.word()) * uint64(n) >> 32) }

// chance is true with probability p.
func (d *draws) chance(p float64) bool { return d.unit() < p }

// normal is two independent numbers of mean 0 and variance 1.
func (d *draws) normal() (float32, float32) {
	a := d.word()
	return tensor.NormalsOf(a, d.word())
}

// noise fills dst with steps from -128 to 127, each as likely. Its counter is apart from that of other numbers.
func (d *draws) noise(dst []float32, step float32) {
	tensor.ByteNoise(dst, step, d.key, [4]uint32{1 << 31, d.tail[0], d.tail[1], d.tail[2]})
}

// logUniform is a number of [lo, hi) whose logarithm is uniform.
func (d *draws) logUniform(r span) float64 {
	return portable.Exp(d.in(span{portable.Log(r.lo), portable.Log(r.hi)}))
}

// beta is a number of the distribution Beta(a, a): x/(x+y), where x and y have the gamma distribution of shape a. Their
// logarithms are kept, as for small a both may be too small for a float.
func (d *draws) beta(a float64) float64 {
	x := d.logGamma(a)
	y := d.logGamma(a)
	return 1 / (1 + portable.Exp(y-x))
}

// logGamma is the logarithm of a number of the gamma distribution of shape a and scale 1 (Marsaglia and Tsang, 2000).
// For a < 1 it is that of shape a+1, plus ln(u)/a.
func (d *draws) logGamma(a float64) float64 {
	if a < 1 {
		u := (float64(d.word()) + 0.5) * (1.0 / (1 << 32))
		return d.logGamma(a+1) + portable.Log(u)/a
	}
	shape := a - 1.0/3
	c := 1 / math.Sqrt(float64(9*shape))
	for {
		n, _ := d.normal()
		x := float64(n)
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = float64(float64(v*v) * v)
		u := (float64(d.word()) + 0.5) * (1.0 / (1 << 32))
		half := float64(0.5 * float64(x*x))
		if portable.Log(u) < half+float64(shape*(1-v+portable.Log(v))) {
			return portable.Log(float64(shape * v))
		}
	}
}
