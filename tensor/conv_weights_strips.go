package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// A convolution of few input and few output channels: the output channels are the rows of the tiles, and all taps and input
// channels are their columns.
//
//	dw [Cout, KW*KH*Cin]  +=  dy [pixels, Cout]T  *  xs [pixels, KW*KH*Cin]
//
// where row (oy, ox) of xs is the inputs that output (oy, ox) meets. For each row of outputs the input is copied into a
// strip [column of the image, row of taps, input channel]. There the inputs of a pixel are one stretch, and those of its
// neighbour are the same a column further on, so that xs is never formed.
//
// If the tiles have room for it, each column of a strip ends with a one. Its products with dy sum up to the gradient of
// the bias.

// stripColumn is the length of a column of a strip, without the one at its end.
func (c *Conv) stripColumn() int { return c.KH * c.Cin }

// stripPanels is how many panels the columns of dw fill.
func (c *Conv) stripPanels() int {
	_, nr := kernel.Active.Shape()
	return (c.KW*c.stripColumn() + nr - 1) / nr
}

// stripHasOnes tells whether the columns fill no more panels with ones among them.
func (c *Conv) stripHasOnes() bool {
	_, nr := kernel.Active.Shape()
	return c.KW*(c.stripColumn()+1) <= c.stripPanels()*nr
}

// weightsViaStrips shares out dw, and db unless it is nil, by panels of columns.
func (p *Pool) weightsViaStrips(k gradientCall) {
	job := call{do: doWeightsViaStrips, gradient: k}
	units := k.c.stripPanels()
	job.share(p, units, k.c.Flops(k.n)/2/units)
}

// stripGradient computes columns [j0, j1) of dw.
type stripGradient struct {
	*gradientCall
	s      *imageScratch
	j0, j1 int
	column int // the length of a column of a strip
}

// runViaStrips computes panels [lo, hi).
func runViaStrips(k *call, lo, hi int) {
	_, nr := kernel.Active.Shape()
	g := stripGradient{gradientCall: &k.gradient, s: takeImageScratch(), j0: lo * nr, j1: hi * nr}
	defer g.s.release()
	c, s := g.c, g.s
	if g.column = c.stripColumn(); g.db != nil {
		g.column++
	}
	s.sums = sized(s.sums, c.Cout*(g.j1-g.j0))
	clear(s.sums)
	pitch := c.framePitch()
	strip := c.frameWidth() * g.column
	rows := min(c.OutH, max(1, weightDepth/c.OutW))
	s.dy = sized(s.dy, rows*strip+g.j1+8)
	framed := c.isPadded() || g.x.Stride != c.Cin || c.Cin == 1
	if framed {
		s.x = sized(s.x, (c.frameHeight()+8*c.DilationH)*pitch+8) // and what copyStrip reads beyond the image
		clear(s.x)
	}
	t := kernel.Tile{Rows: c.Cout, AK0: g.dy.Stride, AK1: c.OutW * g.dy.Stride, BK0: c.StrideW * g.column, BK1: strip,
		BPanel: nr, K0: c.OutW, Panels: hi - lo, C: s.sums}
	t.EvenRows(1, g.j1-g.j0)
	for at := range g.n {
		image := g.imageOf(at)
		inputs := image.Data
		if framed {
			s.frame(c, image)
			inputs = s.x
		}
		for y := 0; y < c.OutH; y += rows {
			t.K1 = min(rows, c.OutH-y)
			for i := range t.K1 {
				g.copyStrip(s.dy[i*strip:], inputs[(y+i)*c.StrideH*pitch:], pitch)
			}
			t.A, t.B = g.dy.Data[(at*c.OutH+y)*c.OutW*g.dy.Stride:], s.dy[g.j0:]
			t.Run(kernel.Active)
		}
	}
	g.add()
}

// copyStrip copies those rows of an image that a row of outputs meets.
func (g *stripGradient) copyStrip(dst, rows []float32, pitch int) {
	c := g.c
	width := c.frameWidth()
	if c.Cin == 1 && c.KH <= 8 && kernel.TransposeSquares(dst, rows, g.column, c.DilationH*pitch, 8*g.column, 8, width/8) {
		for x := width &^ 7; x < width; x++ {
			for kh := range c.KH {
				dst[x*g.column+kh] = rows[kh*c.DilationH*pitch+x]
			}
		}
	} else {
		for kh := range c.KH {
			for x := range width {
				copy(dst[x*g.column+kh*c.Cin:][:c.Cin], rows[kh*c.DilationH*pitch+x*c.Cin:])
			}
		}
	}
	if g.db != nil {
		for at := g.column - 1; at < width*g.column; at += g.column {
			dst[at] = 1
		}
	}
}

// add adds the sums [output channel, column of taps, row of taps, input channel] to dw, or sets it, and sets db.
func (g *stripGradient) add() {
	c := g.c
	for o := range c.Cout {
		for j := g.j0; j < min(g.j1, c.KW*g.column); j++ {
			v, kw, at := g.s.sums[o*(g.j1-g.j0)+j-g.j0], j/g.column, j%g.column
			if at == c.stripColumn() {
				if kw == 0 {
					g.db[o] = v
				}
				continue
			}
			to := &g.dw[((o*c.Cin+at%c.Cin)*c.KH+at/c.Cin)*c.KW+kw]
			if g.set {
				*to = v
			} else {
				*to += v
			}
		}
	}
}
