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

// window is the rows kh0..kh1 and columns kw0..kw1 of the window of output (oy, ox) that lie on the image, and
// the input pixel under (0, 0), which may lie beside it.
func (s *Pooling) window(oy, ox int) (iy, ix, kh0, kh1, kw0, kw1 int) {
	iy, ix = oy*s.StrideH-s.PadH, ox*s.StrideW-s.PadW
	return iy, ix, max(0, -iy), min(s.KH, s.InH-iy), max(0, -ix), min(s.KW, s.InW-ix)
}

// MaxPool computes the maximum over every window, and which tap it is, kh*KW + kw, in at. Of equal values the
// first counts, and NaN is larger than all numbers. at has the shape of y.
func (p *Pool) MaxPool(y, at, x Matrix, s *Pooling) {
	n := s.images("MaxPool", x, y)
	s.images("MaxPool", x, at)
	p.For(n*s.OutH, 1, func(lo, hi int) { s.maxRows(y, at, x, lo, hi) })
}

func (s *Pooling) maxRows(y, at, x Matrix, lo, hi int) {
	for r := lo; r < hi; r++ {
		img, oy := r/s.OutH, r%s.OutH
		for ox := range s.OutW {
			iy, ix, kh0, kh1, kw0, kw1 := s.window(oy, ox)
			best, tap := y.Row(r*s.OutW+ox), at.Row(r*s.OutW+ox)
			for kh := kh0; kh < kh1; kh++ {
				for kw := kw0; kw < kw1; kw++ {
					from := x.Row((img*s.InH+iy+kh)*s.InW + ix + kw)
					if kh == kh0 && kw == kw0 {
						copy(best, from)
						Fill(tap, float32(kh*s.KW+kw))
						continue
					}
					for j, v := range from {
						if !(v <= best[j]) && best[j] == best[j] {
							best[j], tap[j] = v, float32(kh*s.KW+kw)
						}
					}
				}
			}
		}
	}
}

// MaxPoolBack adds every gradient to the pixel that was the maximum, and zero to the others of the window.
func (p *Pool) MaxPoolBack(dx, dy, at Matrix, s *Pooling) {
	n := s.images("MaxPoolBack", dx, dy)
	s.images("MaxPoolBack", dx, at)
	p.For(n, 1, func(lo, hi int) {
		for r := lo * s.OutH; r < hi*s.OutH; r++ {
			img, oy := r/s.OutH, r%s.OutH
			for ox := range s.OutW {
				iy, ix, kh0, kh1, kw0, kw1 := s.window(oy, ox)
				g, tap := dy.Row(r*s.OutW+ox), at.Row(r*s.OutW+ox)
				for kh := kh0; kh < kh1; kh++ {
					for kw := kw0; kw < kw1; kw++ {
						to := dx.Row((img*s.InH+iy+kh)*s.InW + ix + kw)
						for j, v := range g {
							if tap[j] == float32(kh*s.KW+kw) {
								to[j] += v
							}
						}
					}
				}
			}
		}
	})
}

// AvgPool computes the mean over every window: the sum over the pixels on the image, in order, divided by
// their number, or by KH*KW with countPad.
func (p *Pool) AvgPool(y, x Matrix, s *Pooling, countPad bool) {
	n := s.images("AvgPool", x, y)
	p.For(n*s.OutH, 1, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			img, oy := r/s.OutH, r%s.OutH
			for ox := range s.OutW {
				iy, ix, kh0, kh1, kw0, kw1 := s.window(oy, ox)
				to := y.Row(r*s.OutW + ox)
				clear(to)
				for kh := kh0; kh < kh1; kh++ {
					for kw := kw0; kw < kw1; kw++ {
						Add(to, to, x.Row((img*s.InH+iy+kh)*s.InW+ix+kw))
					}
				}
				Scale(to, to, s.share(kh1-kh0, kw1-kw0, countPad))
			}
		}
	})
}

// share is one over the pixels that a mean counts.
func (s *Pooling) share(h, w int, countPad bool) float32 {
	if countPad {
		h, w = s.KH, s.KW
	}
	return 1 / float32(h*w)
}

// AvgPoolBack adds every gradient, divided as AvgPool does, to all pixels of its window.
func (p *Pool) AvgPoolBack(dx, dy Matrix, s *Pooling, countPad bool) {
	n := s.images("AvgPoolBack", dx, dy)
	p.For(n, 1, func(lo, hi int) {
		for r := lo * s.OutH; r < hi*s.OutH; r++ {
			img, oy := r/s.OutH, r%s.OutH
			for ox := range s.OutW {
				iy, ix, kh0, kh1, kw0, kw1 := s.window(oy, ox)
				share := s.share(kh1-kh0, kw1-kw0, countPad)
				for kh := kh0; kh < kh1; kh++ {
					for kw := kw0; kw < kw1; kw++ {
						Axpy(dx.Row((img*s.InH+iy+kh)*s.InW+ix+kw), share, dy.Row(r*s.OutW+ox))
					}
				}
			}
		}
	})
}
