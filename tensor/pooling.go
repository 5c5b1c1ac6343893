package tensor

import "fmt"

// PoolShape is the geometry of a pooling layer over activations of one row for each pixel, in the order
// image, row, column.
type PoolShape struct {
	InH, InW         int
	KH, KW           int
	StrideH, StrideW int // zero stands for KH, KW
	PadH, PadW       int // at most half of KH, KW
	OutH, OutW       int // set by NewPooling
}

// Pooling is a pooling layer made ready. It never changes.
type Pooling struct {
	PoolShape
}

// NewPooling checks s and computes the size of the output. Its errors name the field.
func NewPooling(s PoolShape) (*Pooling, error) {
	if s.StrideH == 0 {
		s.StrideH = s.KH
	}
	if s.StrideW == 0 {
		s.StrideW = s.KW
	}
	if s.PadH > s.KH/2 || s.PadW > s.KW/2 {
		return nil, fmt.Errorf("pooling: PadH %d, PadW %d are more than half of the window's %dx%d", s.PadH, s.PadW, s.KH, s.KW)
	}
	c, err := NewConv(ConvShape{InH: s.InH, InW: s.InW, Cin: 1, Cout: 1, KH: s.KH, KW: s.KW,
		StrideH: s.StrideH, StrideW: s.StrideW, PadH: s.PadH, PadW: s.PadW})
	if err != nil {
		return nil, fmt.Errorf("pooling: %w", err)
	}
	s.OutH, s.OutW = c.OutH, c.OutW
	return &Pooling{s}, nil
}

// images panics unless in and out are activations of one number of images and channels.
func (s *Pooling) images(op string, in, out Matrix) int {
	in.check(op, "x")
	out.check(op, "y")
	n := in.Rows / (s.InH * s.InW)
	if in.Rows != n*s.InH*s.InW || out.Rows != n*s.OutH*s.OutW || in.Cols != out.Cols {
		panic(fmt.Sprintf("tensor: %s: %dx%d to %dx%d for images of %dx%d to %dx%d", op, in.Rows, in.Cols, out.Rows,
			out.Cols, s.InH, s.InW, s.OutH, s.OutW))
	}
	return n
}

// poolCall is the operands of a pooling layer's kernel.
type poolCall struct {
	s        *Pooling
	y, at, x Matrix // backward y is dy, and x is dx
	countPad bool
}

// MaxPool computes the maximum over every window, and which tap it is, kh*KW + kw, in at. Of equal values the
// first counts, and NaN is larger than all numbers. at has the shape of y.
func (p *Pool) MaxPool(y, at, x Matrix, s *Pooling) {
	n := s.images("MaxPool", x, y)
	s.images("MaxPool", x, at)
	p.pool(doMaxPool, n*s.OutH, poolCall{s: s, y: y, at: at, x: x})
}

// MaxPoolBack adds every gradient to the pixel that was the maximum, and zero to the others of the window, in
// the order of the windows.
func (p *Pool) MaxPoolBack(dx, dy, at Matrix, s *Pooling) {
	n := s.images("MaxPoolBack", dx, dy)
	s.images("MaxPoolBack", dx, at)
	p.pool(doMaxPoolBack, n, poolCall{s: s, y: dy, at: at, x: dx})
}

// AvgPool computes the mean over every window: the sum over the pixels on the image, in order, times one over
// their number, or over KH*KW with countPad.
func (p *Pool) AvgPool(y, x Matrix, s *Pooling, countPad bool) {
	n := s.images("AvgPool", x, y)
	p.pool(doAvgPool, n*s.OutH, poolCall{s: s, y: y, x: x, countPad: countPad})
}

// AvgPoolBack adds every gradient, times what AvgPool multiplies with, to all pixels of its window, in the
// order of the windows.
func (p *Pool) AvgPoolBack(dx, dy Matrix, s *Pooling, countPad bool) {
	n := s.images("AvgPoolBack", dx, dy)
	p.pool(doAvgPoolBack, n, poolCall{s: s, y: dy, x: dx, countPad: countPad})
}

// pool shares out rows of the output, or images where neighbouring rows write to the same pixels.
func (p *Pool) pool(do kernel, units int, k poolCall) {
	if units == 0 {
		return
	}
	job := call{do: do, pooling: k}
	job.share(p, units, k.y.Rows/units*k.s.KH*k.s.KW*k.y.Cols)
}

func poolUnits(k *call, lo, hi int) {
	if k.do == doMaxPoolBack || k.do == doAvgPoolBack {
		lo, hi = lo*k.pooling.s.OutH, hi*k.pooling.s.OutH
	}
	w := takeWeightScratch()
	defer w.give()
	for row := lo; row < hi; row++ {
		k.pooling.row(k.do, row, w)
	}
}

// narrowChannels is the most channels for which a row of outputs is computed at once, since a call for every
// tap of every output would cost more than it computes.
const narrowChannels = 24

// row computes a row of outputs, or its gradients.
func (k *poolCall) row(do kernel, row int, w *weightScratch) {
	s := k.s
	narrow := k.y.Cols <= narrowChannels && k.y.Stride == k.y.Cols && (do == doMaxPool || do == doMaxPoolBack) &&
		k.at.Stride == k.y.Cols
	// The outputs [x0, x1) whose windows lie on the image from side to side.
	x0 := (s.PadW + s.StrideW - 1) / s.StrideW
	x1 := min(s.OutW, (s.InW+s.PadW-s.KW)/s.StrideW+1)
	for ox := 0; ox < s.OutW; ox++ {
		if narrow && ox == x0 && x0 < x1 {
			k.narrow(do, row, x0, x1, w)
			ox = x1 - 1
			continue
		}
		k.window(do, row, ox)
	}
}

// narrow computes outputs [x0, x1) of a row of maxima, or their gradients: the inputs of one tap after the
// other are put side by side.
func (k *poolCall) narrow(do kernel, row, x0, x1 int, w *weightScratch) {
	s, cols := k.s, k.y.Cols
	iy := row%s.OutH*s.StrideH - s.PadH
	kh0, kh1 := max(0, -iy), min(s.KH, s.InH-iy)
	lo, hi := (row*s.OutW+x0)*cols, (row*s.OutW+x1)*cols
	y, at := k.y.Data[lo:hi], k.at.Data[lo:hi]
	w.line = sized(w.line, len(y))
	by := s.StrideW * k.x.Stride
	for kh := kh0; kh < kh1; kh++ {
		for i := range s.KW {
			kw := i
			if do == doMaxPoolBack { // so that a pixel's gradients are added in the order of the windows
				kw = s.KW - 1 - i
			}
			x := k.x.Data[((row/s.OutH*s.InH+iy+kh)*s.InW+x0*s.StrideW-s.PadW+kw)*k.x.Stride:]
			tap := float32(kh*s.KW + kw)
			if do == doMaxPoolBack {
				clear(w.line)
				maxTapBack(w.line, y, at, tap)
				scatterAdd(x, w.line, cols, by)
				continue
			}
			gatherPixels(w.line, x, cols, by)
			if kh == kh0 && kw == 0 {
				copy(y, w.line)
				Fill(at, tap)
				continue
			}
			maxTap(y, at, w.line, tap)
		}
	}
}

// gatherPixels copies pixels of cols values, by apart in src, to dst.
func gatherPixels(dst, src []float32, cols, by int) {
	for i := 0; i < len(dst); i += cols {
		from := src[:cols]
		for j := range dst[i:][:cols] {
			dst[i+j] = from[j]
		}
		src = src[min(by, len(src)):]
	}
}

// scatterAdd adds pixels of cols values in src to those by apart in dst.
func scatterAdd(dst, src []float32, cols, by int) {
	for i := 0; i < len(src); i += cols {
		to := dst[:cols]
		for j, v := range src[i:][:cols] {
			to[j] += v
		}
		dst = dst[min(by, len(dst)):]
	}
}

// window computes output ox of a row, or its gradient.
func (k *poolCall) window(do kernel, row, ox int) {
	s := k.s
	iy, ix := row%s.OutH*s.StrideH-s.PadH, ox*s.StrideW-s.PadW
	kh0, kh1, kw0, kw1 := max(0, -iy), min(s.KH, s.InH-iy), max(0, -ix), min(s.KW, s.InW-ix)
	y, first := k.y.Row(row*s.OutW+ox), (row/s.OutH*s.InH+iy)*s.InW+ix
	var at []float32
	if k.at.Rows > 0 {
		at = k.at.Row(row*s.OutW + ox)
	}
	share := 1 / float32((kh1-kh0)*(kw1-kw0))
	if k.countPad {
		share = 1 / float32(s.KH*s.KW)
	}
	for kh := kh0; kh < kh1; kh++ {
		for kw := kw0; kw < kw1; kw++ {
			x, tap, begins := k.x.Row(first+kh*s.InW+kw), float32(kh*s.KW+kw), kh == kh0 && kw == kw0
			switch {
			case do == doMaxPool && begins:
				copy(y, x)
				Fill(at, tap)
			case do == doMaxPool:
				maxTap(y, at, x, tap)
			case do == doMaxPoolBack:
				maxTapBack(x, y, at, tap)
			case do == doAvgPool && begins:
				copy(y, x)
			case do == doAvgPool:
				Add(y, y, x)
			default:
				Axpy(x, share, y)
			}
		}
	}
	if do == doAvgPool {
		Scale(y, y, share)
	}
}

// maxTap takes in the values x of another tap.
func maxTap(best, at, x []float32, tap float32) {
	for i := vectorMaxTap(best, at, x, tap); i < len(best); i++ {
		if !(x[i] <= best[i]) && best[i] == best[i] {
			best[i], at[i] = x[i], tap
		}
	}
}

// maxTapBack adds the gradients of those windows whose maximum was this tap, and zero for the others.
func maxTapBack(dx, dy, at []float32, tap float32) {
	for i := vectorMaxTapBack(dx, dy, at, tap); i < len(dx); i++ {
		var g float32
		if at[i] == tap {
			g = dy[i]
		}
		dx[i] += g
	}
}
