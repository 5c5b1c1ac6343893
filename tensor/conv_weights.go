package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// The gradient of the weights is a transposed product for every tap: dY, [Cout x pixels], times those pixels
// of x that the tap met. Both are packed, a few images at a time, so that whatever the tap, its pixels follow
// one another at an even pace: all images of a group at one pixel, then the next pixel.

const (
	groupPixels = 1024 // output pixels of a group of images, at least: fixed for good, since bits depend on it
	weightDepth = 256  // output pixels multiplied at a time: so much of a panel is half of L1 (in AVX2)
	weightRows  = 240  // output channels at a time: of these, that depth is half of L2; a multiple of all tiles' rows
	fewChannels = 16   // fewer input channels than this make one of the taps of a row: fixed for good as well
)

// imageGroup is how many images of a lane take turns within one pixel.
func (c *Conv) imageGroup() int {
	pixels := c.OutH * c.OutW
	return (groupPixels + pixels - 1) / pixels
}

// backWeights shares out dw += ... by panels of input channels or by tiles of output channels.
func (p *Pool) backWeights(k convCall, dw []float32) {
	mr, nr := kernel.Active.Shape()
	panels, tiles := (k.c.cinGroup+nr-1)/nr, tilesOf(k.c.coutG, mr)
	job := call{do: doConvWeights, conv: k, dst: dw}
	units := k.c.Groups * tiles
	if job.byCols = k.c.Groups == 1 && columnsFirst(p.Size(), k.c.coutG, mr, panels); job.byCols {
		units = panels
	}
	job.share(p, units, k.c.Flops(k.n)/2/units)
}

// weightUnits computes panels [lo, hi), or tiles [lo, hi) counted over all groups of channels.
func weightUnits(k *call, lo, hi int) {
	mr, nr := kernel.Active.Shape()
	c := k.conv.c
	w := takeWeightScratch()
	defer w.give()
	w.convCall, w.dw = &k.conv, k.dst
	if k.byCols {
		w.region(0, 0, c.coutG, lo*nr, min(hi*nr, c.cinGroup))
		return
	}
	tiles := tilesOf(c.coutG, mr)
	for lo < hi {
		g, first := lo/tiles, lo%tiles
		n := min(tiles-first, hi-lo)
		w.region(g, first*mr, min((first+n)*mr, c.coutG), 0, c.cinGroup)
		lo += n
	}
}

// region computes output channels [o0, o1) of a group for its input channels [i0, i1).
func (w *weightScratch) region(group, o0, o1, i0, i1 int) {
	w.layout(group, o0, o1, i0, i1)
	for at := 0; at < w.n; at += w.c.imageGroup() {
		w.at, w.images = at, min(w.c.imageGroup(), w.n-at)
		w.pack()
		for o := o0; o < o1; o += weightRows {
			w.multiply(o-o0, min(o1, o+weightRows)-o0, at == 0)
		}
	}
	w.add()
}

// multiply adds the packed images to sums of output channels [o, end), a band of rows of pixels at a time.
func (w *weightScratch) multiply(o, end int, fresh bool) {
	c := w.c
	rows := max(1, weightDepth/(c.OutW*w.images))
	for y := 0; y < c.OutH; y += rows {
		for panel := range w.panels {
			for i := range w.taps {
				w.tap(&w.taps[i], panel, o, end, y, min(c.OutH, y+rows), fresh)
			}
		}
	}
}

// tap adds pixels of rows [y0, y1) to one tap's sums.
func (w *weightScratch) tap(at *weightTap, panel, o, end, y0, y1 int, fresh bool) {
	mr, nr := kernel.Active.Shape()
	c := w.c
	y0, y1 = max(y0, at.y0), min(y1, at.y1)
	if y0 >= y1 || at.x0 >= at.x1 {
		return
	}
	t := kernel.Tile{K0: (at.x1 - at.x0) * w.images, K1: y1 - y0, AK0: mr, BK0: nr, AheadC: mr * w.stride}
	t.AK1, t.BK1 = c.OutW*w.images*mr, at.pitch*w.images*nr
	t.EvenRows(1, w.stride)
	t.B = w.x[panel*w.xStep+(at.first+(y0-at.y0)*at.pitch)*w.images*nr:]
	if fresh && y0 == at.y0 {
		t.Start = noBias
	}
	from := (y0*c.OutW + at.x0) * w.images * mr
	for i := o; i < end; i += mr {
		t.Rows = min(mr, end-i)
		t.A = w.dy[i/mr*w.dyStep+from:]
		t.C = w.sums[i*w.stride+at.column+panel*nr:]
		t.Run(kernel.Active)
	}
}

// add adds the sums, whose channels are together, to dw, where the taps are.
func (w *weightScratch) add() {
	c := w.c
	taps := c.KH * c.KW
	step := w.stride / taps
	for o := range w.o1 - w.o0 {
		sums := w.sums[o*w.stride : (o+1)*w.stride]
		at := ((w.group*c.coutG+w.o0+o)*c.cinGroup + w.i0) * taps
		w.addTaps(w.dw[at:][:(w.i1-w.i0)*taps], sums, taps, step, w.fresh)
	}
}

// addTaps computes dw[i*taps + t] += sums[t*step + i], or sets it.
func (w *weightScratch) addTaps(dw, sums []float32, taps, step int, set bool) {
	if set {
		kernel.Transpose(dw, sums, taps, step, taps, len(dw)/taps)
		return
	}
	w.line = sized(w.line, len(dw))
	kernel.Transpose(w.line, sums, taps, step, taps, len(dw)/taps)
	kernel.Add(dw, dw, w.line[:len(dw)])
}
