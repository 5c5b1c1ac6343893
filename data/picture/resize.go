package picture

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/data/picture/internal/kernel"
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
	q := newPicture(height, width, p.Channels)
	z := resizers.Get().(*Resizer)
	defer resizers.Put(z)
	z.Resize(q, p, Box{Height: p.Height, Width: p.Width}, filter)
	return q
}

// ShortSide gives the picture with its short side of n pixels and its long side in proportion, rounded down.
func (p *Picture) ShortSide(n int, filter Filter) *Picture {
	if p.Height < p.Width {
		return p.Resize(n, max(1, int(int64(p.Width)*int64(n)/int64(p.Height))), filter)
	}
	return p.Resize(max(1, int(int64(p.Height)*int64(n)/int64(p.Width))), n, filter)
}

// weights make the weights for sides one after the other, in the same memory.
type weights struct {
	kernel.Weights
	raw []float64
}

// set makes the weights for a side of from pixels that becomes one of to pixels. Every product is rounded on its
// own, by a conversion, so that no processor fuses it with a sum.
//
// All new pixels have as many taps: a multiple of four, as kernels like it, if the old side has so many pixels. Those
// that need fewer have zeros, which change no sum.
func (w *weights) set(filter Filter, from, to int) {
	curve, reach := triangle, 1.0
	if filter == Bicubic {
		curve, reach = cubic, 2.0
	}
	scale := float64(from) / float64(to)
	wide := max(scale, 1)
	narrow := 1 / wide
	reach = float64(reach * wide)
	span := func(i int) (centre float64, first, last int) {
		centre = float64((float64(i) + 0.5) * scale)
		return centre, max(0, int(centre-reach+0.5)), min(from, int(centre+reach+0.5))
	}
	w.Taps = 1
	for i := range to {
		_, first, last := span(i)
		w.Taps = max(w.Taps, last-first)
	}
	if fours := (w.Taps + 3) &^ 3; fours <= from {
		w.Taps = fours
	}
	w.First, w.Factor, w.raw = resized(w.First, to), resized(w.Factor, w.Taps*to), resized(w.raw, w.Taps)
	clear(w.Factor)
	for i := range to {
		centre, first, last := span(i)
		raw := w.raw[:last-first]
		sum := 0.0
		for k := range raw {
			raw[k] = curve(float64((float64(k+first) - centre + 0.5) * narrow))
			sum += raw[k]
		}
		begin := min(first, from-w.Taps)
		w.First[i] = int32(begin)
		factor := w.Factor[i*w.Taps+first-begin:]
		for k, v := range raw {
			factor[k] = int32(math.Round(float64(v/sum) * (1 << kernel.Fraction)))
		}
	}
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
