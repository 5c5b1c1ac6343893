package augment

import (
	"math"
)

// erase overwrites a random part of an image's normalized values, as torchvision's RandomErasing does (Zhong et al.,
// 2017): with zero, the mean color, or with noise of variance 1.
type erase struct {
	p            float64
	scale, ratio span // of the area; of height to width
	noise        bool
}

func (o erase) run(r *runner, d *draws) {
	v := &r.values
	if !d.chance(o.p) {
		return
	}
	area := float64(v.height) * float64(v.width)
	for range 10 {
		a := float64(area * d.in(o.scale))
		ratio := d.logUniform(o.ratio)
		h := int(math.RoundToEven(math.Sqrt(float64(a * ratio))))
		w := int(math.RoundToEven(math.Sqrt(a / ratio)))
		if h >= v.height || w >= v.width {
			continue
		}
		top := d.below(v.height - h + 1)
		left := d.below(v.width - w + 1)
		for y := top; y < top+h; y++ {
			o.fill(v.data[(y*v.width+left)*v.channels:][:w*v.channels], d)
		}
		return
	}
}
func (o erase) settled() string { return "" }

func (o erase) fill(values []float32, d *draws) {
	if !o.noise {
		clear(values)
		return
	}
	for i := 0; i < len(values); i += 2 {
		a, b := d.normal()
		values[i] = a
		if i+1 < len(values) {
			values[i+1] = b
		}
	}
}
