package picture

// Box is a part of a picture. It must lie within it.
type Box struct{ Top, Left, Height, Width int }

// Resizer resizes pictures and keeps its memory from one to the next. It is for one goroutine.
type Resizer struct {
	across, down weights
	middle       Picture // between the two passes
	sums         []int32
}

// Resize makes dst, whose size and pixels are there, of a part of src that has as many channels. They must not share
// pixels.
func (z *Resizer) Resize(dst, src *Picture, box Box, filter Filter) {
	if filter == Nearest {
		nearest(dst, src, box)
		return
	}
	if dst.Width != box.Width {
		z.across.set(filter, box.Width, dst.Width)
		to := dst
		if dst.Height != box.Height {
			to = &z.middle
			to.Height, to.Width, to.Channels = box.Height, dst.Width, src.Channels
			to.Pixels = resized(to.Pixels, to.Height*to.Width*to.Channels)
		}
		z.rows(to, src, box)
		src, box = to, Box{Height: to.Height, Width: to.Width}
		if to == dst {
			return
		}
	}
	if dst.Height != box.Height {
		z.down.set(filter, box.Height, dst.Height)
		z.columns(dst, src, box)
		return
	}
	for y := range dst.Height {
		copy(dst.row(y), src.row(box.Top + y)[box.Left*src.Channels:])
	}
}

// nearest takes the pixel in which the centre of each new pixel lies.
func nearest(dst, src *Picture, box Box) {
	n := src.Channels
	for y := range dst.Height {
		from := src.row(box.Top + (2*y+1)*box.Height/(2*dst.Height))[box.Left*n:]
		row := dst.row(y)
		for x := range dst.Width {
			copy(row[x*n:][:n], from[(2*x+1)*box.Width/(2*dst.Width)*n:])
		}
	}
}

// rows changes the width.
func (z *Resizer) rows(dst, src *Picture, box Box) {
	w := z.across
	for y := range dst.Height {
		from, row := src.row(box.Top + y)[box.Left*src.Channels:], dst.row(y)
		switch {
		case src.Channels == 3 && len(w.four) > 0:
			row3ByFour(row, from, w.four)
			continue
		case src.Channels == 3:
			resizeRow3(row, from, w)
			continue
		case src.Channels == 1 && len(w.four) > 0:
			row1ByFour(row, from, w.four)
			continue
		}
		n := src.Channels
		for i := range row {
			x, c := i/n, i%n
			sum := int32(half)
			for k, f := range w.factor[x] {
				sum += f * int32(from[(w.first[x]+k)*n+c])
			}
			row[i] = clip(sum >> fraction)
		}
	}
}

// half is what makes a shift round.
const half = 1 << (fraction - 1)

// resizeRow3 resizes one row of three channels.
func resizeRow3(row, from []byte, w weights) {
	for x, first := range w.first {
		factors, to := w.factor[x], row[3*x:][:3]
		switch len(factors) {
		case 2:
			f, g := factors[0], factors[1]
			p := from[3*first:][:6]
			to[0] = clip((half + f*int32(p[0]) + g*int32(p[3])) >> fraction)
			to[1] = clip((half + f*int32(p[1]) + g*int32(p[4])) >> fraction)
			to[2] = clip((half + f*int32(p[2]) + g*int32(p[5])) >> fraction)
		case 3:
			f, g, h := factors[0], factors[1], factors[2]
			p := from[3*first:][:9]
			to[0] = clip((half + f*int32(p[0]) + g*int32(p[3]) + h*int32(p[6])) >> fraction)
			to[1] = clip((half + f*int32(p[1]) + g*int32(p[4]) + h*int32(p[7])) >> fraction)
			to[2] = clip((half + f*int32(p[2]) + g*int32(p[5]) + h*int32(p[8])) >> fraction)
		default:
			r, g, b := int32(half), int32(half), int32(half)
			pixels := from[3*first:][:3*len(factors)]
			for _, f := range factors {
				p := pixels[:3]
				r += f * int32(p[0])
				g += f * int32(p[1])
				b += f * int32(p[2])
				pixels = pixels[3:]
			}
			to[0], to[1], to[2] = clip(r>>fraction), clip(g>>fraction), clip(b>>fraction)
		}
	}
}

// columns changes the height.
func (z *Resizer) columns(dst, src *Picture, box Box) {
	for y := range z.down.four {
		f := &z.down.four[y]
		from := func(k int) []byte { return src.row(box.Top + f.first + k)[box.Left*src.Channels:] }
		columnsByFour(dst.row(y), f.f, from(0), from(1), from(2), from(3))
	}
	if len(z.down.four) > 0 {
		return
	}
	n := dst.Width * dst.Channels
	z.sums = resized(z.sums, n)
	for y, first := range z.down.first {
		factors := z.down.factor[y]
		from := func(k int) []byte { return src.row(box.Top + first + k)[box.Left*src.Channels:][:n] }
		switch len(factors) {
		case 2:
			weigh2(dst.row(y), from(0), from(1), factors[0], factors[1])
			continue
		case 3:
			weigh3(dst.row(y), from(0), from(1), from(2), factors[0], factors[1], factors[2])
			continue
		}
		for i := range z.sums {
			z.sums[i] = half
		}
		for k, f := range factors {
			for i, v := range from(k) {
				z.sums[i] += f * int32(v)
			}
		}
		row := dst.row(y)[:n]
		for i, sum := range z.sums {
			row[i] = clip(sum >> fraction)
		}
	}
}

// weigh2 makes a row of two.
func weigh2(dst, a, b []byte, f, g int32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = clip((half + f*int32(a[i]) + g*int32(b[i])) >> fraction)
	}
}

// weigh3 makes a row of three.
func weigh3(dst, a, b, c []byte, f, g, h int32) {
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	for i := range dst {
		dst[i] = clip((half + f*int32(a[i]) + g*int32(b[i]) + h*int32(c[i])) >> fraction)
	}
}

// resized is a slice of n elements, in the memory of s where it has room.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
