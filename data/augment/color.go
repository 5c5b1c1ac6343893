package augment

import "math"

// channels makes pictures gray, of one channel, or colored, of three.
type channels struct{ n int }

func (o channels) run(r *runner, _ *draws) {
	p := &r.image
	switch {
	case p.now.Channels == o.n:
	case o.n == 1:
		to := p.next(p.now.Height, p.now.Width, 1)
		for i := range to.Pixels {
			pixel := p.now.Pixels[3*i:][:3]
			to.Pixels[i] = byte(luma(pixel[0], pixel[1], pixel[2]))
		}
		p.done()
	default:
		to := p.next(p.now.Height, p.now.Width, 3)
		for i, v := range p.now.Pixels {
			pixel := to.Pixels[3*i:][:3]
			pixel[0], pixel[1], pixel[2] = v, v, v
		}
		p.done()
	}
}
func (o channels) fixed() {}

// gray gives each of three channels the luma.
func (r *runner) gray() { r.saturate(0) }

// saturate goes from the gray picture on to the picture. A picture of one channel stays.
func (r *runner) saturate(factor float32) {
	p := &r.image
	if factor == 1 || p.now.Channels != 3 {
		return
	}
	steps, whole := r.stepsOf(factor)
	from, to := p.now.Pixels, p.alike().Pixels
	for len(from) >= 3 && len(to) >= 3 {
		red, green, blue := from[0], from[1], from[2]
		l := luma(red, green, blue)
		if whole {
			to[0] = clipInt(int32(l) + int32(steps[(255+int(red)-l)&511]))
			to[1] = clipInt(int32(l) + int32(steps[(255+int(green)-l)&511]))
			to[2] = clipInt(int32(l) + int32(steps[(255+int(blue)-l)&511]))
		} else {
			to[0], to[1], to[2] = toward(l, int(red), factor), toward(l, int(green), factor), toward(l, int(blue), factor)
		}
		from, to = from[3:], to[3:]
	}
	p.done()
}

// stepsOf is, for each distance from -255 on, the whole part of factor times it, rounded down. With these, toward is a
// sum of whole numbers, unless a product lies so close below a whole number that adding to it in float32 rounds it up:
// whole says that none does.
func (r *runner) stepsOf(factor float32) (steps *[512]int16, whole bool) {
	steps, whole = &r.steps, true
	for i := range 511 {
		by := float32(factor * float32(i-255))
		down := float32(math.Floor(float64(by)))
		steps[i] = int16(down)
		whole = whole && by-down < 1-1.0/(1<<15)
	}
	return steps, whole
}

// jitter changes brightness, contrast, saturation and hue, in random order.
type jitter struct{ brightness, contrast, saturation, hue float64 }

func (o jitter) run(r *runner, d *draws) {
	order := [4]int{0, 1, 2, 3}
	for i := 3; i > 0; i-- {
		k := d.below(i + 1)
		order[i], order[k] = order[k], order[i]
	}
	brightness, contrast := enhance(d, o.brightness), enhance(d, o.contrast)
	saturation := enhance(d, o.saturation)
	hue := d.in(span{-o.hue, o.hue})
	for _, k := range order {
		switch k {
		case 0:
			r.brighten(brightness)
		case 1:
			r.contrast(contrast)
		case 2:
			r.saturate(saturation)
		case 3:
			if o.hue > 0 {
				r.hue(byte(int32(float64(hue * 255))))
			}
		}
	}
}
func (o jitter) settled() string { return "" }
