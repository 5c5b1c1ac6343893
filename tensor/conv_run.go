package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Conv computes y = rectify(bias + conv(x)) for any number of images:
//
//	y[n, oy, ox, co] = bias[co] + sum over kh, kw, ci of x[n, iy, ix, ci] * w[co, ci, kh, kw]
//	iy = oy*StrideH - PadH + kh*DilationH,  ix likewise
//
// A nil bias is zero. Every element is one chain of fused multiply-adds that starts from its bias and runs
// over those kh, kw that fall on the image, and over the ci of its group within, in order. Here and below, a pool may
// be told to compute in another way (SetConvMethod).
func (p *Pool) Conv(y, x Matrix, w *ConvPanels, bias []float32, r Rectifier) {
	if k := newConvCall("Conv", y, x, w, bias, r); k.n > 0 {
		p.gather(k, normCall{})
	}
}

// ConvMaxPool is MaxPool of what Conv computes without a rectifier. z is room for that, and holds anything afterwards:
// where the maxima can be had while the values are in cache, those are not stored.
func (p *Pool) ConvMaxPool(y, at, z, x Matrix, w *ConvPanels, bias []float32, s *Pooling) {
	const op = "ConvMaxPool"
	k := newConvCall(op, z, x, w, bias, Identity)
	if n := s.images(op, z, y); n != k.n || s.images(op, z, at) != n || s.InH != w.conv.OutH || s.InW != w.conv.OutW {
		panic(fmt.Sprintf("tensor: %s: windows on %dx%d for %d images of %dx%d", op, s.InH, s.InW, k.n, w.conv.OutH, w.conv.OutW))
	}
	if k.n == 0 {
		return
	}
	if s.tiles() && s.covers() && kernel.Active.FillsWindows() && !w.winograd && k.goesBeside() {
		p.beside(k, poolCall{s: s, y: y, at: at})
		return
	}
	p.Conv(z, x, w, bias, Identity)
	p.MaxPool(y, at, z, s)
}

// ConvMoments is Conv without a rectifier, and BatchMoments of y with images as wide as the convolution's.
func (p *Pool) ConvMoments(y, x Matrix, w *ConvPanels, bias []float32, mean, variance Matrix) {
	k := newConvCall("ConvMoments", y, x, w, bias, Identity)
	p.gatherSums(k, newMoments("ConvMoments", mean, variance, y, w.conv.OutW))
}

// gatherSums is gather and the sums of norm.
func (p *Pool) gatherSums(k convCall, norm normCall) {
	s := takeWeightScratch()
	defer s.give()
	s.prepareSums(&norm)
	if !p.gather(k, norm) {
		norm.share(p)
	}
	norm.fold(p)
}

func newConvCall(op string, y, x Matrix, w *ConvPanels, bias []float32, r Rectifier) convCall {
	c := w.ready(op, false)
	n := c.images(op, x, y, "x", "y")
	if bias != nil && len(bias) != c.Cout {
		panic(fmt.Sprintf("tensor: %s: a bias of %d for %d channels", op, len(bias), c.Cout))
	}
	return convCall{w: w, y: y, x: x, bias: bias, fresh: true, rectifier: r, n: n}
}

// ConvBackData adds the gradient of the input:
//
//	dx[n, iy, ix, ci] += sum over oy, ox, co of dy[n, oy, ox, co] * w[co, ci, kh, kw]
//
// Every element is one chain that starts from dx and runs over those oy, ox that read it, and over the co of
// its group within, in order. dx may not overlap dy.
func (p *Pool) ConvBackData(dx, dy Matrix, w *ConvPanels) {
	p.convBackData("ConvBackData", dx, dy, w, false)
}

// ConvBackDataSet sets the gradient of the input instead: every chain starts from zero.
func (p *Pool) ConvBackDataSet(dx, dy Matrix, w *ConvPanels) {
	p.convBackData("ConvBackDataSet", dx, dy, w, true)
}

func (p *Pool) convBackData(op string, dx, dy Matrix, w *ConvPanels, fresh bool) {
	c := w.ready(op, true)
	if n := c.images(op, dx, dy, "dx", "dy"); n > 0 {
		p.gather(convCall{w: w, y: dx, x: dy, n: n, fresh: fresh}, normCall{})
	}
}

// ConvBackDataSums is ConvBackData, or ConvBackDataSet where set says so, and BatchNormSums of dx.
func (p *Pool) ConvBackDataSums(dx, dy Matrix, w *ConvPanels, set bool, sum, product Matrix, from Normed) {
	const op = "ConvBackDataSums"
	n := w.ready(op, true).images(op, dx, dy, "dx", "dy")
	p.gatherSums(convCall{w: w, y: dx, x: dy, n: n, fresh: set}, newNormSums(op, sum, product, dx, from))
}

// ConvBackWeights adds the gradient of the weights over all images of x and dy, those of one lane:
//
//	dw[co, ci, kh, kw] += sum over n, oy, ox of dy[n, oy, ox, co] * x[n, iy, ix, ci]
//
// Every sum is one chain that starts from zero and is then added to dw. It goes through the images in groups of
// 1024 output pixels, rounded up to whole images; through the pixels of a group that meet the image, in order;
// and through the images of the group at each pixel. There are three exceptions. With less than 16 input
// channels, no groups of them and no dilation along rows, a group is one image, and pixels that meet padding
// count as zeros. Where every channel is a group of its own, a group is one image too. A convolution of one tap
// without stride, padding or groups is MatMulTransAdd.
func (p *Pool) ConvBackWeights(dw []float32, c *Conv, x, dy Matrix) {
	p.convBackWeights("ConvBackWeights", dw, c, x, dy, false)
}

// ConvBackWeightsSet sets the gradient of the weights instead.
func (p *Pool) ConvBackWeightsSet(dw []float32, c *Conv, x, dy Matrix) {
	p.convBackWeights("ConvBackWeightsSet", dw, c, x, dy, true)
}

// ConvBackWeightsBias is ConvBackWeightsSet and sets db to the gradient of the bias, as ColumnSumAdd adds it to zeros.
func (p *Pool) ConvBackWeightsBias(dw, db []float32, c *Conv, x, dy Matrix) {
	const op = "ConvBackWeightsBias"
	if len(db) != c.Cout {
		panic(fmt.Sprintf("tensor: %s: %d sums of %d channels", op, len(db), c.Cout))
	}
	if len(dw) == c.Weights() && c.inStrips() && c.stripRoom() {
		if n := c.images(op, x, dy, "x", "dy"); n > 0 {
			p.backStrips(convCall{c: c, y: dy, x: x, n: n, fresh: true}, dw, db)
			return
		}
	}
	p.convBackWeights(op, dw, c, x, dy, true)
	clear(db)
	p.ColumnSumAdd(db, AllRows(dy))
}

func (p *Pool) convBackWeights(op string, dw []float32, c *Conv, x, dy Matrix, fresh bool) {
	n := c.images(op, x, dy, "x", "dy")
	if len(dw) != c.Weights() {
		panic(fmt.Sprintf("tensor: %s: %d weights for a convolution of %d", op, len(dw), c.Weights()))
	}
	k := convCall{c: c, y: dy, x: x, n: n, fresh: fresh}
	switch {
	case n == 0 && fresh:
		clear(dw)
	case n == 0:
	case p.byWinograd(c.forward):
		p.winogradWeights(k, dw)
	case p.readsInPlace(c):
		p.backPointwise(k, dw)
	case c.isPointwise() && fresh:
		p.MatMulTrans(Of(dw, c.Cout, c.Cin), AllRows(dy), AllRows(x))
	case c.isPointwise():
		p.MatMulTransAdd(Of(dw, c.Cout, c.Cin), AllRows(dy), AllRows(x))
	case c.isDepthwise():
		job := call{do: doDepthwiseWeights, conv: k, dst: dw}
		units := (c.Cin + kernel.DepthwiseChannels - 1) / kernel.DepthwiseChannels
		job.share(p, units, c.Flops(n)/units)
	case c.inStrips():
		p.backStrips(k, dw, nil)
	case c.joinsTaps():
		p.backJoined(k, dw)
	default:
		p.backWeights(k, dw)
	}
}

// ready panics unless w is packed for the direction.
func (w *ConvPanels) ready(op string, backward bool) *Conv {
	if w.conv == nil || w.backward != backward {
		panic(fmt.Sprintf("tensor: %s: the weights are not packed for it", op))
	}
	return w.conv
}
