package tensor

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Bins cuts images of any size into OutH x OutW bins, as adaptive pooling does: bin i of n along an axis is pixels
//
//	[floor(i*In/n), ceil((i+1)*In/n))
//
// so that bins may share a pixel, and none is empty.
type Bins struct {
	InH, InW, OutH, OutW int
}

// mostBinPixels is how many pixels of an image have numbers that are exact in float32.
const mostBinPixels = 1 << 24

// NewBins checks b. Its errors name the field.
func NewBins(b Bins) (Bins, error) {
	for _, f := range []struct {
		name string
		v    int
	}{{"InH", b.InH}, {"InW", b.InW}, {"OutH", b.OutH}, {"OutW", b.OutW}} {
		if f.v < 1 || f.v > maxConvSide {
			return b, fmt.Errorf("bins: %s is %d, not in [1, %d]", f.name, f.v, maxConvSide)
		}
	}
	if b.InH*b.InW > mostBinPixels {
		return b, fmt.Errorf("bins: images of %dx%d have more than %d pixels", b.InH, b.InW, mostBinPixels)
	}
	return b, nil
}

// binOf is the pixels of bin i of n along an axis.
func binOf(i, in, n int) (lo, hi int) { return i * in / n, ((i+1)*in + n - 1) / n }

// MeanStencil is the means over n bins along an axis of so many pixels.
func MeanStencil(in, n int) Stencil {
	s := Stencil{In: in, First: make([]int, n), Weights: make([][]float32, n)}
	for i := range n {
		lo, hi := binOf(i, in, n)
		s.First[i], s.Weights[i] = lo, make([]float32, hi-lo)
		Fill(s.Weights[i], 1/float32(hi-lo))
	}
	return s
}

// MaxBins computes the maximum over every bin, and which pixel it is, iy*InW + ix, in at. Of equal values the first
// counts, and NaN is larger than all numbers. at has the shape of y.
func (p *Pool) MaxBins(y, at, x Matrix, b Bins) {
	n := b.images("MaxBins", x, y)
	b.images("MaxBins", x, at)
	job := call{do: doMaxBins, bins: binsCall{b: b, y: y, at: at, x: x}}
	job.share(p, n*b.OutH, b.work(y.Cols)/b.OutH)
}

// MaxBinsBack adds every gradient to the pixel that was the maximum, and zero to the others of its bin, in the order
// of the bins; with set, onto zeros instead of dx.
func (p *Pool) MaxBinsBack(dx, dy, at Matrix, b Bins, set bool) {
	n := b.images("MaxBinsBack", dx, dy)
	b.images("MaxBinsBack", dx, at)
	job := call{do: doMaxBinsBack, bins: binsCall{b: b, y: dy, at: at, x: dx, fresh: set}}
	job.share(p, n, b.work(dy.Cols))
}

// work is about how many multiply-adds an image takes as long as.
func (b Bins) work(cols int) int { return poolingWork * b.InH * b.InW * cols }

// images panics unless in and out are activations of one number of images and channels, and returns that.
func (b Bins) images(op string, in, out Matrix) int {
	in.check(op, "x")
	out.check(op, "y")
	n := in.Rows / (b.InH * b.InW)
	if in.Rows != n*b.InH*b.InW || out.Rows != n*b.OutH*b.OutW || in.Cols != out.Cols {
		panic(fmt.Sprintf("tensor: %s: %dx%d to %dx%d for images of %dx%d in %dx%d bins", op, in.Rows, in.Cols, out.Rows,
			out.Cols, b.InH, b.InW, b.OutH, b.OutW))
	}
	return n
}

// binsCall is the operands of MaxBins or of MaxBinsBack: there y is dy, and x is dx.
type binsCall struct {
	b        Bins
	y, at, x Matrix
	fresh    bool // gradients start from zero, not from x
}

// binUnits computes rows [lo, hi) of bins, or the gradients of images [lo, hi).
func binUnits(k *call, lo, hi int) {
	c := &k.bins
	b := c.b
	if k.do == doMaxBins {
		for row := lo; row < hi; row++ {
			c.row(row, false)
		}
		return
	}
	for image := lo; image < hi; image++ {
		if c.fresh {
			c.x.Slice(image*b.InH*b.InW, (image+1)*b.InH*b.InW).set(nil)
		}
		for row := range b.OutH {
			c.row(image*b.OutH+row, true)
		}
	}
}

// row computes a row of bins, counted over all images, or its gradients.
func (c *binsCall) row(row int, back bool) {
	b := c.b
	y0, y1 := binOf(row%b.OutH, b.InH, b.OutH)
	image := row / b.OutH * b.InH * b.InW
	for i := range b.OutW {
		y, at := c.y.Row(row*b.OutW+i), c.at.Row(row*b.OutW+i)
		x0, x1 := binOf(i, b.InW, b.OutW)
		if c.atOnce(y, at, image, y0, y1, x0, x1, back) {
			continue
		}
		for iy := y0; iy < y1; iy++ {
			for ix := x0; ix < x1; ix++ {
				pixel := iy*b.InW + ix
				switch x := c.x.Row(image + pixel); {
				case back:
					kernel.MaxTapBack(x, y, at, float32(pixel))
				case iy == y0 && ix == x0:
					copy(y, x)
					kernel.Fill(at, float32(pixel))
				default:
					kernel.MaxTap(y, at, x, float32(pixel))
				}
			}
		}
	}
}

// atOnce computes the bin of rows [y0, y1) and columns [x0, x1) of an image, or its gradients, if the tier can do so in one
// call, and tells whether it did.
func (c *binsCall) atOnce(y, at []float32, image, y0, y1, x0, x1 int, back bool) bool {
	if len(y) == 0 {
		return false
	}
	first := y0*c.b.InW + x0
	w := kernel.Windows{Y: y, At: at, X: c.x.Data[(image+first)*c.x.Stride:], N: 1, Across: 1, Left: 1, Cols: len(y), KH: y1 - y0, KW: x1 - x0,
		Row: c.b.InW * c.x.Stride, Pixel: c.x.Stride, First: float32(first), Skip: float32(c.b.InW - (x1 - x0)), Careful: math.MaxInt}
	return w.Run(back)
}
