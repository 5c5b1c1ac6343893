package augment

import "math"

// matrix says from where pixels come: the pixel at (x, y) from (a·x + b·y + c, d·x + e·y + f).
type matrix struct{ a, b, c, d, e, f float64 }

func shearX(by float64) matrix { return matrix{a: 1, b: by, e: 1} }
func shearY(by float64) matrix { return matrix{a: 1, d: by, e: 1} }

// rotation turns by degrees against the clock around the middle.
func rotation(degrees float64, height, width int) matrix {
	cos, sin := turnedBy(-degrees)
	cx, cy := float64(width)/2, float64(height)/2
	m := matrix{a: cos, b: sin, d: -sin, e: cos}
	m.c = float64(cos*-cx) - float64(sin*cy) + cx
	m.f = float64(sin*cx) - float64(cos*cy) + cy
	return m
}

// move takes each pixel from where the matrix says, the nearest one, and fills what comes from outside.
func (r *runner) move(m matrix, fill byte) {
	r.image.move(m, fill)
	if r.masked {
		r.mask.move(m, fill)
	}
}

// move walks in steps of 1/65536 pixel, as Pillow does: whole numbers have the same bits everywhere.
func (p *plane) move(m matrix, fill byte) {
	if p.filled {
		fill = p.fill
	}
	from, to, n := &p.now, p.alike(), p.now.Channels
	startX := steps(m.c + float64(m.a*0.5) + float64(m.b*0.5))
	startY := steps(m.f + float64(m.d*0.5) + float64(m.e*0.5))
	a, b, d, e := steps(m.a), steps(m.b), steps(m.d), steps(m.e)
	for y := range from.Height {
		x16, y16 := startX+int64(y)*b, startY+int64(y)*e
		into := row(to, y)
		for x := 0; x < from.Width; x++ {
			fromX, fromY := x16>>16, y16>>16
			pixel := into[x*n:][:n]
			if uint64(fromX) < uint64(from.Width) && uint64(fromY) < uint64(from.Height) {
				at := (int(fromY)*from.Width + int(fromX)) * n
				copyPixel(pixel, from.Pixels[at:][:n])
			} else {
				flood(pixel, fill)
			}
			x16 += a
			y16 += d
		}
	}
	p.done()
}

func copyPixel(to, from []byte) {
	if len(to) == 3 && len(from) == 3 {
		to[0], to[1], to[2] = from[0], from[1], from[2]
		return
	}
	copy(to, from)
}

func steps(v float64) int64 { return int64(math.Floor(float64(v*65536) + 0.5)) }

// flip mirrors pictures: left and right, or top and bottom.
type flip struct {
	p        float64
	vertical bool
}

func (o flip) run(r *runner, d *draws) {
	if !d.chance(o.p) {
		return
	}
	r.image.flip(o.vertical)
	if r.masked {
		r.mask.flip(o.vertical)
	}
}
func (o flip) settled() string { return "" }

func (p *plane) flip(vertical bool) {
	from, to, n := &p.now, p.alike(), p.now.Channels
	for y := range from.Height {
		if vertical {
			copy(row(to, y), row(from, from.Height-1-y))
			continue
		}
		mirror(row(to, y), row(from, y), n)
	}
	p.done()
}

// mirror copies a row of pixels in reverse.
func mirror(into, pixels []byte, n int) {
	if n == 3 {
		for i, last := 0, len(into)-3; i <= last; i += 3 {
			a, b := into[last-i:][:3], pixels[i:][:3]
			a[0], a[1], a[2] = b[0], b[1], b[2]
		}
		return
	}
	for i, last := 0, len(into)-n; i <= last; i += n {
		copy(into[last-i:][:n], pixels[i:][:n])
	}
}

// quarter turns pictures by 0, 90, 180 or 270 degrees, each as likely.
type quarter struct{}

func (quarter) run(r *runner, d *draws) {
	turns := d.below(4)
	r.image.quarter(turns)
	if r.masked {
		r.mask.quarter(turns)
	}
}
func (quarter) settled() string { return "" }

func (quarter) size(h, w int) (int, int) {
	if h != w {
		return 0, 0
	}
	return h, w
}

// quarter turns against the clock.
func (p *plane) quarter(turns int) {
	if turns == 0 {
		return
	}
	from, n := &p.now, p.now.Channels
	h, w := from.Height, from.Width
	to := p.next(h, w, n)
	if turns != 2 {
		to.Height, to.Width = w, h
	}
	for y := range to.Height {
		into := row(to, y)
		for x := range to.Width {
			fromY, fromX := h-1-y, w-1-x
			switch turns {
			case 1:
				fromY, fromX = x, w-1-y
			case 3:
				fromY, fromX = h-1-x, y
			}
			copyPixel(into[x*n:][:n], from.Pixels[(fromY*w+fromX)*n:][:n])
		}
	}
	p.done()
}

// rotate turns pictures by a random angle around their middle.
type rotate struct {
	degrees float64 // at most
	fill    byte
}

func (o rotate) run(r *runner, d *draws) {
	angle := d.in(span{-o.degrees, o.degrees})
	r.move(rotation(angle, r.image.now.Height, r.image.now.Width), o.fill)
}
func (o rotate) settled() string { return "" }
