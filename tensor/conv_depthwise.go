package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// A depthwise convolution multiplies every channel with weights of its own: there is no sum over channels for
// the tile, and about as much memory to move as there is to compute. It has a kernel for rows of pixels.

// fetchFrom is the values of a matrix of which rows are fetched ahead: less stay in cache.
const fetchFrom = 1 << 19

// rowsAhead is n rows of m from row on, which may lie beyond the end, as one stretch.
func (m Matrix) rowsAhead(row, n int) []float32 {
	if len(m.Data) < fetchFrom {
		return nil
	}
	lo := min(row*m.Stride, len(m.Data))
	return m.Data[lo:min(lo+n*m.Stride, len(m.Data))]
}

// packDepthwise packs [channels, taps] to [taps, channels], taps in the order of the route.
func packDepthwise(w *ConvPanels, weights []float32) {
	r, channels, taps := w.route(), w.conv.Cin, len(weights)/w.conv.Cin
	for kh, y := range r.y.place {
		for kw, x := range r.x.place {
			to := w.data[(y*r.kw+x)*channels:][:channels]
			from := weights[kh*r.kw+kw:]
			for i := range to {
				to[i] = from[i*taps]
			}
		}
	}
}

// depthwiseUnits computes rows [lo, hi) of outputs, or blocks of norm's and their sums.
func depthwiseUnits(k *call, lo, hi int) {
	g := &k.conv
	r, channels := g.w.route(), g.w.conv.Cin
	d := kernel.DepthwiseRow{WK0: channels, WK1: r.kw * channels, XK0: r.x.step * g.x.Stride, XK1: r.y.step * r.inW * g.x.Stride}
	if g.fresh {
		if d.Start = g.bias; d.Start == nil {
			d.Start = g.w.data[r.kh*r.kw*channels:] // zeros
		}
	}
	if k.norm.do == doNothing {
		for row := lo; row < hi; row++ {
			depthwiseRow(&d, g, row)
		}
		return
	}
	few := max(1, sumPixels/r.outW) * r.outW
	for i := lo; i < hi; i++ {
		p0, p1 := k.norm.span(i)
		for ; p0 < p1; p0 += few {
			end := min(p1, p0+few)
			for row := p0 / r.outW; row < end/r.outW; row++ {
				depthwiseRow(&d, g, row)
			}
			k.norm.part(i, p0, end, 0, channels)
		}
	}
}

// sumPixels is about the pixels after which they are summed up.
const sumPixels = 32

// depthwiseRow computes a row of outputs.
func depthwiseRow(d *kernel.DepthwiseRow, g *convCall, row int) {
	r, channels := g.w.route(), g.w.conv.Cin
	img, oy := row/r.outH, row%r.outH
	for i := range r.y.runs {
		y := &r.y.runs[i]
		q := oy - y.out
		if y.n > 1 {
			q /= y.outBy
		}
		if q < 0 || q >= y.n || y.out+q*y.outBy != oy {
			continue
		}
		in := (img*r.inH + y.in + q*y.inBy) * r.inW
		for j := range r.x.runs {
			x := &r.x.runs[j]
			d.N, d.K0, d.K1 = x.n, x.count, y.count
			d.YStep, d.XStep = x.outBy*g.y.Stride, x.inBy*g.x.Stride
			d.Y, d.X = g.y.Data[(row*r.outW+x.out)*g.y.Stride:], g.x.Data[(in+x.in)*g.x.Stride:]
			d.W = g.w.data[(y.tap*r.kw+x.tap)*channels:]
			d.Later = kernel.Later{}
			if 2*x.n*x.outBy >= r.outW {
				d.Later.Y = g.y.rowsAhead((row+1)*r.outW, r.outW)
				d.Later.X = g.x.rowsAhead(in+y.count*r.y.step*r.inW, max(1, y.inBy)*r.inW)
			}
			d.Run(channels)
			if g.rectifier != Identity {
				for p := range d.N {
					pixel := d.Y[p*d.YStep:][:channels]
					Rectify(pixel, pixel, g.rectifier)
				}
			}
		}
	}
}

// depthwiseWeightUnits adds the gradients of the weights of units [lo, hi) of depthwiseChannels channels.
func depthwiseWeightUnits(k *call, lo, hi int) {
	c := k.conv.c
	w := takeWeightScratch()
	defer w.give()
	j0, j1 := lo*kernel.DepthwiseChannels, min(hi*kernel.DepthwiseChannels, c.Cin)
	channels, taps := j1-j0, c.KH*c.KW
	w.sums = sized(w.sums, taps*channels)
	clear(w.sums)
	x, dy, r := k.conv.x, k.conv.y, c.forward
	d := kernel.DepthwiseWeights{SumTap: channels, SumRow: c.KW * channels, XTap: r.x.step * x.Stride, XRow: r.y.step * r.inW * x.Stride}
	large := min(len(x.Data), len(dy.Data)) >= fetchFrom
	for img := range k.conv.n {
		for i := range r.y.runs {
			for q := range r.y.runs[i].n {
				y := &r.y.runs[i]
				in, out := (img*r.inH+y.in+q*y.inBy)*r.inW, (img*r.outH+y.out+q*y.outBy)*r.outW
				for j := range r.x.runs {
					run := &r.x.runs[j]
					d.N, d.TapRows, d.DYStep, d.XStep = run.n, y.count, run.outBy*dy.Stride, run.inBy*x.Stride
					d.DY = dy.Data[(out+run.out)*dy.Stride+j0:]
					if d.AheadX, d.AheadY = 0, 0; large && run.n > 1 {
						d.AheadX, d.AheadY = max(1, y.inBy)*r.inW*x.Stride, r.outW*dy.Stride
					}
					for tap := 0; tap < run.count; tap += 3 {
						d.Taps = min(3, run.count-tap)
						d.X = x.Data[(in+run.in+tap*r.x.step)*x.Stride+j0:]
						d.Sums = w.sums[(y.tap*c.KW+run.tap+tap)*channels:]
						d.Run(channels)
					}
				}
			}
		}
	}
	w.addTaps(k.dst[j0*taps:j1*taps], w.sums, taps, channels, k.conv.fresh)
}
