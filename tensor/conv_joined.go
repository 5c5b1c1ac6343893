package tensor

// Few input channels would leave most of a tile empty. There the rows of the product are the taps of a row and
// their channels together, [KW*Cin x Cout], which are one stretch of an image with zeros around it. The other
// operand, dy, is read in place where its panels are whole.

// joinsTaps tells whether the gradient of the weights is computed so.
func (c *Conv) joinsTaps() bool { return c.Cin < fewChannels && c.Groups == 1 && c.DilationW == 1 }

// backJoined shares out dw += ..., or sets it, by panels of output channels and rows of taps.
func (p *Pool) backJoined(k convCall, dw []float32) {
	_, nr := active.shape()
	units := (k.c.Cout + nr - 1) / nr * k.c.KH
	job := call{do: doJoinedWeights, conv: k, dst: dw}
	job.share(p, units, k.c.Flops(k.n)/2/units)
}

// joinedUnits computes units [lo, hi): rows of taps of panels.
func joinedUnits(k *call, lo, hi int) {
	w := takeWeightScratch()
	defer w.give()
	w.convCall, w.dw = &k.conv, k.dst
	for kh := k.conv.c.KH; lo < hi; {
		n := min(kh-lo%kh, hi-lo)
		w.joined(lo/kh, lo%kh, lo%kh+n)
		lo += n
	}
}

// joined computes rows of taps [kh0, kh1) of a panel.
func (w *weightScratch) joined(panel, kh0, kh1 int) {
	_, nr := active.shape()
	c := w.c
	w.o0, w.o1 = panel*nr, min((panel+1)*nr, c.Cout)
	pitch := (c.InW + 2*c.PadW) * c.Cin
	w.x = sized(w.x, (c.InH+2*c.PadH)*pitch)
	clear(w.x)
	w.sums = sized(w.sums, (kh1-kh0)*c.KW*c.Cin*nr)
	rows := max(1, weightDepth/c.OutW)
	for w.at = 0; w.at < w.n; w.at++ {
		w.frame(w.convCall.x.Slice(w.at*c.InH*c.InW, (w.at+1)*c.InH*c.InW), pitch)
		dy := w.panelOf(w.o0)
		for y := 0; y < c.OutH; y += rows {
			for kh := kh0; kh < kh1; kh++ {
				w.joinedTap(dy, kh, kh-kh0, y, min(c.OutH, y+rows), pitch)
			}
		}
	}
	w.addJoined(kh0, kh1)
}

// frame copies an image into its frame of zeros.
func (w *weightScratch) frame(image Matrix, pitch int) {
	c := w.c
	for y := range c.InH {
		to := w.x[(y+c.PadH)*pitch+c.PadW*c.Cin:]
		if image.Stride == c.Cin {
			copy(to[:c.InW*c.Cin], image.Data[y*c.InW*c.Cin:])
			continue
		}
		for x := range c.InW {
			copy(to[x*c.Cin:][:c.Cin], image.Row(y*c.InW+x))
		}
	}
}

// panelOf is a panel of the image's rows of dy, which begins at channel o: in place if it is whole, else a copy.
func (w *weightScratch) panelOf(o int) Matrix {
	_, nr := active.shape()
	pixels := w.c.OutH * w.c.OutW
	dy := w.convCall.y.Slice(w.at*pixels, (w.at+1)*pixels)
	if w.o1-w.o0 == nr {
		return Matrix{Data: dy.Data[o:], Rows: pixels, Cols: nr, Stride: dy.Stride}
	}
	w.dy = sized(w.dy, pixels*nr)
	for i := range pixels {
		to := w.dy[i*nr : (i+1)*nr]
		copy(to, dy.Data[i*dy.Stride+o:][:w.o1-o])
		if w.at == 0 {
			clear(to[w.o1-o:])
		}
	}
	return Matrix{Data: w.dy, Rows: pixels, Cols: nr, Stride: nr}
}

// joinedTap adds rows [y0, y1) of outputs to the sums of a row of taps.
func (w *weightScratch) joinedTap(dy Matrix, kh, at, y0, y1, pitch int) {
	mr, nr := active.shape()
	c := w.c
	each := c.KW * c.Cin
	t := tile{k0: c.OutW, k1: y1 - y0, acs: c.StrideW * c.Cin, abs: c.StrideH * pitch, brs: dy.Stride,
		bbs: c.OutW * dy.Stride, ahead: mr * nr}
	t.stride(1, nr)
	if w.at == 0 && y0 == 0 {
		t.start = noBias
	}
	t.b = dy.Data[y0*c.OutW*dy.Stride:]
	for i := range tilesOf(each, mr) {
		lo, hi := span(each, tilesOf(each, mr), i)
		t.m = hi - lo
		t.a = w.x[(y0*c.StrideH+kh*c.DilationH)*pitch+lo:]
		t.c = w.sums[(at*each+lo)*nr:]
		t.run(active)
	}
}

// addJoined adds sums [tap, input channel, output channel] of rows of taps [kh0, kh1) to dw, or sets it.
func (w *weightScratch) addJoined(kh0, kh1 int) {
	_, nr := active.shape()
	c := w.c
	taps := c.KH * c.KW
	for i := range (kh1 - kh0) * c.KW * c.Cin {
		tap, ci := kh0*c.KW+i/c.Cin, i%c.Cin
		at := (w.o0*c.Cin+ci)*taps + tap
		for _, v := range w.sums[i*nr:][:w.o1-w.o0] {
			if w.fresh {
				w.dw[at] = v
			} else {
				w.dw[at] += v
			}
			at += c.Cin * taps
		}
	}
}
