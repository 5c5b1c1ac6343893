package tensor

// A depthwise convolution multiplies every channel with weights of its own: there is no sum over channels for
// the tile, and about as much memory to move as there is to compute. It has a kernel for rows of pixels.

// depthwiseChannels is how many channels the assembly takes at a time.
const depthwiseChannels = 16

// fetchFrom is the values of a matrix of which rows are fetched ahead: less stay in cache.
const fetchFrom = 1 << 19

// later is rows that are needed soon, to be fetched meanwhile: several rows are read at a time, which is more than the
// hardware foresees.
type later struct{ x, y []float32 }

// rowsAhead is n rows of m from row on, which may lie beyond the end, as one stretch.
func (m Matrix) rowsAhead(row, n int) []float32 {
	if len(m.Data) < fetchFrom {
		return nil
	}
	lo := min(row*m.Stride, len(m.Data))
	return m.Data[lo:min(lo+n*m.Stride, len(m.Data))]
}

// depthwise is a row of n pixels. For channel j, below the number given to run:
//
//	y[i*ys + j] += sum over k1, k0 of x[i*xs + k0*xk0 + k1*xk1 + j] * w[k0*wk0 + k1*wk1 + j]
//
// Each element is one chain of fused multiply-adds over k1, and k0 within it, that starts from y or, where
// start is not nil, from start[j].
type depthwise struct {
	y, x, w, start []float32
	ys, xs         int
	xk0, xk1       int
	wk0, wk1       int
	k0, k1, n      int

	later        later // to be fetched meanwhile, so many cache lines of each for every few pixels of every group
	paceX, paceY int
	groups       int // of channels, for the assembly
}

// runGo computes channels [from, to).
func (d *depthwise) runGo(from, to int) {
	for i := range d.n {
		for j := from; j < to; j++ {
			sum := d.y[i*d.ys+j]
			if d.start != nil {
				sum = d.start[j]
			}
			for k1 := range d.k1 {
				for k0 := range d.k0 {
					sum = FMA32(d.x[i*d.xs+k0*d.xk0+k1*d.xk1+j], d.w[k0*d.wk0+k1*d.wk1+j], sum)
				}
			}
			d.y[i*d.ys+j] = sum
		}
	}
}

// depthwiseSums is the gradient of the weights of k1 rows of k taps, k at most 3, from a row of n pixels:
//
//	sums[t1*sk1 + t*sk + j] += sum over i of dy[i*dys + j] * x[i*xs + t1*xk1 + t*xk + j]
type depthwiseSums struct {
	sums, dy, x []float32
	dys, xs     int
	xk, sk      int
	xk1, sk1    int
	k, k1, n    int

	aheadX, aheadY int // from a pixel of x or dy to what will be needed soon; zero where that is in cache
	groups         int // of channels, for the assembly
}

// runGo computes channels [from, to).
func (d *depthwiseSums) runGo(from, to int) {
	for t1 := range d.k1 {
		for t := range d.k {
			for j := from; j < to; j++ {
				sum := d.sums[t1*d.sk1+t*d.sk+j]
				for i := range d.n {
					sum = FMA32(d.dy[i*d.dys+j], d.x[i*d.xs+t1*d.xk1+t*d.xk+j], sum)
				}
				d.sums[t1*d.sk1+t*d.sk+j] = sum
			}
		}
	}
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
	d := depthwise{wk0: channels, wk1: r.kw * channels, xk0: r.x.step * g.x.Stride, xk1: r.y.step * r.inW * g.x.Stride}
	if g.fresh {
		if d.start = g.bias; d.start == nil {
			d.start = g.w.data[r.kh*r.kw*channels:] // zeros
		}
	}
	if k.norm.do == doNothing {
		for row := lo; row < hi; row++ {
			d.row(g, row)
		}
		return
	}
	few := max(1, sumPixels/r.outW) * r.outW
	for i := lo; i < hi; i++ {
		p0, p1 := k.norm.span(i)
		for ; p0 < p1; p0 += few {
			end := min(p1, p0+few)
			for row := p0 / r.outW; row < end/r.outW; row++ {
				d.row(g, row)
			}
			k.norm.part(i, p0, end, 0, channels)
		}
	}
}

// sumPixels is about the pixels after which they are summed up.
const sumPixels = 32

// row computes a row of outputs.
func (d *depthwise) row(g *convCall, row int) {
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
			d.n, d.k0, d.k1 = x.n, x.count, y.count
			d.ys, d.xs = x.outBy*g.y.Stride, x.inBy*g.x.Stride
			d.y, d.x = g.y.Data[(row*r.outW+x.out)*g.y.Stride:], g.x.Data[(in+x.in)*g.x.Stride:]
			d.w = g.w.data[(y.tap*r.kw+x.tap)*channels:]
			d.later = later{}
			if 2*x.n*x.outBy >= r.outW {
				d.later.y = g.y.rowsAhead((row+1)*r.outW, r.outW)
				d.later.x = g.x.rowsAhead(in+y.count*r.y.step*r.inW, max(1, y.inBy)*r.inW)
			}
			d.compute(channels, g.rectifier)
		}
	}
}

// compute computes a row of pixels of all channels.
func (d *depthwise) compute(channels int, r Rectifier) {
	done := 0
	if d.k0 > 0 && d.k1 > 0 {
		done = d.run(channels)
	}
	d.runGo(done, channels)
	if r != Identity {
		for i := range d.n {
			row := d.y[i*d.ys:][:channels]
			Rectify(row, row, r)
		}
	}
}

// depthwiseWeightUnits adds the gradients of the weights of units [lo, hi) of depthwiseChannels channels.
func depthwiseWeightUnits(k *call, lo, hi int) {
	c := k.conv.c
	w := takeWeightScratch()
	defer w.give()
	j0, j1 := lo*depthwiseChannels, min(hi*depthwiseChannels, c.Cin)
	channels, taps := j1-j0, c.KH*c.KW
	w.sums = sized(w.sums, taps*channels)
	clear(w.sums)
	x, dy, r := k.conv.x, k.conv.y, c.forward
	d := depthwiseSums{sk: channels, sk1: c.KW * channels, xk: r.x.step * x.Stride, xk1: r.y.step * r.inW * x.Stride}
	large := min(len(x.Data), len(dy.Data)) >= fetchFrom
	for img := range k.conv.n {
		for i := range r.y.runs {
			for q := range r.y.runs[i].n {
				y := &r.y.runs[i]
				in, out := (img*r.inH+y.in+q*y.inBy)*r.inW, (img*r.outH+y.out+q*y.outBy)*r.outW
				for j := range r.x.runs {
					run := &r.x.runs[j]
					d.n, d.k1, d.dys, d.xs = run.n, y.count, run.outBy*dy.Stride, run.inBy*x.Stride
					d.dy = dy.Data[(out+run.out)*dy.Stride+j0:]
					if d.aheadX, d.aheadY = 0, 0; large && run.n > 1 {
						d.aheadX, d.aheadY = max(1, y.inBy)*r.inW*x.Stride, r.outW*dy.Stride
					}
					for tap := 0; tap < run.count; tap += 3 {
						d.k = min(3, run.count-tap)
						d.x = x.Data[(in+run.in+tap*r.x.step)*x.Stride+j0:]
						d.sums = w.sums[(y.tap*c.KW+run.tap+tap)*channels:]
						d.runGo(d.run(channels), channels)
					}
				}
			}
		}
	}
	w.addTaps(k.dst[j0*taps:j1*taps], w.sums, taps, channels, k.conv.fresh)
}
