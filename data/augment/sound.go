package augment

import (
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
)

// maxSound bounds the length of a sound, in values.
const maxSound = 1 << 26

// wave is the sound at hand; fresh is room for the next one.
func (r *runner) wave() []float32 { return r.sound[0] }

func (r *runner) fresh(n int) []float32 {
	if cap(r.sound[1]) < n {
		r.sound[1] = make([]float32, n)
	}
	r.sound[1] = r.sound[1][:n]
	return r.sound[1]
}

func (r *runner) heard() { r.sound[0], r.sound[1] = r.sound[1], r.sound[0] }

// speed plays sounds faster or slower, which changes their length and their pitch (Ko et al., 2015).
type speed struct{ factor span }

func (o speed) run(r *runner, d *draws) {
	factor := d.in(o.factor)
	x := r.wave()
	n := min(maxSound, int(math.RoundToEven(float64(len(x))/factor)))
	if len(x) == 0 || factor == 1 {
		return
	}
	resample(r.fresh(max(1, n)), x, factor)
	r.heard()
}
func (o speed) settled() string { return "" }

// hiss adds white noise, so many decibels weaker than the sound. It is uniform, in 256 steps.
type hiss struct {
	ratio span // in decibels
	p     float64
}

func (o hiss) run(r *runner, d *draws) {
	if !d.chance(o.p) {
		return
	}
	x, noise := r.wave(), r.fresh(len(r.wave()))
	power := 0.0
	for _, v := range x {
		power += float64(float64(v) * float64(v))
	}
	level := math.Sqrt(power/float64(max(1, len(x)))) / decibels(d.in(o.ratio))
	step := float32(level / byteDeviation)
	d.noise(noise, step)
	for i, v := range noise {
		x[i] += v + step/2 // steps go from -128 to 127
	}
}
func (o hiss) settled() string { return "" }

// byteDeviation is the standard deviation of a uniform byte: sqrt((256²-1)/12).
const byteDeviation = 73.90027063

// gain makes sounds louder or softer by up to so many decibels.
type gain struct{ by float64 }

func (o gain) run(r *runner, d *draws) {
	factor := float32(decibels(d.in(span{-o.by, o.by})))
	for i, v := range r.wave() {
		r.sound[0][i] = v * factor
	}
}
func (o gain) settled() string { return "" }

// decibels is the factor of an amplitude.
func decibels(v float64) float64 { return portable.Exp(float64(v * (math.Ln10 / 20))) }

// delay shifts sounds by up to a part of their length, either way. Silence comes in.
type delay struct{ part float64 }

func (o delay) run(r *runner, d *draws) {
	n := len(r.wave())
	most := int(float64(o.part * float64(n)))
	r.excerpt(d.below(2*most+1)-most, n)
}
func (o delay) settled() string { return "" }

// excerpt takes n values from a place on that may lie outside.
func (r *runner) excerpt(from, n int) {
	x, to := r.wave(), r.fresh(n)
	lo := max(0, min(n, -from))
	hi := max(lo, min(n, len(x)-from))
	clear(to[:lo])
	if lo < hi {
		copy(to[lo:hi], x[lo+from:])
	}
	clear(to[hi:])
	r.heard()
}

// length makes sounds of one length: a part of longer ones, silence around shorter ones.
type length struct {
	n     int
	place string // start, center, random
}

func (o length) run(r *runner, d *draws) {
	spare := len(r.wave()) - o.n
	switch o.place {
	case "start":
		spare = 0
	case "center":
		spare /= 2
	default:
		if spare < 0 {
			spare = -d.below(-spare + 1)
		} else {
			spare = d.below(spare + 1)
		}
	}
	r.excerpt(spare, o.n)
}

// placed is a length without chance.
type placed struct{ length }

func (placed) fixed() {}

func (o length) settled() string {
	place := o.place
	if place == "random" {
		place = "center"
	}
	return "length " + plain(float64(o.n)) + " place=" + place
}
