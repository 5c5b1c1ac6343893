package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// A depthwise convolution multiplies every channel with taps of its own:
//
//	y[pixel, channel] += sum over taps of x[pixel at tap, channel] * w[tap, channel]
//
// It has no sum over channels, so a tile would be no use: a kernel of its own goes along rows of pixels. About as much
// memory is moved as there is to compute.

// fetchFrom is the size of a matrix, in values, from which on its next rows are fetched ahead: smaller ones stay in cache.
const fetchFrom = 1 << 19

// rowsAhead is n rows of m from row on, as far as there are any, as one stretch; or nil if m is small.
func (m Matrix) rowsAhead(row, n int) []float32 {
	if len(m.Data) < fetchFrom {
		return nil
	}
	lo := min(row*m.Stride, len(m.Data))
	return m.Data[lo:min(lo+n*m.Stride, len(m.Data))]
}

// packDepthwise packs weights [channel, tap] as [tap, channel], the taps in the order of the route.
func packDepthwise(w *ConvPanels, weights []float32) {
	r, channels, taps := w.route(), w.conv.Cin, len(weights)/w.conv.Cin
	for kh, y := range r.y.slot {
		for kw, x := range r.x.slot {
			to := w.data[(y*r.kw+x)*channels:][:channels]
			from := weights[kh*r.kw+kw:]
			for i := range to {
				to[i] = from[i*taps]
			}
		}
	}
}

// convByChannels shares out rows of outputs. It forms the sums of norm on the way, and tells so, if the blocks of norm can
// be shared out evenly and are whole rows: then these blocks are shared out.
func (p *Pool) convByChannels(k convCall, norm normCall) (summed bool) {
	r := k.w.route()
	job := call{do: doConvByChannels, conv: k}
	units := k.n * r.outH
	summed = norm.do != doNothing && norm.even(p.Size()) && norm.block%r.outW == 0 && norm.rows%r.outW == 0
	if summed {
		job.norm, units = norm, norm.blocks()
	}
	job.share(p, units, r.cost(k.n)/units*r.groups)
	return summed
}

// sumPixels is about the number of pixels after which the sums of norm are formed of them.
const sumPixels = 32

// runByChannels computes rows [lo, hi) of outputs, or blocks [lo, hi) of norm and their sums.
func runByChannels(k *call, lo, hi int) {
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
			k.norm.rowsOf(i, p0, end, 0, channels)
		}
	}
}

// depthwiseRow computes a row of outputs, counted over all images: run by run, the pixels that meet the same taps.
func depthwiseRow(d *kernel.DepthwiseRow, g *convCall, row int) {
	r, channels := g.w.route(), g.w.conv.Cin
	img, oy := row/r.outH, row%r.outH
	for i := range r.y.runs {
		y := &r.y.runs[i]
		q, ok := y.find(oy)
		if !ok {
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

// weightsViaDepthwise shares out dw by channels, so many as the assembly takes at a time.
func (p *Pool) weightsViaDepthwise(k gradientCall) {
	job := call{do: doWeightsViaDepthwise, gradient: k}
	units := (k.c.Cin + kernel.DepthwiseChannels - 1) / kernel.DepthwiseChannels
	job.share(p, units, k.c.Flops(k.n)/units)
}

// runViaDepthwise computes units [lo, hi) of DepthwiseChannels channels.
func runViaDepthwise(k *call, lo, hi int) {
	g, s := &k.gradient, takeImageScratch()
	defer s.release()
	c, x, dy, r := g.c, g.x, g.dy, g.c.forward
	j0, j1 := lo*kernel.DepthwiseChannels, min(hi*kernel.DepthwiseChannels, c.Cin)
	channels, taps := j1-j0, c.KH*c.KW
	s.sums = sized(s.sums, taps*channels) // [tap, channel]
	clear(s.sums)
	d := kernel.DepthwiseWeights{SumTap: channels, SumRow: c.KW * channels, XTap: r.x.step * x.Stride, XRow: r.y.step * r.inW * x.Stride}
	large := min(len(x.Data), len(dy.Data)) >= fetchFrom
	for img := range g.n {
		for i := range r.y.runs {
			y := &r.y.runs[i]
			for q := range y.n {
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
						d.Sums = s.sums[(y.tap*c.KW+run.tap+tap)*channels:]
						d.Run(channels)
					}
				}
			}
		}
	}
	s.addTaps(g.dw[j0*taps:j1*taps], s.sums, taps, channels, g.set)
}
