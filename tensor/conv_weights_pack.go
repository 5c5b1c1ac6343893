package tensor

import (
	"sync"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// weightScratch is the packed operands of a region of the gradient of the weights, and room for the other kernels
// of images.
type weightScratch struct {
	*convCall
	dw             []float32
	group          int
	o0, o1, i0, i1 int // output and input channels of the group

	taps   []weightTap
	places []int // in an image, of the taps' first inputs
	panels int
	at     int // the first image of those
	images int // packed together now

	x      []float32 // a panel: planes of pixels, [pixel, image, tile's columns]; or one image in its frame
	xStep  int
	dy     []float32 // a tile: [pixel, image, tile's rows]
	dyStep int
	sums   []float32 // [output channel, tap, padded columns]
	stride int       // of an output channel
	line   []float32 // the weights of an output channel, or a part of them
	norms  []float32 // sums of batch norm
}

// weightTap is where a tap meets the image: the outputs [y0, y1) x [x0, x1), whose inputs lie in the packed panel
// from pixel first on, rows pitch apart. Pixels count once for all images packed together.
type weightTap struct {
	y0, y1, x0, x1 int
	first, pitch   int
	column         int // of the sums
}

// weightScratches are those not in use, as scratches are.
var weightScratches struct {
	sync.Mutex
	free []*weightScratch
}

func takeWeightScratch() *weightScratch {
	weightScratches.Lock()
	defer weightScratches.Unlock()
	if n := len(weightScratches.free); n > 0 {
		w := weightScratches.free[n-1]
		weightScratches.free = weightScratches.free[:n-1]
		return w
	}
	return &weightScratch{}
}

func (w *weightScratch) give() {
	w.convCall, w.dw = nil, nil
	weightScratches.Lock()
	defer weightScratches.Unlock()
	weightScratches.free = append(weightScratches.free, w)
}

// sized is x with room for n values, of any content.
func sized(x []float32, n int) []float32 {
	if cap(x) < n {
		return kernel.AlignedSlice(n)
	}
	return x[:n]
}

// layout makes room for a region and finds where its taps lie.
func (w *weightScratch) layout(group, o0, o1, i0, i1 int) {
	mr, nr := kernel.Active.Shape()
	c := w.c
	w.group, w.o0, w.o1, w.i0, w.i1 = group, o0, o1, i0, i1
	most := min(w.n, c.imageGroup())
	w.dyStep = c.OutH*c.OutW*most*mr + packGap
	w.dy = sized(w.dy, tilesOf(o1-o0, mr)*w.dyStep)
	w.taps = w.taps[:0]
	w.panels = (i1 - i0 + nr - 1) / nr
	w.xStep = c.InH*c.InW*most*nr + packGap
	w.x = sized(w.x, w.panels*w.xStep)
	w.stride = c.KH * c.KW * w.panels * nr
	w.sums = sized(w.sums, (o1-o0)*w.stride)
	all := true
	for kh := range c.KH {
		for kw := range c.KW {
			t := c.weightTap(kh, kw)
			t.column = len(w.taps) * w.panels * nr
			w.taps = append(w.taps, t)
			all = all && t.y0 < t.y1 && t.x0 < t.x1
		}
	}
	if !all { // some taps never meet the image
		clear(w.sums)
	}
}

// weightTap finds tap (kh, kw). Pixels of x are packed by phases, planes of those that are a stride apart.
func (c *Conv) weightTap(kh, kw int) weightTap {
	y0, y1, planeY, row, _ := met(kh, c.OutH, c.InH, c.StrideH, c.PadH, c.DilationH)
	x0, x1, planeX, column, pitch := met(kw, c.OutW, c.InW, c.StrideW, c.PadW, c.DilationW)
	return weightTap{y0: y0, y1: y1, x0: x0, x1: x1,
		first: planeY*c.InW + planeX*planeHeight(c, kh) + row*pitch + column, pitch: pitch}
}

// planeHeight is the rows of the planes that tap row kh reads.
func planeHeight(c *Conv, kh int) int {
	return planeSize(c.InH, c.StrideH, mod(kh*c.DilationH-c.PadH, c.StrideH))
}

// planeSize is how many of size coordinates are phase modulo stride.
func planeSize(size, stride, phase int) int { return (size - phase + stride - 1) / stride }

func mod(a, b int) int { return (a%b + b) % b }

// met is the outputs [lo, hi) that meet the image with a tap, along one axis; how many coordinates of x are
// packed before the tap's phase; and where in the phase the input of lo is, out of size.
func met(tap, out, in, stride, pad, dilation int) (lo, hi, before, first, size int) {
	shift := tap*dilation - pad // input of output o is o*stride + shift
	if shift < 0 {
		lo = (-shift + stride - 1) / stride
	}
	hi = min(out, (in-shift+stride-1)/stride)
	phase := mod(shift, stride)
	for q := range phase {
		before += planeSize(in, stride, q)
	}
	return lo, hi, before, (lo*stride + shift - phase) / stride, planeSize(in, stride, phase)
}

// pack packs a group of images.
func (w *weightScratch) pack() {
	_, nr := kernel.Active.Shape()
	c, at := w.c, w.at
	w.packGradients()
	for i := range w.images {
		image := w.convCall.x.Slice((at+i)*c.InH*c.InW, (at+i+1)*c.InH*c.InW)
		for y := range c.InH {
			py, phaseY := y/c.StrideH, y%c.StrideH
			_, _, beforeY, _, height := met(phaseY, 0, c.InH, c.StrideH, 0, 1)
			for phaseX := range min(c.StrideW, c.InW) {
				_, _, beforeX, _, width := met(phaseX, 0, c.InW, c.StrideW, 0, 1)
				plane := beforeY*c.InW + beforeX*height + py*width
				for px := range width {
					row := image.Data[(y*c.InW+px*c.StrideW+phaseX)*image.Stride+w.group*c.cinGroup:]
					kernel.PackRow(w.x[((plane+px)*w.images+i)*nr:], row[w.i0:w.i1], nr, w.xStep)
				}
			}
		}
	}
}

// packGradients packs dy, one row after the other: packing a row may spill into the next.
func (w *weightScratch) packGradients() {
	mr, _ := kernel.Active.Shape()
	dy, pixels := w.convCall.y, w.c.OutH*w.c.OutW
	for p := range pixels {
		for i := range w.images {
			row := dy.Data[((w.at+i)*pixels+p)*dy.Stride+w.group*w.c.coutG:]
			kernel.PackRow(w.dy[(p*w.images+i)*mr:], row[w.o0:w.o1], mr, w.dyStep)
		}
	}
}
