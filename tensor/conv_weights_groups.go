package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// The gradient of the weights where there are many groups of few channels (conv_groups.go): with pixels as [channel of the
// group, group],
//
//	dw[o, tap, i] [group]  +=  sum over pixels of dy [o, group] * x at the tap [i, group]
//
// Both operands are turned about, a group of images at a time, and for so many groups of channels as the assembly takes.
// Their pixels are numbered as on the path viaPacked, whose order this is.

// weightsViaGroups shares out dw by groups of channels, so many as the assembly takes at a time.
func (p *Pool) weightsViaGroups(k gradientCall) {
	job := call{do: doWeightsViaGroups, gradient: k}
	units := k.c.Groups / kernel.DepthwiseChannels
	job.share(p, units, k.c.Flops(k.n)/units)
}

// groupsGradient computes the gradient of DepthwiseChannels groups from the first on.
type groupsGradient struct {
	*gradientCall
	s      *imageScratch
	first  int
	images int // that are packed together
	d      kernel.DepthwiseWeights
}

// runViaGroups computes units [lo, hi).
func runViaGroups(k *call, lo, hi int) {
	s := takeImageScratch()
	defer s.release()
	c := k.gradient.c
	const side = kernel.DepthwiseChannels
	most := min(k.gradient.n, c.imageGroup())
	s.x, s.dy = sized(s.x, c.InH*c.InW*most*c.cinGroup*side), sized(s.dy, c.OutH*c.OutW*most*c.coutG*side)
	s.sums = sized(s.sums, c.coutG*c.KH*c.KW*c.cinGroup*side) // [o, tap, i, group]
	for unit := lo; unit < hi; unit++ {
		g := groupsGradient{gradientCall: &k.gradient, s: s, first: unit * side}
		clear(s.sums)
		for at := 0; at < g.n; at += most {
			g.images = min(most, g.n-at)
			g.pack(at)
			for y := range c.OutH {
				g.row(y)
			}
		}
		g.add()
	}
}

// pack turns about the group of images that begins with image at. Pixels of x are packed in the order of weightTap.
func (g *groupsGradient) pack(at int) {
	const side = kernel.DepthwiseChannels
	c, n := g.c, g.images
	in, out := c.cinGroup*side, c.coutG*side
	for y := range c.InH {
		down, above := phaseOf(y%c.StrideH, c.InH, c.StrideH)
		for x := range c.InW {
			across, before := phaseOf(x%c.StrideW, c.InW, c.StrideW)
			pixel := above*c.InW + before*down + y/c.StrideH*across + x/c.StrideW
			for i := range n {
				row := g.x.Row(((at+i)*c.InH+y)*c.InW + x)
				turn(g.s.x[(pixel*n+i)*in:][:in], row[g.first*c.cinGroup:][:in], side, c.cinGroup)
			}
		}
	}
	for p := range c.OutH * c.OutW {
		for i := range n {
			row := g.dy.Row((at+i)*c.OutH*c.OutW + p)
			turn(g.s.dy[(p*n+i)*out:][:out], row[g.first*c.coutG:][:out], side, c.coutG)
		}
	}
}

// row adds row y of the outputs to all sums.
func (g *groupsGradient) row(y int) {
	const side = kernel.DepthwiseChannels
	c, d, n := g.c, &g.d, g.images
	in, out := c.cinGroup*side, c.coutG*side
	d.DYStep, d.XStep, d.XTap, d.SumTap = out, in, side, side
	for d.Taps = 3; c.cinGroup%d.Taps != 0; { // input channels, as rows of taps
		d.Taps--
	}
	d.TapRows, d.XRow, d.SumRow = c.cinGroup/d.Taps, d.Taps*side, d.Taps*side
	for kh := range c.KH {
		for kw := range c.KW {
			t := c.weightTap(kh, kw)
			if y < t.y0 || y >= t.y1 || t.x0 >= t.x1 {
				continue
			}
			d.N = (t.x1 - t.x0) * n
			d.X = g.s.x[(t.first+(y-t.y0)*t.pitch)*n*in:]
			for o := range c.coutG {
				d.DY = g.s.dy[(y*c.OutW+t.x0)*n*out+o*side:]
				d.Sums = g.s.sums[((o*c.KH+kh)*c.KW+kw)*in:]
				d.Run(side)
			}
		}
	}
}

// add adds the sums to dw [group, o, i, tap], or sets it.
func (g *groupsGradient) add() {
	const side = kernel.DepthwiseChannels
	c, taps := g.c, g.c.KH*g.c.KW
	sums := g.s.sums
	for o := range c.coutG {
		for tap := range taps {
			for i := range c.cinGroup {
				for group, v := range sums[:side] {
					to := &g.dw[(((g.first+group)*c.coutG+o)*c.cinGroup+i)*taps+tap]
					if g.set {
						*to = v
					} else {
						*to += v
					}
				}
				sums = sums[side:]
			}
		}
	}
}
