package augment

import "math"

// bins is how many strengths there are, 0 to 30.
const bins = 31

// randAugment does n operations of fourteen, drawn with replacement, at one strength (Cubuk et al., 2019).
type randAugment struct {
	n, strength int
	fill        byte
}

func (o randAugment) run(r *runner, d *draws) {
	for range o.n {
		op, negative := d.below(len(deeds)), d.below(2) == 1
		deeds[op].do(r, narrow.of(deeds[op].strength, o.strength, r, negative), o.fill)
	}
}
func (o randAugment) settled() string { return "" }

// trivialAugment does one of the fourteen operations at a random strength, from a wider range (Müller and Hutter, 2021).
type trivialAugment struct{ fill byte }

func (o trivialAugment) run(r *runner, d *draws) {
	op, bin, negative := d.below(len(deeds)), d.below(bins), d.below(2) == 1
	deeds[op].do(r, wide.of(deeds[op].strength, bin, r, negative), o.fill)
}
func (o trivialAugment) settled() string { return "" }

// strength is what a deed's strength measures.
type strength int

const (
	none     strength = iota
	shear             // the tangent
	across            // pixels to the right
	down              // pixels downwards
	degrees           // against the clock
	change            // of a factor from 1
	bitsKept          // of 8
	limit             // from which values are inverted
)

// deeds are the fourteen operations in the order of torchvision.
var deeds = [...]struct {
	name     string
	strength strength
	do       func(r *runner, by float64, fill byte)
}{
	{"identity", none, func(*runner, float64, byte) {}},
	{"shear-x", shear, func(r *runner, by float64, fill byte) { r.move(shearX(by), fill) }},
	{"shear-y", shear, func(r *runner, by float64, fill byte) { r.move(shearY(by), fill) }},
	{"translate-x", across, func(r *runner, by float64, fill byte) { r.shift(0, int(by), fill) }},
	{"translate-y", down, func(r *runner, by float64, fill byte) { r.shift(int(by), 0, fill) }},
	{"rotate", degrees, func(r *runner, by float64, fill byte) {
		r.move(rotation(by, r.image.now.Height, r.image.now.Width), fill)
	}},
	{"brightness", change, func(r *runner, by float64, _ byte) { r.brighten(float32(1 + by)) }},
	{"color", change, func(r *runner, by float64, _ byte) { r.saturate(float32(1 + by)) }},
	{"contrast", change, func(r *runner, by float64, _ byte) { r.contrast(float32(1 + by)) }},
	{"sharpness", change, func(r *runner, by float64, _ byte) { r.sharpen(float32(1 + by)) }},
	{"posterize", bitsKept, func(r *runner, by float64, _ byte) { r.posterize(int(by)) }},
	{"solarize", limit, func(r *runner, by float64, _ byte) { r.solarize(by) }},
	{"autocontrast", none, func(r *runner, _ float64, _ byte) { r.autoContrast() }},
	{"equalize", none, func(r *runner, _ float64, _ byte) { r.equalize() }},
}

// shift moves pictures down and to the right.
func (r *runner) shift(y, x int, fill byte) {
	r.window(-y, -x, r.image.now.Height, r.image.now.Width, border{value: fill})
}

// ranges are the greatest strengths.
type ranges struct {
	shear, degrees, change float64
	pixels                 float64 // as a part of the picture's side, or in pixels from 1 on
	bits                   float64 // taken off
}

var (
	narrow = &ranges{shear: 0.3, degrees: 30, change: 0.9, pixels: 150.0 / 331, bits: 4}
	wide   = &ranges{shear: 0.99, degrees: 135, change: 0.99, pixels: 32, bits: 6}
)

// of is the strength of a bin.
func (s *ranges) of(kind strength, bin int, r *runner, negative bool) float64 {
	part := float64(bin) / (bins - 1)
	var v float64
	switch kind {
	case shear:
		v = float64(s.shear * part)
	case degrees:
		v = float64(s.degrees * part)
	case change:
		v = float64(s.change * part)
	case across:
		v = float64(s.distance(r.image.now.Width) * part)
	case down:
		v = float64(s.distance(r.image.now.Height) * part)
	case bitsKept:
		return 8 - math.RoundToEven(float64(bin)/((bins-1)/s.bits))
	case limit:
		return 255 - float64(255*part)
	}
	if negative {
		return -v
	}
	return v
}

func (s *ranges) distance(side int) float64 {
	if s.pixels >= 1 {
		return s.pixels
	}
	return float64(s.pixels * float64(side))
}
