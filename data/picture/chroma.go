package picture

import "image"

// DecodeSmooth is [Decode], but that subsampled colour of a JPEG in YCbCr is interpolated as libjpeg does it, and Pillow and torchvision
// with it, and not repeated. Pixels of baseline JPEGs are theirs, to the bit.
func DecodeSmooth(b []byte, maxPixels int64) (*Picture, error) {
	return decodeTo(b, maxPixels, func(f format, b []byte, img image.Image, size image.Config) (*Picture, error) {
		if m, ok := img.(*image.YCbCr); ok && f.name == "JPEG" {
			smooth := interpolated(m)
			p, err := f.colour(b, smooth, size)
			if smooth != m {
				freeImage(smooth)
			}
			return p, err
		}
		return f.colour(b, img, size)
	})
}

// interpolated is an image with a pixel of colour for every one of luma, which a triangle reaches:
//
//	sum over the nearest two of 3/4 and 1/4, along each subsampled side
//
// A tie is rounded up in one pixel of each pair and down in the other, as libjpeg does. Ratios other than 2 stay as they are, and so
// do images of four pixels or fewer a row where colour is subsampled across.
func interpolated(m *image.YCbCr) *image.YCbCr {
	r := m.Rect
	w, h := r.Dx(), r.Dy()
	wide := m.SubsampleRatio == image.YCbCrSubsampleRatio422 || m.SubsampleRatio == image.YCbCrSubsampleRatio420
	high := m.SubsampleRatio == image.YCbCrSubsampleRatio440 || m.SubsampleRatio == image.YCbCrSubsampleRatio420
	if !wide && !high || r.Min != (image.Point{}) || wide && (w+1)/2 <= 2 {
		return m
	}
	to := newPlanes(r, image.YCbCrSubsampleRatio444, r)
	for y := range h {
		copy(to.Y[y*to.YStride:][:w], m.Y[m.YOffset(0, y):])
	}
	for _, plane := range [][2][]byte{{to.Cb, m.Cb}, {to.Cr, m.Cr}} {
		chroma{plane[1], m.CStride, w, h}.enlarge(plane[0], wide, high)
	}
	return to
}

// chroma is a plane of colour of an image of w×h pixels.
type chroma struct {
	pix    []byte
	stride int
	w, h   int
}

// enlarge writes the plane at the size of the image.
func (c chroma) enlarge(to []byte, wide, high bool) {
	n, rows := c.w, c.h
	if wide {
		n = (n + 1) / 2
	}
	if high {
		rows = (rows + 1) / 2
	}
	row := func(y int) []byte { return c.pix[min(max(y, 0), rows-1)*c.stride:][:n] }
	sums := make([]int32, n)
	for y := range c.h {
		out := to[y*c.w:][:c.w]
		if !high {
			for i, v := range row(y) {
				sums[i] = int32(v)
			}
			widen(out, sums, 2, 1, 2)
			continue
		}
		near, far := row(y/2), row(y/2-1+y%2*2)
		for i := range sums {
			sums[i] = 3*int32(near[i]) + int32(far[i])
		}
		if wide {
			widen(out, sums, 4, 8, 7)
			continue
		}
		for i, v := range sums {
			out[i] = byte((v + 1 + int32(y%2)) >> 2)
		}
	}
}

// widen writes each value twice, a quarter of its neighbour on that side in it; what it makes is shifted to the right, with what is
// added before for the left of the two and for the right.
func widen(out []byte, in []int32, shift int, left, right int32) {
	for x := range out {
		i := x / 2
		far, half := max(i-1, 0), left
		if x%2 == 1 {
			far, half = min(i+1, len(in)-1), right
		}
		out[x] = byte((3*in[i] + in[far] + half) >> shift)
	}
}
