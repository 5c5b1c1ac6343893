package tensor

// The convolution by its definition.

// input is the pixel of x that tap k of output o reads along one axis, and whether it is on the image.
func tapInput(o, k, stride, pad, dilation, size int) (int, bool) {
	i := o*stride - pad + k*dilation
	return i, i >= 0 && i < size
}

// eachTap calls f for every output pixel and tap on the image, in order, with the rows of one image.
func (c *Conv) eachTap(f func(out, in, tap int)) {
	for oy := range c.OutH {
		for ox := range c.OutW {
			for kh := range c.KH {
				for kw := range c.KW {
					iy, oky := tapInput(oy, kh, c.StrideH, c.PadH, c.DilationH, c.InH)
					ix, okx := tapInput(ox, kw, c.StrideW, c.PadW, c.DilationW, c.InW)
					if oky && okx {
						f(oy*c.OutW+ox, iy*c.InW+ix, kh*c.KW+kw)
					}
				}
			}
		}
	}
}

func plainConvBackWeights(c *Conv, dw []float32, x, dy Matrix, n int) {
	taps := c.KH * c.KW
	sums := make([]float32, len(dw))
	for img := range n {
		c.eachTap(func(out, in, tap int) {
			a, b := dy.Row(img*c.OutH*c.OutW+out), x.Row(img*c.InH*c.InW+in)
			for co, v := range a {
				g := co / c.coutG * c.cinGroup
				for ci := range c.cinGroup {
					at := (co*c.cinGroup+ci)*taps + tap
					sums[at] = FMA32(v, b[g+ci], sums[at])
				}
			}
		})
	}
	Add(dw, dw, sums)
}
