package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// weightTap is the outputs that one tap serves, [y0, y1) x [x0, x1) of an image, and where their inputs are packed: that of
// output (y0, x0) is packed pixel number first, and those of the next row of outputs come pitch pixels later. All images
// that are packed together share one number.
type weightTap struct {
	y0, y1, x0, x1 int
	first, pitch   int
	column         int // of the tap's first input channel in the sums
}

// halfPanel is the columns of a panel of input channels where there are no more of these, and the tier has a tile of so many
// besides its own.
const halfPanel = 16

// prepare makes room for a region and finds its taps. The sums are [output channel, tap, input channel], with whole panels
// of input channels.
func (g *packedGradient) prepare() {
	mr, nr := kernel.Active.Shape()
	c, s := g.c, g.s
	most := min(g.n, c.imageGroup())
	g.each, g.dyStep = mr, c.OutH*c.OutW*most*mr+packGap
	s.dy = sized(s.dy, tilesOf(g.o1-g.o0, mr)*g.dyStep)
	if n := g.o1 - g.o0; c.Groups > 1 && n <= halfPanel && n != mr { // one stretch of a pixel, which tiles read in place
		g.each, g.dyStep = n, mr
		s.dy = sized(s.dy, c.OutH*c.OutW*most*n)
	}
	g.width = nr
	if c.cinGroup <= halfPanel && halfPanel <= kernel.Active.Narrow(kernel.Plain) {
		g.width = halfPanel
	}
	g.panels = (g.i1 - g.i0 + g.width - 1) / g.width
	g.xStep = c.InH*c.InW*most*g.width + packGap
	s.x = sized(s.x, g.panels*g.xStep)
	g.sumStep = c.KH * c.KW * g.panels * g.width
	s.sums = sized(s.sums, (g.o1-g.o0)*g.sumStep)
	s.taps = s.taps[:0]
	all := true
	for kh := range c.KH {
		for kw := range c.KW {
			t := c.weightTap(kh, kw)
			t.column = len(s.taps) * g.panels * g.width
			s.taps = append(s.taps, t)
			all = all && t.y0 < t.y1 && t.x0 < t.x1
		}
	}
	if !all { // some taps never meet the image
		clear(s.sums)
	}
}

// weightTap finds tap (kh, kw). With a stride of s, the pixels of x that a tap meets are s apart along each axis. So x is
// packed in s*s planes, one for each phase (y mod s, x mod s), in whose rows the pixels of a tap are neighbours.
func (c *Conv) weightTap(kh, kw int) weightTap {
	y := met(kh, c.OutH, c.InH, c.StrideH, c.PadH, c.DilationH)
	x := met(kw, c.OutW, c.InW, c.StrideW, c.PadW, c.DilationW)
	return weightTap{y0: y.lo, y1: y.hi, x0: x.lo, x1: x.hi,
		first: y.before*c.InW + x.before*y.size + y.first*x.size + x.first, pitch: x.size}
}

// phaseOf is how many of size coordinates are phase modulo stride, and how many are in the phases before it.
func phaseOf(phase, size, stride int) (n, before int) {
	for q := range phase {
		before += (size - q + stride - 1) / stride
	}
	return (size - phase + stride - 1) / stride, before
}

func mod(a, b int) int { return (a%b + b) % b }

// meeting is where one tap meets the image along one axis.
type meeting struct {
	lo, hi       int // the outputs that meet it
	size, before int // coordinates of x in the tap's phase, and in the phases before it
	first        int // number within the phase of the input of output lo
}

func met(tap, out, in, stride, pad, dilation int) (m meeting) {
	shift := tap*dilation - pad // the input of output o is o*stride + shift
	if shift < 0 {
		m.lo = (-shift + stride - 1) / stride
	}
	m.hi = min(out, (in-shift+stride-1)/stride)
	phase := mod(shift, stride)
	m.size, m.before = phaseOf(phase, in, stride)
	m.first = (m.lo*stride + shift - phase) / stride
	return m
}

// packInputs packs x, phase by phase: panels of [pixel, image, a tile's columns].
func (g *packedGradient) packInputs() {
	c, panels, width, apart := g.c, g.s.x, g.width, g.images*g.width
	channel, channels, step := g.group*c.cinGroup+g.i0, g.i1-g.i0, g.xStep
	for i := range g.images {
		image := g.x.Slice((g.at+i)*c.InH*c.InW, (g.at+i+1)*c.InH*c.InW)
		for y := range c.InH {
			rows, rowsBefore := phaseOf(y%c.StrideH, c.InH, c.StrideH)
			for phaseX := range min(c.StrideW, c.InW) {
				columns, columnsBefore := phaseOf(phaseX, c.InW, c.StrideW)
				first := rowsBefore*c.InW + columnsBefore*rows + y/c.StrideH*columns
				to, from := first*apart+i*width, (y*c.InW+phaseX)*image.Stride+channel
				if channels == width {
					copyPixels(panels[to:], image.Data[from:], columns, width, apart, c.StrideW*image.Stride)
					continue
				}
				for range columns {
					kernel.PackRow(panels[to:], image.Data[from:from+channels], width, step)
					to, from = to+apart, from+c.StrideW*image.Stride
				}
			}
		}
	}
}

// packGradients packs dy: tiles of [pixel, image, a tile's rows], or all channels of few in one. It goes from row to row,
// since packing one may spill into the next.
func (g *packedGradient) packGradients() {
	mr, _ := kernel.Active.Shape()
	pixels, tiles, to := g.c.OutH*g.c.OutW, g.s.dy, 0
	channel, channels, step := g.group*g.c.coutG+g.o0, g.o1-g.o0, g.dyStep
	if g.each != mr {
		for i := range g.images {
			copyPixels(tiles[i*channels:], g.dy.Data[(g.at+i)*pixels*g.dy.Stride+channel:], pixels, channels, g.images*channels, g.dy.Stride)
		}
		return
	}
	for p := range pixels {
		for i := range g.images {
			from := ((g.at+i)*pixels+p)*g.dy.Stride + channel
			kernel.PackRow(tiles[to:], g.dy.Data[from:from+channels], mr, step)
			to += mr
		}
	}
}

// copyPixels copies n pixels of so many channels, which are fromStep values apart, to where they are toStep apart.
func copyPixels(dst, src []float32, n, channels, toStep, fromStep int) {
	to, from := 0, 0
	if channels == 16 {
		for range n {
			*(*[16]float32)(dst[to:]) = *(*[16]float32)(src[from:])
			to, from = to+toStep, from+fromStep
		}
		return
	}
	for range n {
		copy(dst[to:][:channels], src[from:])
		to, from = to+toStep, from+fromStep
	}
}
