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
	to := p.alike()
	for i := 0; i+2 < len(to.Pixels); i += 3 {
		from, into := p.now.Pixels[i:][:3], to.Pixels[i:][:3]
		l := luma(from[0], from[1], from[2])
		into[0], into[1], into[2] = toward(l, int(from[0]), factor), toward(l, int(from[1]), factor), toward(l, int(from[2]), factor)
	}
	p.done()
}

// hueOf gives sector and place in it of an 8-bit hue.
var hueOf = func() (table [256]struct {
	sector int
	place  float32
}) {
	for h := range table {
		six := float64(h) * 6 / 255
		table[h].sector = int(six) % 6
		table[h].place = float32(six - math.Floor(six))
	}
	return table
}()

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

// hsv is hue, saturation and value in 8 bits, rounded as Pillow rounds them.
func hsv(r, g, b byte) (h, s, v byte) {
	most, least := max(r, g, b), min(r, g, b)
	if most == least {
		return 0, 0, most
	}
	wide := float32(most - least)
	var turn float32
	switch most {
	case r:
		turn = float32(most-b)/wide - float32(most-g)/wide
	case g:
		turn = float32(2 + float64(float32(most-r)/wide) - float64(float32(most-b)/wide))
	default:
		turn = float32(4 + float64(float32(most-g)/wide) - float64(float32(most-r)/wide))
	}
	place := float64(turn)/6 + 1
	if place >= 1 {
		place--
	}
	saturation := wide / float32(most)
	return byte(float64(float64(float32(place)) * 255)), byte(float64(float64(saturation) * 255)), most
}

// rgb is the color of a hue, a saturation and a value.
func rgb(h, s, v byte) (byte, byte, byte) {
	if s == 0 {
		return v, v, v
	}
	at := &hueOf[h]
	value, saturation := float64(v), float32(float64(s)/255)
	low := rounded(float64(value * (1 - float64(saturation))))
	falling := rounded(float64(value * (1 - float64(float32(saturation*at.place)))))
	rising := rounded(float64(value * (1 - float64(float64(saturation)*(1-float64(at.place))))))
	switch at.sector {
	case 0:
		return v, rising, low
	case 1:
		return falling, v, low
	case 2:
		return low, v, rising
	case 3:
		return low, falling, v
	case 4:
		return rising, low, v
	}
	return v, low, falling
}

func rounded(v float64) byte { return byte(v + 0.5) }

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
