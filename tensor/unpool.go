package tensor

// MaxUnpool puts every value of x where MaxPool found a maximum, by its taps at, and zero elsewhere: y has the shape
// of MaxPool's input, and x that of its output. Where windows overlap and several values belong to one pixel, the
// last one, in the order of the windows, is there.
func (p *Pool) MaxUnpool(y, x, at Matrix, s *Pooling) {
	n := s.images("MaxUnpool", y, x)
	s.images("MaxUnpool", y, at)
	job := call{do: doUnpool, unpool: unpoolCall{s: s, y: y, x: x, at: at}}
	job.share(p, n, poolingWork*s.InH*s.InW*y.Cols)
}

// MaxUnpoolBack adds to dx, or sets it to, the gradient of the pixel that each value belongs to: of a value that another
// has taken the place of too, as PyTorch does.
func (p *Pool) MaxUnpoolBack(dx, dy, at Matrix, s *Pooling, set bool) {
	n := s.images("MaxUnpoolBack", dy, dx)
	s.images("MaxUnpoolBack", dy, at)
	job := call{do: doUnpoolBack, unpool: unpoolCall{s: s, y: dy, x: dx, at: at, fresh: set}}
	job.share(p, n, poolingWork*s.OutH*s.OutW*dy.Cols)
}

// unpoolCall is the operands of MaxUnpool or of MaxUnpoolBack: there y is dy, and x is dx.
type unpoolCall struct {
	s        *Pooling
	y, x, at Matrix
	fresh    bool // dx is set
}

// unpoolImages computes images [lo, hi).
func unpoolImages(k *call, lo, hi int) {
	c := &k.unpool
	s := c.s
	for image := lo; image < hi; image++ {
		y := c.y.Slice(image*s.InH*s.InW, (image+1)*s.InH*s.InW)
		if k.do == doUnpool {
			y.set(nil)
		}
		for o := range s.OutH * s.OutW {
			x, at := c.x.Row(image*s.OutH*s.OutW+o), c.at.Row(image*s.OutH*s.OutW+o)
			iy, ix := o/s.OutW*s.StrideH-s.PadH, o%s.OutW*s.StrideW-s.PadW
			if k.do == doUnpool {
				for j, v := range x {
					*s.pixel(y, iy, ix, j, at[j]) = v
				}
				continue
			}
			for j := range x {
				if g := *s.pixel(y, iy, ix, j, at[j]); c.fresh {
					x[j] = g
				} else {
					x[j] += g
				}
			}
		}
	}
}

// pixel is channel j of the pixel under a tap of the window that begins at (iy, ix).
func (s *Pooling) pixel(image Matrix, iy, ix, j int, tap float32) *float32 {
	kh, kw := int(tap)/s.KW, int(tap)%s.KW
	return &image.Data[((iy+kh*s.DilationH)*s.InW+ix+kw*s.DilationW)*image.Stride+j]
}
