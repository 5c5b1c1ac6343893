package augment

import "math"

// hue turns colors around the wheel by so many of 256 steps. It goes through 8-bit hue, saturation and value. Whole
// numbers give what Pillow's floats do.
func (r *runner) hue(by byte) {
	p := &r.image
	if p.now.Channels != 3 {
		return
	}
	from, to := p.now.Pixels, p.alike().Pixels
	for len(from) >= 3 && len(to) >= 3 {
		h, s, v := hsv(from[0], from[1], from[2])
		to[0], to[1], to[2] = rgb(h+by, s, v)
		from, to = from[3:], to[3:]
	}
	p.done()
}

// hsv is hue, saturation and value in 8 bits, rounded down. With wide the greatest of red, green and blue less the least,
// the saturation is wide/greatest, and the hue is that of the greatest, 2i sixths of the wheel, and (middle-least)/wide
// sixths from there to the second greatest. Masks choose, as the processor could not foresee jumps.
func hsv(red, green, blue byte) (h, s, v byte) {
	r, g, b := int32(red), int32(green), int32(blue)
	most, least := r+(g-r)&less(r, g), r+(g-r)&less(g, r)
	most, least = most+(b-most)&less(most, b), least+(b-least)&less(b, least)
	if most == least {
		return 0, 0, byte(most)
	}
	wide, side := most-least, r+g+b-most-2*least // side is of the middle one
	notR, notG := less(r, most), less(g, most)
	place := notR & (2*wide + notG&(2*wide))
	before := b + notR&(r+notG&(g-r)-b) // in the ring of the three
	up := less(least, before)           // then the hue goes down
	place += (side ^ up) - up
	place += 6 * wide & (place >> 31)
	place *= 255
	hue := uint64(place) * inverses[byte(wide)].six >> 40
	if int32(hue)*6*wide == place {
		hue = uint64(hueOf[byte(hue)].exact)
	}
	return byte(hue), byte(255 * uint64(wide) * inverses[byte(most)].one >> 40), byte(most)
}

// less is all ones where a < b, else 0.
func less(a, b int32) int32 { return (a - b) >> 31 }

// inverses are 2^40/n and 2^40/6n, rounded up: products with what stands above the line, shifted, are the quotients
// rounded down.
var inverses = func() (table [256]struct{ one, six uint64 }) {
	for n := uint64(1); n < 256; n++ {
		table[n].one, table[n].six = (1<<40+n-1)/n, (1<<40+6*n-1)/(6*n)
	}
	return table
}()

// hueOf is what an 8-bit hue means.
var hueOf = func() (table [256]struct {
	exact  byte    // what Pillow makes of a hue of just so many parts of 255: for some, floats give one less
	fallen uint32  // how far the color that falls has fallen, in parts of 255
	order  [3]byte // of red, green, blue: 0 for value, 1 for the least, 2 for what falls, 3 for what rises
}) {
	orders := [6][3]byte{{0, 3, 1}, {2, 0, 1}, {1, 0, 3}, {1, 2, 0}, {3, 1, 0}, {0, 1, 2}}
	for h := range table {
		table[h].exact = floatHue(h)
		table[h].fallen = uint32(6 * h % 255)
		table[h].order = orders[6*h/255%6]
	}
	return table
}()

// floatHue is the byte that Pillow makes of a hue of h parts of 255, in its floats.
func floatHue(h int) byte {
	nearest := (2*h + 85) / 170 // of red, green, blue, red, which are 170/85 sixths apart
	away := 2*h - 170*nearest   // in 85ths of a sixth
	center := float64(2 * (nearest % 3))
	turn := float32(center + float64(float32(85+away)/85) - 1)
	if away > 0 {
		turn = float32(center + 1 - float64(float32(85-away)/85))
	}
	place := float64(turn)/6 + 1
	return byte(float64(float64(float32(place-math.Floor(place))) * 255))
}

// rgb is the color of a hue, a saturation and a value, rounded to the nearest; there are no ties.
func rgb(h, s, v byte) (byte, byte, byte) {
	const one = 255 * 255
	at := &hueOf[h]
	value, part := uint32(v)*one+one/2, uint32(v)*uint32(s)
	of := [4]byte{v, byte((value - 255*part) / one), byte((value - part*at.fallen) / one), byte((value - part*(255-at.fallen)) / one)}
	return of[at.order[0]&3], of[at.order[1]&3], of[at.order[2]&3]
}
