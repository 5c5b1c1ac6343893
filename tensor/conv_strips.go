package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// The gradient of the weights of few input and few output channels: the output channels are the rows of the tiles and
// all taps their columns. For a row of outputs the input is turned into a strip, [column of the image, row of taps,
// channel]: there the taps of a pixel are one stretch, and those of its neighbour the same a little further on. Where
// there is room for it, each column of a strip ends with a one, whose sums are the gradient of the bias.

// inStrips tells whether the gradient of the weights is computed so; it joins taps then too.
func (c *Conv) inStrips() bool {
	mr, _ := kernel.Active.Shape()
	return c.joinsTaps() && c.Cout <= mr && kernel.Active.HasVectors()
}

// stripColumn is how long a column of a strip is, without a one behind it.
func (c *Conv) stripColumn() int { return c.KH * c.Cin }

// stripPanels is how many panels the taps fill, and stripRoom whether ones do not take another.
func (c *Conv) stripPanels() int {
	_, nr := kernel.Active.Shape()
	return (c.KW*c.stripColumn() + nr - 1) / nr
}

func (c *Conv) stripRoom() bool {
	_, nr := kernel.Active.Shape()
	return c.KW*(c.stripColumn()+1) <= c.stripPanels()*nr
}

// backStrips shares out dw += ..., or sets it, and sets db, unless it is nil, by panels of taps.
func (p *Pool) backStrips(k convCall, dw, db []float32) {
	job := call{do: doStripWeights, conv: k, dst: dw}
	job.conv.bias = db
	units := k.c.stripPanels()
	job.share(p, units, k.c.Flops(k.n)/2/units)
}

// stripUnits computes panels [lo, hi).
func stripUnits(k *call, lo, hi int) {
	_, nr := kernel.Active.Shape()
	w := takeWeightScratch()
	defer w.give()
	w.convCall, w.dw = &k.conv, k.dst
	c := k.conv.c
	column := c.stripColumn()
	if w.bias != nil {
		column++
	}
	w.stride = (hi - lo) * nr
	w.sums = sized(w.sums, c.Cout*w.stride)
	pitch := (c.InW + 2*c.PadW) * c.Cin
	strip := (c.InW + 2*c.PadW) * column
	rows := min(c.OutH, max(1, weightDepth/c.OutW))
	w.dy = sized(w.dy, rows*strip+hi*nr+8)
	framed := c.PadH+c.PadW > 0 || w.convCall.x.Stride != c.Cin || c.Cin == 1
	if framed {
		w.x = sized(w.x, (c.InH+2*c.PadH+8*c.DilationH)*pitch+8) // and what strips read beyond it
		clear(w.x)
	}
	dy := w.convCall.y
	t := kernel.Tile{Rows: c.Cout, AK0: dy.Stride, AK1: c.OutW * dy.Stride, BK0: c.StrideW * column, BK1: strip, BPanel: nr, K0: c.OutW, Panels: hi - lo}
	t.EvenRows(1, w.stride)
	t.C = w.sums
	clear(w.sums)
	for w.at = 0; w.at < w.n; w.at++ {
		x := w.convCall.x.Slice(w.at*c.InH*c.InW, (w.at+1)*c.InH*c.InW)
		image := x.Data
		if framed {
			w.frame(x, pitch)
			image = w.x
		}
		for y := 0; y < c.OutH; y += rows {
			t.K1 = min(rows, c.OutH-y)
			for i := range t.K1 {
				w.strip(w.dy[i*strip:], image[(y+i)*c.StrideH*pitch:], pitch, column)
			}
			t.A, t.B = dy.Data[(w.at*c.OutH+y)*c.OutW*dy.Stride:], w.dy[lo*nr:]
			t.Run(kernel.Active)
		}
	}
	w.addStrips(lo*nr, hi*nr, column)
}

// strip turns the rows of an image that a row of outputs meets.
func (w *weightScratch) strip(dst, image []float32, pitch, column int) {
	c := w.c
	width := c.InW + 2*c.PadW
	if c.Cin == 1 && c.KH <= 8 && kernel.TransposeSquares(dst, image, column, c.DilationH*pitch, 8*column, 8, width/8) {
		for x := width &^ 7; x < width; x++ {
			for kh := range c.KH {
				dst[x*column+kh] = image[kh*c.DilationH*pitch+x]
			}
		}
	} else {
		for kh := range c.KH {
			for x := range width {
				copy(dst[x*column+kh*c.Cin:][:c.Cin], image[kh*c.DilationH*pitch+x*c.Cin:])
			}
		}
	}
	if w.bias != nil {
		for at := column - 1; at < width*column; at += column {
			dst[at] = 1
		}
	}
}

// addStrips adds sums [output channel, column of taps, row of taps, input channel], of which there are those from
// column lo to hi, to dw, or sets it.
func (w *weightScratch) addStrips(lo, hi, column int) {
	c := w.c
	for o := range c.Cout {
		for i := lo; i < min(hi, c.KW*column); i++ {
			v, kw, at := w.sums[o*w.stride+i-lo], i/column, i%column
			if at == c.stripColumn() {
				if kw == 0 {
					w.bias[o] = v
				}
				continue
			}
			to := &w.dw[((o*c.Cin+at%c.Cin)*c.KH+at/c.Cin)*c.KW+kw]
			if w.fresh {
				*to = v
			} else {
				*to += v
			}
		}
	}
}
