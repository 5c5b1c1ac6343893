package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Few input channels would leave most of a tile empty. There the rows of the product are all taps and their channels,
// [KH*KW*Cin x Cout]; those of one row of taps are one stretch of an image with zeros around it. The other operand,
// dy, is read in place where its panels are whole or a narrow tile takes what there is of one.

// joinsTaps tells whether the gradient of the weights is computed so.
func (c *Conv) joinsTaps() bool { return c.Cin < fewChannels && c.Groups == 1 && c.DilationW == 1 }

// joinedRows is how many rows the product has.
func (c *Conv) joinedRows() int { return c.KH * c.KW * c.Cin }

// joinedTile is the most rows of a tile of the panel that begins at output channel o.
func (c *Conv) joinedTile(o int) int {
	mr, nr := kernel.Active.Shape()
	if c.Cout-o < nr {
		return kernel.Active.EdgeRows(c.Cout-o, kernel.Plain)
	}
	return mr
}

// backJoined shares out dw += ..., or sets it, by panels of output channels and tiles of taps.
func (p *Pool) backJoined(k convCall, dw []float32) {
	job := call{do: doJoinedWeights, conv: k, dst: dw}
	units := k.c.joinedUnits()
	job.share(p, units, k.c.Flops(k.n)/2/units)
}

// joinedUnits is how many tiles there are in all panels.
func (c *Conv) joinedUnits() int {
	_, nr := kernel.Active.Shape()
	units := 0
	for o := 0; o < c.Cout; o += nr {
		units += tilesOf(c.joinedRows(), c.joinedTile(o))
	}
	return units
}

// joinedUnits computes units [lo, hi): tiles of panels.
func joinedUnits(k *call, lo, hi int) {
	_, nr := kernel.Active.Shape()
	w := takeWeightScratch()
	defer w.give()
	w.convCall, w.dw = &k.conv, k.dst
	c := k.conv.c
	for o := 0; o < c.Cout && hi > 0; o += nr {
		tiles := tilesOf(c.joinedRows(), c.joinedTile(o))
		if lo < tiles {
			w.o0, w.o1 = o, min(o+nr, c.Cout)
			w.joined(tiles, max(0, lo), min(hi, tiles))
		}
		lo, hi = lo-tiles, hi-tiles
	}
}

// joined computes tiles [lo, hi) of a panel's.
func (w *weightScratch) joined(tiles, lo, hi int) {
	_, nr := kernel.Active.Shape()
	c := w.c
	r0, _ := span(c.joinedRows(), tiles, lo)
	_, r1 := span(c.joinedRows(), tiles, hi-1)
	w.sums = sized(w.sums, (r1-r0)*nr)
	pitch := (c.InW + 2*c.PadW) * c.Cin
	w.places = w.places[:0]
	for r := r0; r < r1; r++ {
		kh := r / (c.KW * c.Cin)
		w.places = append(w.places, kh*c.DilationH*pitch+r-kh*c.KW*c.Cin)
	}
	framed := c.PadH+c.PadW > 0 || w.convCall.x.Stride != c.Cin
	if framed {
		w.x = sized(w.x, (c.InH+2*c.PadH)*pitch)
		clear(w.x)
	}
	rows := max(1, weightDepth/c.OutW)
	for w.at = 0; w.at < w.n; w.at++ {
		x := w.convCall.x.Slice(w.at*c.InH*c.InW, (w.at+1)*c.InH*c.InW)
		image := x.Data
		if framed {
			w.frame(x, pitch)
			image = w.x
		}
		dy := w.panelOf(w.o0)
		for y := 0; y < c.OutH; y += rows {
			w.joinedBlock(dy, image, tiles, lo, hi, y, min(c.OutH, y+rows), pitch)
		}
	}
	w.addJoined(r0, r1)
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

// panelOf is a panel of the image's rows of dy, which begins at channel o: in place if a tile takes it so, else a copy.
func (w *weightScratch) panelOf(o int) Matrix {
	_, nr := kernel.Active.Shape()
	pixels, width := w.c.OutH*w.c.OutW, w.o1-w.o0
	dy := w.convCall.y.Slice(w.at*pixels, (w.at+1)*pixels)
	if width == nr || width <= kernel.Active.Narrow(kernel.Plain) {
		return Matrix{Data: dy.Data[o:], Rows: pixels, Cols: width, Stride: dy.Stride}
	}
	w.dy = sized(w.dy, pixels*nr)
	for i := range pixels {
		to := w.dy[i*nr : (i+1)*nr]
		copy(to, dy.Data[i*dy.Stride+o:][:width])
		if w.at == 0 {
			clear(to[width:])
		}
	}
	return Matrix{Data: w.dy, Rows: pixels, Cols: nr, Stride: nr}
}

// joinedBlock adds rows [y0, y1) of outputs to the sums of tiles [lo, hi) of a panel's.
func (w *weightScratch) joinedBlock(dy Matrix, image []float32, tiles, lo, hi, y0, y1, pitch int) {
	_, nr := kernel.Active.Shape()
	c := w.c
	t := kernel.Tile{K0: c.OutW, K1: y1 - y0, AK0: c.StrideW * c.Cin, AK1: c.StrideH * pitch, BK0: dy.Stride,
		BK1: c.OutW * dy.Stride, AheadC: nr * kernel.MaxTileRows}
	t.EvenRows(0, nr)
	if w.at == 0 && y0 == 0 {
		t.Start = noBias
	}
	t.A, t.B = image[y0*c.StrideH*pitch:], dy.Data[y0*c.OutW*dy.Stride:]
	width, places, sums := w.o1-w.o0, w.places, w.sums
	for i := lo; i < hi; i++ {
		from, to := span(c.joinedRows(), tiles, i)
		t.Rows, t.C = to-from, sums
		copy(t.ARow[:], places[:t.Rows])
		if width < nr {
			t.RunEdge(kernel.Active, width)
		} else {
			t.Run(kernel.Active)
		}
		places, sums = places[t.Rows:], sums[t.Rows*nr:]
	}
}

// addJoined adds sums [tap, input channel, output channel] of rows [from, to) to dw, or sets it.
func (w *weightScratch) addJoined(from, to int) {
	_, nr := kernel.Active.Shape()
	c := w.c
	taps := c.KH * c.KW
	for i := from; i < to; i++ {
		at := (w.o0*c.Cin+i%c.Cin)*taps + i/c.Cin
		for _, v := range w.sums[(i-from)*nr:][:w.o1-w.o0] {
			if w.fresh {
				w.dw[at] = v
			} else {
				w.dw[at] += v
			}
			at += c.Cin * taps
		}
	}
}
