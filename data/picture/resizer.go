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
		if src.Channels == 3 {
			resizeRow3(row, from, w)
			continue
		}
		n := src.Channels
		for i := range row {
			x, c := i/n, i%n
			sum := int32(1 << (fraction - 1))
			for k, f := range w.factor[x] {
				sum += f * int32(from[(w.first[x]+k)*n+c])
			}
			row[i] = clip(sum >> fraction)
		}
	}
}

// resizeRow3 resizes one row of three channels.
func resizeRow3(row, from []byte, w weights) {
	for x, first := range w.first {
		const half = 1 << (fraction - 1)
		r, g, b := int32(half), int32(half), int32(half)
		factors := w.factor[x]
		pixels := from[3*first:][:3*len(factors)]
		for k, f := range factors {
			r += f * int32(pixels[3*k])
			g += f * int32(pixels[3*k+1])
			b += f * int32(pixels[3*k+2])
		}
		row[3*x], row[3*x+1], row[3*x+2] = clip(r>>fraction), clip(g>>fraction), clip(b>>fraction)
	}
}

// columns changes the height.
func (z *Resizer) columns(dst, src *Picture, box Box) {
	z.sums = resized(z.sums, dst.Width*dst.Channels)
	for y, first := range z.down.first {
		for i := range z.sums {
			z.sums[i] = 1 << (fraction - 1)
		}
		for k, f := range z.down.factor[y] {
			from := src.row(box.Top + first + k)[box.Left*src.Channels:][:len(z.sums)]
			for i, v := range from {
				z.sums[i] += f * int32(v)
			}
		}
		row := dst.row(y)[:len(z.sums)]
		for i, sum := range z.sums {
			row[i] = clip(sum >> fraction)
		}
	}
}

// resized is a slice of n elements, in the memory of s where it has room.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
