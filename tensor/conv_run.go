package tensor

import "fmt"

// convCall is the operands of Conv, or of ConvBackData: there y is dx and x is dy, since y is what is written.
type convCall struct {
	w         *ConvPanels
	y, x      Matrix
	n         int       // images
	fresh     bool      // chains start from bias, or from zero if that is nil; else from what y holds
	bias      []float32 // of Conv
	rectifier Rectifier // of Conv
}

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
		p.conv(k, normCall{})
	}
}

// ConvAdd computes y += conv(x): every chain starts from what y holds.
func (p *Pool) ConvAdd(y, x Matrix, w *ConvPanels) {
	k := newConvCall("ConvAdd", y, x, w, nil, Identity)
	if k.fresh = false; k.n > 0 {
		p.conv(k, normCall{})
	}
}

// ConvTranspose computes the transposed convolution y = bias + convT(x), with w packed by PackBackward: it is
// ConvBackDataSet with y as dx and x as dy, but every chain starts from its bias. A nil bias is zero.
func (p *Pool) ConvTranspose(y, x Matrix, w *ConvPanels, bias []float32) {
	const op = "ConvTranspose"
	c := w.ready(op, true)
	if bias != nil && len(bias) != c.Cin {
		panic(fmt.Sprintf("tensor: %s: a bias of %d for %d channels", op, len(bias), c.Cin))
	}
	if n := c.images(op, y, x, "y", "x"); n > 0 {
		p.conv(convCall{w: w, y: y, x: x, n: n, fresh: true, bias: bias}, normCall{})
	}
}

// ConvMaxPool is MaxPool of what Conv computes without a rectifier. z is room for the latter, and holds anything
// afterwards: where the maxima can be taken while the values are in cache, the values are not stored.
func (p *Pool) ConvMaxPool(y, at, z, x Matrix, w *ConvPanels, bias []float32, s *Pooling) {
	const op = "ConvMaxPool"
	k := newConvCall(op, z, x, w, bias, Identity)
	if n := s.images(op, z, y); n != k.n || s.images(op, z, at) != n || s.InH != w.conv.OutH || s.InW != w.conv.OutW {
		panic(fmt.Sprintf("tensor: %s: windows on %dx%d for %d images of %dx%d", op, s.InH, s.InW, k.n, w.conv.OutH, w.conv.OutW))
	}
	switch {
	case k.n == 0:
	case k.poolsOnTheWay(s):
		p.convByImages(k, poolCall{s: s, y: y, at: at})
	default:
		p.Conv(z, x, w, bias, Identity)
		p.MaxPool(y, at, z, s)
	}
}

// ConvMoments is Conv without a rectifier, and BatchMoments of y with images as wide as the convolution's.
func (p *Pool) ConvMoments(y, x Matrix, w *ConvPanels, bias []float32, mean, variance Matrix) {
	k := newConvCall("ConvMoments", y, x, w, bias, Identity)
	p.convAndSums(k, newMoments("ConvMoments", mean, variance, y, w.conv.OutW))
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
		p.conv(convCall{w: w, y: dx, x: dy, n: n, fresh: fresh}, normCall{})
	}
}

// ConvBackDataSums is ConvBackData, or ConvBackDataSet where set says so, and BatchNormSums of dx.
func (p *Pool) ConvBackDataSums(dx, dy Matrix, w *ConvPanels, set bool, sum, product Matrix, from Normed) {
	const op = "ConvBackDataSums"
	n := w.ready(op, true).images(op, dx, dy, "dx", "dy")
	p.convAndSums(convCall{w: w, y: dx, x: dy, n: n, fresh: set}, newNormSums(op, sum, product, dx, from))
}

// conv computes the outputs of k. norm is the sums that are wanted over them, if any (norm.do): conv forms these sums on the
// way, while the outputs are in cache, if the path allows it, and tells whether it did.
func (p *Pool) conv(k convCall, norm normCall) (summed bool) {
	switch k.outputPath(norm.do != doNothing) {
	case bySquares:
		p.convBySquares(k)
		return false
	case byImages:
		p.convByImages(k, poolCall{})
		return false
	case byChannels:
		return p.convByChannels(k, norm)
	case byGroups:
		p.convByGroups(k)
		return false
	case groupByGroup:
		p.convGroupByGroup(k)
		return false
	}
	return p.convByPixels(k, norm)
}

// convAndSums is conv and the sums of norm, on the way or afterwards.
func (p *Pool) convAndSums(k convCall, norm normCall) {
	s := takeImageScratch()
	defer s.release()
	s.prepareSums(&norm)
	if !p.conv(k, norm) {
		norm.share(p)
	}
	norm.fold(p)
}

// ready panics unless w is packed for the direction.
func (w *ConvPanels) ready(op string, backward bool) *Conv {
	if w.conv == nil || w.backward != backward {
		panic(fmt.Sprintf("tensor: %s: the weights are not packed for it", op))
	}
	return w.conv
}
