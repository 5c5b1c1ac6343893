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

// hue turns colors around the wheel by so many of 256 steps. It goes through 8-bit hue, saturation and value.
func (r *runner) hue(by byte) {
	p := &r.image
	if p.now.Channels != 3 {
		return
	}
	to := p.alike()
	for i := 0; i+2 < len(to.Pixels); i += 3 {
		from, into := p.now.Pixels[i:][:3], to.Pixels[i:][:3]
		h, s, v := hsv(from[0], from[1], from[2])
		into[0], into[1], into[2] = rgb(h+by, s, v)
	}
	p.done()
}

// hsv is hue, saturation and value in 8 bits, rounded as Pillow rounds them. The hue is 2i + (most-before)/wide -
// (most-after)/wide sixths of the wheel, where i is the place of the greatest of red, green and blue, before and after
// are its neighbors in the ring of the three, and one of the quotients is 1.
func hsv(r, g, b byte) (h, s, v byte) {
	most, least := max(r, g, b), min(r, g, b)
	if most == least {
		return 0, 0, most
	}
	wide := float32(most - least)
	middle := r ^ g ^ b ^ most ^ least // what is neither the greatest nor the least
	part := float64(float32(most-middle) / wide)
	sector, before := 4.0, g
	if g == most {
		sector, before = 2, r
	}
	if r == most {
		sector, before = 0, b
	}
	turn := float32(sector + part - 1)
	if before == least {
		turn = float32(sector + 1 - part)
	}
	place := float64(turn)/6 + 1
	if place >= 1 {
		place--
	}
	saturation := wide / float32(most)
	return byte(int32(float64(float64(float32(place)) * 255))), byte(int32(float64(float64(saturation) * 255))), most
}

// hueOf is what an 8-bit hue means.
var hueOf = func() (table [256]struct {
	fallen float32 // how far the color that falls has fallen
	toRise float64 // how far the color that rises has to rise
	order  [3]byte // of red, green, blue: 0 for value, 1 for the least, 2 for what falls, 3 for what rises
}) {
	orders := [6][3]byte{{0, 3, 1}, {2, 0, 1}, {1, 0, 3}, {1, 2, 0}, {3, 1, 0}, {0, 1, 2}}
	for h := range table {
		six := float64(h) * 6 / 255
		table[h].fallen = float32(six - math.Floor(six))
		table[h].toRise = 1 - float64(table[h].fallen)
		table[h].order = orders[int(six)%6]
	}
	return table
}()

// rgb is the color of a hue, a saturation and a value.
func rgb(h, s, v byte) (byte, byte, byte) {
	at := &hueOf[h]
	value, saturation := float64(v), saturations[s]
	of := [4]byte{
		v,
		rounded(float64(value * (1 - float64(saturation)))),
		rounded(float64(value * (1 - float64(float32(saturation*at.fallen))))),
		rounded(float64(value * (1 - float64(float64(saturation)*at.toRise)))),
	}
	return of[at.order[0]&3], of[at.order[1]&3], of[at.order[2]&3]
}

// saturations are bytes as parts of 1.
var saturations = func() (table [256]float32) {
	for s := range table {
		table[s] = float32(float64(s) / 255)
	}
	return table
}()

func rounded(v float64) byte { return byte(int32(v + 0.5)) }

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
