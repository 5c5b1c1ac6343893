package survey

import (
	"image"
	"image/color"
	"image/draw"

	"github.com/rondo-ml/rondo/data/samples"
)

// cell draws one sample with its corner at a point.
func (d *drawer) cell(m *image.RGBA, at image.Point, s samples.Sample) {
	v := s[d.main]
	switch d.schema.Parts[d.main].Name {
	case "image":
		place(m, at, v.Shape[0], v.Shape[1], func(y, x int) color.RGBA {
			if v.Shape[2] == 1 {
				g := v.Data[y*v.Shape[1]+x]
				return color.RGBA{g, g, g, 255}
			}
			p := v.Data[3*(y*v.Shape[1]+x):]
			return color.RGBA{p[0], p[1], p[2], 255}
		})
		if d.mask >= 0 {
			mask := s[d.mask]
			place(m, at.Add(image.Pt(cellHeight+1, 0)), mask.Shape[0], mask.Shape[1], func(y, x int) color.RGBA {
				return classColour(mask.Data[y*mask.Shape[1]+x])
			})
		}
	case "sound":
		wave(m, at, d.cellWidth(), d.loudness(v))
	case "frames":
		heat(m, at, d.cellWidth(), v)
	}
}

// place draws pixels as large as they fit a square cell, each new pixel the one of its centre.
func place(m *image.RGBA, at image.Point, height, width int, pixel func(y, x int) color.RGBA) {
	if height < 1 || width < 1 {
		return
	}
	h, w := cellHeight, cellHeight
	if height < width {
		h = max(1, cellHeight*height/width)
	} else {
		w = max(1, cellHeight*width/height)
	}
	for y := range h {
		for x := range w {
			m.SetRGBA(at.X+x, at.Y+y, pixel((2*y+1)*height/(2*h), (2*x+1)*width/(2*w)))
		}
	}
}

// classColour is a colour for a class of pixels: far apart for classes that follow one another, as in Pascal VOC.
func classColour(class byte) color.RGBA {
	c := color.RGBA{A: 255}
	for bit, n := 7, class; n != 0; bit, n = bit-1, n>>3 {
		c.R |= n & 1 << bit
		c.G |= n >> 1 & 1 << bit
		c.B |= n >> 2 & 1 << bit
	}
	return c
}

// loudness gives a sound in [-1, 1].
func (d *drawer) loudness(v samples.Value) []float32 {
	if d.schema.Parts[d.main].Element == samples.Float32 {
		return v.Float32s()
	}
	x := make([]float32, len(v.Data)/2)
	for i, n := range v.Int16s() {
		x[i] = float32(n) / (1 << 15)
	}
	return x
}

// wave draws a sound over the whole width: from the least to the greatest value of each column's share.
func wave(m *image.RGBA, at image.Point, width int, x []float32) {
	draw.Draw(m, image.Rect(at.X, at.Y, at.X+width, at.Y+cellHeight), image.NewUniform(shade), image.Point{}, draw.Src)
	row := func(v float32) int {
		return at.Y + int((1-max(-1, min(1, v)))/2*(cellHeight-1)+0.5)
	}
	for column := range width {
		from, to := column*len(x)/width, (column+1)*len(x)/width
		if to == from && from < len(x) {
			to = from + 1
		}
		if from >= to {
			continue
		}
		low, high := x[from], x[from]
		for _, v := range x[from:to] {
			low, high = min(low, v), max(high, v)
		}
		for y := row(high); y <= row(low); y++ {
			m.SetRGBA(at.X+column, y, ink)
		}
	}
}

// heat draws frames as columns, the first number of each at the top, from the least value (white) to the greatest.
func heat(m *image.RGBA, at image.Point, width int, v samples.Value) {
	x, length, columns := v.Float32s(), v.Shape[0], v.Shape[1]
	if len(x) == 0 {
		return
	}
	low, high := x[0], x[0]
	for _, n := range x {
		low, high = min(low, n), max(high, n)
	}
	w := min(width, length*max(1, width/40))
	for py := range cellHeight {
		for px := range w {
			n := x[px*length/w*columns+py*columns/cellHeight]
			g := byte(255)
			if high > low {
				g = byte(255 - 255*((n-low)/(high-low)))
			}
			m.SetRGBA(at.X+px, at.Y+py, color.RGBA{g, g, g, 255})
		}
	}
}
