package picture

import (
	"fmt"
	"math"
)

// Filter is a way to resize.
type Filter string

// The filters. Bilinear and Bicubic avoid aliasing.
const (
	Nearest  Filter = "nearest"
	Bilinear Filter = "bilinear"
	Bicubic  Filter = "bicubic"
)

// Check says whether there is such a filter.
func (f Filter) Check() error {
	switch f {
	case Nearest, Bilinear, Bicubic:
		return nil
	}
	return fmt.Errorf("filter %q, want nearest, bilinear or bicubic", string(f))
}

// Resize gives the picture with another size.
func (p *Picture) Resize(height, width int, filter Filter) *Picture {
	if height == p.Height && width == p.Width {
		return p
	}
	if filter == Nearest {
		return p.nearest(height, width)
	}
	if width != p.Width {
		p = p.resizeRows(weightsOf(filter, p.Width, width))
	}
	if height != p.Height {
		p = p.resizeColumns(weightsOf(filter, p.Height, height))
	}
	return p
}

// ShortSide gives the picture with its short side of n pixels and its long side in proportion, rounded down.
func (p *Picture) ShortSide(n int, filter Filter) *Picture {
	if p.Height < p.Width {
		return p.Resize(n, max(1, int(int64(p.Width)*int64(n)/int64(p.Height))), filter)
	}
	return p.Resize(max(1, int(int64(p.Height)*int64(n)/int64(p.Width))), n, filter)
}

// nearest takes the pixel in which the centre of each new pixel lies.
func (p *Picture) nearest(height, width int) *Picture {
	q := newPicture(height, width, p.Channels)
	for y := range height {
		from := p.row((2*y + 1) * p.Height / (2 * height))
		row := q.row(y)
		for x := range width {
			copy(row[x*p.Channels:][:p.Channels], from[(2*x+1)*p.Width/(2*width)*p.Channels:])
		}
	}
	return q
}

// weights say how pixels along one side make new ones.
type weights struct {
	first  []int     // of each new pixel: the first old one
	factor [][]int32 // of each new pixel: the weights of the old ones from there on
}

// fraction is the number of binary places of a weight. Sums of 8-bit pixels with overshooting weights fit 32 bits.
const fraction = 32 - 8 - 2

// weightsOf gives the weights for a side of from pixels that becomes one of to pixels. Every product is rounded on its
// own, by a conversion, so that no processor fuses it with a sum.
func weightsOf(filter Filter, from, to int) weights {
	curve, reach := triangle, 1.0
	if filter == Bicubic {
		curve, reach = cubic, 2.0
	}
	scale := float64(from) / float64(to)
	wide := max(scale, 1)
	narrow := 1 / wide
	reach = float64(reach * wide)
	w := weights{first: make([]int, to), factor: make([][]int32, to)}
	for i := range to {
		centre := float64((float64(i) + 0.5) * scale)
		first := max(0, int(centre-reach+0.5))
		last := min(from, int(centre+reach+0.5))
		raw := make([]float64, last-first)
		sum := 0.0
		for k := range raw {
			raw[k] = curve(float64((float64(k+first) - centre + 0.5) * narrow))
			sum += raw[k]
		}
		w.first[i], w.factor[i] = first, make([]int32, len(raw))
		for k, v := range raw {
			w.factor[i][k] = int32(math.Round(float64(v/sum) * (1 << fraction)))
		}
	}
	return w
}

func triangle(x float64) float64 { return max(0, 1-math.Abs(x)) }

// cubic is the convolution kernel of Keys with a = -1/2.
func cubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		inner := float64((a+2)*x) - (a + 3)
		return float64(float64(inner*x)*x) + 1
	case x < 2:
		inner := float64((x-5)*x) + 8
		return float64((float64(inner*x) - 4) * a)
	}
	return 0
}

// resizeRows changes the width.
func (p *Picture) resizeRows(w weights) *Picture {
	q := newPicture(p.Height, len(w.first), p.Channels)
	for y := range p.Height {
		from, row := p.row(y), q.row(y)
		if p.Channels == 3 {
			resizeRow3(row, from, w)
			continue
		}
		for x, first := range w.first {
			sum := int32(1 << (fraction - 1))
			for k, f := range w.factor[x] {
				sum += f * int32(from[first+k])
			}
			row[x] = clip(sum >> fraction)
		}
	}
	return q
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

// resizeColumns changes the height.
func (p *Picture) resizeColumns(w weights) *Picture {
	q := newPicture(len(w.first), p.Width, p.Channels)
	sums := make([]int32, p.Width*p.Channels)
	for y, first := range w.first {
		for i := range sums {
			sums[i] = 1 << (fraction - 1)
		}
		for k, f := range w.factor[y] {
			for i, v := range p.row(first + k) {
				sums[i] += f * int32(v)
			}
		}
		for i, sum := range sums {
			q.row(y)[i] = clip(sum >> fraction)
		}
	}
	return q
}
