package picture

import "github.com/rondo-ml/rondo/data/picture/internal/kernel"

// Box is a part of a picture. It must lie within it.
type Box struct{ Top, Left, Height, Width int }

// Resizer resizes pictures and keeps its memory from one to the next. It is for one goroutine.
type Resizer struct {
	across, down weights
	middle       Picture // between the two passes
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
	n := src.Channels
	for y := range dst.Height {
		kernel.Across(dst.row(y), src.Pixels[((box.Top+y)*src.Width+box.Left)*n:], n, &z.across.Weights)
	}
}

// columns changes the height.
func (z *Resizer) columns(dst, src *Picture, box Box) {
	stride := src.Width * src.Channels
	for y, first := range z.down.First {
		from := src.Pixels[(box.Top+int(first))*stride+box.Left*src.Channels:]
		kernel.Down(dst.row(y), from, stride, z.down.Factor[y*z.down.Taps:][:z.down.Taps])
	}
}

// resized is a slice of n elements, in the memory of s where it has room.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
