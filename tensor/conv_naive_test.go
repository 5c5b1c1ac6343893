package tensor

// eachTap calls f for every output pixel and tap on the image, in order, with the rows of one image.
func (c *Conv) eachTap(f func(out, in, tap int)) {
	for out := range c.OutH * c.OutW {
		for tap := range c.KH * c.KW {
			iy := out/c.OutW*c.StrideH - c.PadH + tap/c.KW*c.DilationH
			ix := out%c.OutW*c.StrideW - c.PadW + tap%c.KW*c.DilationW
			if iy >= 0 && iy < c.InH && ix >= 0 && ix < c.InW {
				f(out, iy*c.InW+ix, tap)
			}
		}
	}
}

func naiveConv(c *Conv, y, x Matrix, w, bias []float32) {
	for i := range y.Rows {
		clear(y.Row(i))
		copy(y.Row(i), bias)
	}
	taps := c.KH * c.KW
	for img := range x.Rows / (c.InH * c.InW) {
		c.eachTap(func(out, in, tap int) {
			from, to := x.Row(img*c.InH*c.InW+in), y.Row(img*c.OutH*c.OutW+out)
			for co := range to {
				g := co / c.coutG * c.cinGroup
				for ci := range c.cinGroup {
					to[co] = FMA32(from[g+ci], w[(co*c.cinGroup+ci)*taps+tap], to[co])
				}
			}
		})
	}
}

func naiveConvBackData(c *Conv, dx, dy Matrix, w []float32) {
	taps := c.KH * c.KW
	for img := range dx.Rows / (c.InH * c.InW) {
		c.eachTap(func(out, in, tap int) {
			from, to := dy.Row(img*c.OutH*c.OutW+out), dx.Row(img*c.InH*c.InW+in)
			for i := range to {
				g, ci := i/c.cinGroup*c.coutG, i%c.cinGroup
				for co := g; co < g+c.coutG; co++ {
					to[i] = FMA32(from[co], w[(co*c.cinGroup+ci)*taps+tap], to[i])
				}
			}
		})
	}
}

// naiveConvBackWeights is the gradient of the weights, by the order that ConvBackWeights promises.
func naiveConvBackWeights(c *Conv, dw []float32, x, dy Matrix) {
	sums := make([]float32, len(dw))
	n := dy.Rows / (c.OutH * c.OutW)
	group := 1
	for group*c.OutH*c.OutW < 1024 {
		group++
	}
	if c.KH*c.KW == 1 && c.StrideH*c.StrideW == 1 && !c.isPadded() && c.Groups == 1 {
		copy(sums, dw)
		clear(dw)
		group = 1
	}
	depthwise := c.Groups > 1 && c.Groups == c.Cin && c.Groups == c.Cout
	joined := c.Cin < 16 && c.Groups == 1 && c.DilationW == 1
	if depthwise || joined {
		group = 1
	}
	zero := make([]float32, c.Cin)
	for first := 0; first < n; first += group {
		for out := range c.OutH * c.OutW {
			for img := first; img < min(n, first+group); img++ {
				g := dy.Row(img*c.OutH*c.OutW + out)
				for tap := range c.KH * c.KW {
					iy := out/c.OutW*c.StrideH - c.PadH + tap/c.KW*c.DilationH
					ix := out%c.OutW*c.StrideW - c.PadW + tap%c.KW*c.DilationW
					from := zero
					if iy >= 0 && iy < c.InH && ix >= 0 && ix < c.InW {
						from = x.Row((img*c.InH+iy)*c.InW + ix)
					} else if !joined {
						continue
					}
					for i := range c.Cout * c.cinGroup {
						co, ci := i/c.cinGroup, i%c.cinGroup
						at := i*c.KH*c.KW + tap
						sums[at] = FMA32(g[co], from[co/c.coutG*c.cinGroup+ci], sums[at])
					}
				}
			}
		}
	}
	Add(dw, dw, sums)
}
