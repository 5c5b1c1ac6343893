package tensor

import (
	"cmp"
	"fmt"
)

// PoolShape is the geometry of a pooling layer over activations of one row for each pixel, in the order
// image, row, column.
type PoolShape struct {
	InH, InW         int
	KH, KW           int
	StrideH, StrideW int  // zero stands for KH, KW
	PadH, PadW       int  // pixels around the input, on each side: at most half of the window
	MoreH, MoreW     int  // pixels more at the bottom and at the right; or, below zero, fewer
	DilationH        int  // zero stands for one
	DilationW        int  // zero stands for one
	Ceil             bool // rounds the size of the output up (Extent.Ceil)
	Same             bool // as many outputs as inputs by stride, rounded up; NewPooling sets the padding (Extent.Same)
	OutH, OutW       int  // set by NewPooling
}

// Pooling is a pooling layer made ready. It never changes.
type Pooling struct {
	PoolShape
	down, across Extent
}

// NewPooling checks s and computes the size of the output. Its errors name the field.
func NewPooling(s PoolShape) (*Pooling, error) {
	if s.StrideH == 0 {
		s.StrideH = s.KH
	}
	if s.StrideW == 0 {
		s.StrideW = s.KW
	}
	s.DilationH, s.DilationW = cmp.Or(s.DilationH, 1), cmp.Or(s.DilationW, 1)
	c := ConvShape{InH: s.InH, InW: s.InW, Cin: 1, Cout: 1, KH: s.KH, KW: s.KW, StrideH: s.StrideH, StrideW: s.StrideW,
		PadH: s.PadH, PadW: s.PadW, MoreH: s.MoreH, MoreW: s.MoreW, DilationH: s.DilationH, DilationW: s.DilationW, Same: s.Same}
	err := c.validateFields()
	down, across := c.vertical(), c.horizontal()
	if down.Ceil, across.Ceil = s.Ceil, s.Ceil; err == nil {
		err = fit(down, across)
	}
	if err != nil {
		return nil, fmt.Errorf("pooling: %w", err)
	}
	p := &Pooling{PoolShape: s, down: down.withDefaults(), across: across.withDefaults()}
	p.PadH, p.MoreH, p.OutH = p.down.Pad, p.down.More, p.down.outputs()
	p.PadW, p.MoreW, p.OutW = p.across.Pad, p.across.More, p.across.outputs()
	if !s.Same && (s.PadH > p.down.span()/2 || s.PadW > p.across.span()/2) {
		return nil, fmt.Errorf("pooling: PadH %d, PadW %d are more than half of the window's %dx%d", s.PadH, s.PadW, p.down.span(), p.across.span())
	}
	if !p.down.meets() || !p.across.meets() {
		return nil, fmt.Errorf("pooling: a window of %dx%d with padding of %sx%s meets no pixel of %dx%d",
			s.KH, s.KW, p.down.padding(), p.across.padding(), s.InH, s.InW)
	}
	return p, nil
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

// MaxPoolBackSet is MaxPoolBack onto zeros instead of dx.
func (p *Pool) MaxPoolBackSet(dx, dy, at Matrix, s *Pooling) {
	n := s.images("MaxPoolBackSet", dx, dy)
	s.images("MaxPoolBackSet", dx, at)
	p.pool(doMaxPoolBack, n, poolCall{s: s, y: dy, at: at, x: dx, fresh: true})
}

// AvgPool computes the mean over every window: the sum over the pixels on the image, in order, times one over
// their number; with countPad, over the number of taps on the image or on its padding.
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

// AvgPoolBackSet is AvgPoolBack onto zeros instead of dx.
func (p *Pool) AvgPoolBackSet(dx, dy Matrix, s *Pooling, countPad bool) {
	n := s.images("AvgPoolBackSet", dx, dy)
	p.pool(doAvgPoolBack, n, poolCall{s: s, y: dy, x: dx, countPad: countPad, fresh: true})
}

// poolingWork is how many multiply-adds take as long as one tap of an output.
const poolingWork = 4

// pool shares out rows of the output, or images where neighbouring rows write to the same pixels.
func (p *Pool) pool(do task, units int, k poolCall) {
	if units == 0 {
		return
	}
	job := call{do: do, pooling: k}
	job.share(p, units, poolingWork*(k.y.Rows/units)*k.s.KH*k.s.KW*k.y.Cols)
}
