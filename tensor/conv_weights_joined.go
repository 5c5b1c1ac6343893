package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// A convolution of few input channels: one tap's [Cin, Cout] would leave most of a tile empty. All taps are taken together:
//
//	dw [KH*KW*Cin, Cout]  +=  xs [pixels, KH*KW*Cin]T  *  dy [pixels, Cout]
//
// where row (oy, ox) of xs is the inputs that output (oy, ox) meets. xs is never formed: in an image with a frame of zeros
// around it, input (kh, kw, ci) of a pixel lies at a fixed distance, tapAt, from where the pixel's first input lies. dy is
// read in place where a tile takes its panel as it is.

// joinedRows is how many rows the product has.
func (c *Conv) joinedRows() int { return c.KH * c.KW * c.Cin }

// joinedTile is the most rows of a tile in the panel that begins at output channel o.
func (c *Conv) joinedTile(o int) int {
	mr, nr := kernel.Active.Shape()
	if c.Cout-o < nr {
		return kernel.Active.EdgeRows(c.Cout-o, kernel.Plain)
	}
	return mr
}

// joinedTiles is how many tiles there are in all panels.
func (c *Conv) joinedTiles() int {
	_, nr := kernel.Active.Shape()
	tiles := 0
	for o := 0; o < c.Cout; o += nr {
		tiles += tilesOf(c.joinedRows(), c.joinedTile(o))
	}
	return tiles
}

// weightsViaJoined shares out dw by the tiles of all panels.
func (p *Pool) weightsViaJoined(k gradientCall) {
	job := call{do: doWeightsViaJoined, gradient: k}
	units := k.c.joinedTiles()
	job.share(p, units, k.c.Flops(k.n)/2/units)
}

// runViaJoined computes tiles [lo, hi), counted over all panels.
func runViaJoined(k *call, lo, hi int) {
	_, nr := kernel.Active.Shape()
	g := joinedGradient{gradientCall: &k.gradient, s: takeImageScratch()}
	defer g.s.release()
	for o := 0; o < g.c.Cout && hi > 0; o += nr {
		tiles := tilesOf(g.c.joinedRows(), g.c.joinedTile(o))
		if lo < tiles {
			g.o0, g.o1, g.tiles = o, min(o+nr, g.c.Cout), tiles
			g.panel(max(0, lo), min(hi, tiles))
		}
		lo, hi = lo-tiles, hi-tiles
	}
}

// joinedGradient computes tiles of one panel, that of output channels [o0, o1), which has so many tiles.
type joinedGradient struct {
	*gradientCall
	s      *imageScratch
	o0, o1 int
	tiles  int
	pitch  int // from one row of an image in its frame to the next
}

// panel computes tiles [lo, hi).
func (g *joinedGradient) panel(lo, hi int) {
	_, nr := kernel.Active.Shape()
	c, s := g.c, g.s
	r0, _ := span(c.joinedRows(), g.tiles, lo)
	_, r1 := span(c.joinedRows(), g.tiles, hi-1)
	s.sums = sized(s.sums, (r1-r0)*nr)
	g.pitch = c.framePitch()
	s.tapAt = s.tapAt[:0]
	for r := r0; r < r1; r++ {
		kh := r / (c.KW * c.Cin)
		s.tapAt = append(s.tapAt, kh*c.DilationH*g.pitch+r-kh*c.KW*c.Cin)
	}
	framed := c.isPadded() || g.x.Stride != c.Cin
	if framed {
		s.x = sized(s.x, c.frameHeight()*g.pitch)
		clear(s.x)
	}
	rows := max(1, weightDepth/c.OutW)
	for at := range g.n {
		image := g.imageOf(at)
		inputs := image.Data
		if framed {
			s.frame(c, image)
			inputs = s.x
		}
		dy := g.panelOf(at)
		for y := 0; y < c.OutH; y += rows {
			g.multiply(dy, inputs, lo, hi, y, min(c.OutH, y+rows), at == 0 && y == 0)
		}
	}
	g.add(r0, r1)
}

// imageOf is image number at of x.
func (k *gradientCall) imageOf(at int) Matrix {
	return k.x.Slice(at*k.c.InH*k.c.InW, (at+1)*k.c.InH*k.c.InW)
}

// framePitch is the length of a row of an image in its frame.
func (c *Conv) framePitch() int { return c.frameWidth() * c.Cin }

// frameWidth and frameHeight are the size of an image in its frame, in pixels.
func (c *Conv) frameWidth() int  { return c.InW + 2*c.PadW + c.MoreW }
func (c *Conv) frameHeight() int { return c.InH + 2*c.PadH + c.MoreH }

// frame copies an image into a frame of zeros in s.x, which holds zeros or another such image.
func (s *imageScratch) frame(c *Conv, image Matrix) {
	for y := range c.InH {
		to := s.x[(y+c.PadH)*c.framePitch()+c.PadW*c.Cin:]
		if image.Stride == c.Cin {
			copy(to[:c.InW*c.Cin], image.Data[y*c.InW*c.Cin:])
			continue
		}
		for x := range c.InW {
			copy(to[x*c.Cin:][:c.Cin], image.Row(y*c.InW+x))
		}
	}
}

// panelOf is the panel's columns of image number at of dy: in place if a tile takes them so, else a copy, padded with zeros.
func (g *joinedGradient) panelOf(at int) Matrix {
	_, nr := kernel.Active.Shape()
	pixels, width := g.c.OutH*g.c.OutW, g.o1-g.o0
	dy := g.dy.Slice(at*pixels, (at+1)*pixels)
	if width == nr || width <= kernel.Active.Narrow(kernel.Plain) {
		return Matrix{Data: dy.Data[g.o0:], Rows: pixels, Cols: width, Stride: dy.Stride}
	}
	g.s.dy = sized(g.s.dy, pixels*nr)
	for i := range pixels {
		to := g.s.dy[i*nr : (i+1)*nr]
		copy(to, dy.Data[i*dy.Stride+g.o0:][:width])
		if at == 0 {
			clear(to[width:])
		}
	}
	return Matrix{Data: g.s.dy, Rows: pixels, Cols: nr, Stride: nr}
}

// multiply adds rows [y0, y1) of an image's outputs to the sums of tiles [lo, hi).
func (g *joinedGradient) multiply(dy Matrix, inputs []float32, lo, hi, y0, y1 int, fresh bool) {
	_, nr := kernel.Active.Shape()
	c := g.c
	t := kernel.Tile{K0: c.OutW, K1: y1 - y0, AK0: c.StrideW * c.Cin, AK1: c.StrideH * g.pitch, BK0: dy.Stride,
		BK1: c.OutW * dy.Stride, AheadC: nr * kernel.MaxTileRows}
	t.EvenRows(0, nr)
	if fresh {
		t.Start = zeros
	}
	t.A, t.B = inputs[y0*c.StrideH*g.pitch:], dy.Data[y0*c.OutW*dy.Stride:]
	width, tapAt, sums := g.o1-g.o0, g.s.tapAt, g.s.sums
	for i := lo; i < hi; i++ {
		from, to := span(c.joinedRows(), g.tiles, i)
		t.Rows, t.C = to-from, sums
		copy(t.ARow[:], tapAt[:t.Rows])
		if width < nr {
			t.RunEdge(kernel.Active, width)
		} else {
			t.Run(kernel.Active)
		}
		tapAt, sums = tapAt[t.Rows:], sums[t.Rows*nr:]
	}
}

// add adds rows [from, to) of the sums [tap, input channel, output channel] to dw, or sets it.
func (g *joinedGradient) add(from, to int) {
	_, nr := kernel.Active.Shape()
	c := g.c
	taps := c.KH * c.KW
	for i := from; i < to; i++ {
		at := (g.o0*c.Cin+i%c.Cin)*taps + i/c.Cin
		for _, v := range g.s.sums[(i-from)*nr:][:g.o1-g.o0] {
			if g.set {
				g.dw[at] = v
			} else {
				g.dw[at] += v
			}
			at += c.Cin * taps
		}
	}
}
