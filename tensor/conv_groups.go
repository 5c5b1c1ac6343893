package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// A convolution of many groups with few channels each: one group's [Cin, Cout] would leave most of a tile empty. The groups
// are what is computed side by side. With pixels as [channel of the group, group] instead of [group, channel of the group],
//
//	y [o, group]  +=  sum over taps and i of x at the tap [i, group] * w[o, tap, i] [group]
//
// so that each output channel of all groups is a depthwise convolution over the groups, which has as taps the taps and the
// input channels. Inputs are turned about row by row, outputs once a row of them is complete. Every chain adds in the same
// order as on the usual path.

// packGroups packs weights as [o, tap, i, group], the taps in the order of the route.
func packGroups(w *ConvPanels, weights []float32) {
	r, taps := w.route(), w.conv.KH*w.conv.KW
	for kh, y := range r.y.slot {
		for kw, x := range r.x.slot {
			for o := range r.cout {
				for i := range r.cin {
					to := w.data[((o*taps+y*r.kw+x)*r.cin+i)*r.groups:][:r.groups]
					from, step := ((o*r.cin+i)*taps)+kh*r.kw+kw, r.cout*r.cin*taps
					if w.backward { // weights are [Cout, Cin] of the convolution: our inputs are its outputs
						from = ((i*r.cout + o) * taps) + kh*r.kw + kw
					}
					for g := range to {
						to[g] = weights[from+g*step]
					}
				}
			}
		}
	}
}

// convByGroups shares out rows of outputs.
func (p *Pool) convByGroups(k convCall) {
	r := k.w.route()
	job := call{do: doConvByGroups, conv: k}
	units := k.n * r.outH
	job.share(p, units, r.cost(k.n)/units*r.groups*r.cin*r.cout)
}

// grouper computes rows of outputs. It uses these buffers of s:
//
//	x     rows of inputs [row, pixel, i, group]
//	sums  the row of outputs under way [pixel, o, group]
//	line  what chains start from [o, group]
type grouper struct {
	*convCall
	r   *route
	s   *imageScratch
	d   kernel.DepthwiseRow
	row int // the first row of inputs in s.x
}

// runByGroups computes rows [lo, hi) of outputs, counted over all images.
func runByGroups(k *call, lo, hi int) {
	s := takeImageScratch()
	defer s.release()
	g := grouper{convCall: &k.conv, r: k.conv.w.route(), s: s}
	r := g.r
	out := r.cout * r.groups
	s.sums, s.line = sized(s.sums, r.outW*out), sized(s.line, out)
	clear(s.line)
	if g.bias != nil {
		turn(s.line, g.bias, r.groups, r.cout)
	}
	for lo < hi {
		end := min(hi, (lo/r.outH+1)*r.outH)
		g.image(lo/r.outH, lo%r.outH, lo%r.outH+end-lo)
		lo = end
	}
}

// image computes rows [y0, y1) of an image of outputs.
func (g *grouper) image(image, y0, y1 int) {
	r := g.r
	in, out := r.cin*r.groups, r.cout*r.groups
	first, end := r.inputRows(y0, y1)
	g.row = first
	g.s.x = sized(g.s.x, (end-first)*r.inW*in)
	for p := range (end - first) * r.inW {
		turn(g.s.x[p*in:][:in], g.x.Row((image*r.inH+first)*r.inW+p), r.groups, r.cin)
	}
	for y := y0; y < y1; y++ {
		at := (image*r.outH + y) * r.outW
		if !g.fresh {
			for p := range r.outW {
				turn(g.s.sums[p*out:][:out], g.y.Row(at+p), r.groups, r.cout)
			}
		}
		g.outputs(y)
		for p := range r.outW {
			pixel := g.y.Row(at + p)
			turn(pixel, g.s.sums[p*out:][:out], r.cout, r.groups)
			if g.rectifier != Identity {
				Rectify(pixel, pixel, g.rectifier)
			}
		}
	}
}

// inputRows returns the rows [first, end) of inputs that rows [y0, y1) of outputs meet.
func (r *route) inputRows(y0, y1 int) (first, end int) {
	first = r.inH
	for i := range r.y.runs {
		run := &r.y.runs[i]
		for y := y0; y < y1 && run.count > 0; y++ {
			if q, ok := run.find(y); ok {
				in := run.in + q*run.inBy
				first, end = min(first, in), max(end, in+(run.count-1)*r.y.step+1)
			}
		}
	}
	return min(first, end), end
}

// pixelsAtOnce is how many pixels are computed for all output channels in turn, with their inputs in L1.
const pixelsAtOnce = 8

// outputs computes row y of the outputs.
func (g *grouper) outputs(y int) {
	r := g.r
	for i := range r.y.runs {
		ys := &r.y.runs[i]
		q, ok := ys.find(y)
		if !ok {
			continue
		}
		in := (ys.in + q*ys.inBy - g.row) * r.inW
		for j := range r.x.runs {
			part := r.x.runs[j]
			for left := part.n; left > 0; left -= pixelsAtOnce {
				part.n = min(left, pixelsAtOnce)
				for o := range r.cout {
					g.pixels(ys, &part, in, o)
				}
				part.out += pixelsAtOnce * part.outBy
				part.in += pixelsAtOnce * part.inBy
			}
		}
	}
}

// pixels computes channel o, in all groups, of the outputs of a row that meet the same taps. in is the first pixel of the
// first row of inputs, in s.x.
func (g *grouper) pixels(ys, xs *tapRun, in, o int) {
	r, d := g.r, &g.d
	each := r.cin * r.groups
	d.N, d.YStep, d.XStep = xs.n, xs.outBy*r.cout*r.groups, xs.inBy*each
	d.Y, d.Start = g.s.sums[(xs.out*r.cout+o)*r.groups:], nil
	if g.fresh {
		d.Start = g.s.line[o*r.groups:]
	}
	if ys.count*xs.count == 0 {
		d.K0, d.K1, d.X, d.W = 0, 0, nil, nil
		d.Run(r.groups)
		return
	}
	d.XK0, d.WK0 = r.groups, r.groups
	weights := g.w.data[((o*r.kh+ys.tap)*r.kw+xs.tap)*each:]
	if r.x.step == 1 { // the inputs of a row of taps are one stretch
		d.K0, d.K1, d.XK1, d.WK1 = xs.count*r.cin, ys.count, r.y.step*r.inW*each, r.kw*each
		d.X, d.W = g.s.x[(in+xs.in)*each:], weights
		d.Run(r.groups)
		return
	}
	d.K0, d.K1, d.XK1, d.WK1 = r.cin, xs.count, r.x.step*each, each
	for k := range ys.count {
		d.X, d.W = g.s.x[(in+k*r.y.step*r.inW+xs.in)*each:], weights[k*r.kw*each:]
		d.Run(r.groups)
		d.Start = nil
	}
}

// turn computes dst[c*rows + r] = src[r*cols + c] for r < rows, c < cols: it transposes a few values.
func turn(dst, src []float32, rows, cols int) {
	dst, src = dst[:rows*cols], src[:rows*cols]
	switch {
	case rows >= 8 && cols >= 8:
		kernel.Transpose(dst, src, rows, cols, rows, cols)
	case cols == 4:
		d0, d1, d2, d3 := dst[:rows], dst[rows:][:rows], dst[2*rows:][:rows], dst[3*rows:][:rows]
		for r := range d0 {
			v := (*[4]float32)(src[4*r:])
			d0[r], d1[r], d2[r], d3[r] = v[0], v[1], v[2], v[3]
		}
	case rows == 4:
		s0, s1, s2, s3 := src[:cols], src[cols:][:cols], src[2*cols:][:cols], src[3*cols:][:cols]
		for c := range s0 {
			*(*[4]float32)(dst[4*c:]) = [4]float32{s0[c], s1[c], s2[c], s3[c]}
		}
	case cols < rows:
		for c := range cols {
			at := c
			for r := range dst[c*rows:][:rows] {
				dst[c*rows+r] = src[at]
				at += cols
			}
		}
	default:
		for r := range rows {
			at := r
			for _, v := range src[r*cols:][:cols] {
				dst[at] = v
				at += rows
			}
		}
	}
}
