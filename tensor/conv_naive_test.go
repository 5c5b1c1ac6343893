package tensor

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
