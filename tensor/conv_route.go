package tensor

// A convolution reads its input in place. Outputs are sorted by the taps that fall on the image: all pixels
// with the same taps, of any rows and any images, can share a tile, whose rows are addressed by a table. So
// there is no halo of zeros and no multiplication by one.
//
// Backward is the same walk the other way: the pixels of dx are the outputs, those of dy the inputs. With a
// stride the pixels fall into phases, each of which meets taps of its own.

// tapRun is outputs along one axis that meet the same taps, evenly apart.
type tapRun struct {
	tap, count  int // first tap, in packed order, and their number
	n           int // outputs
	out, in     int // the first output, and the input under its first tap
	outBy, inBy int // from one to the next
}

// axis is one dimension of a convolution in one direction.
type axis struct {
	place []int // of every tap in packed order
	step  int   // inputs from one tap to the next
	runs  []tapRun
}

// add puts output o, which meets count taps from tap on, the first of them at input in.
func (a *axis) add(o, in, tap, count int) {
	for i := range a.runs {
		r := &a.runs[i]
		if r.tap != tap || r.count != count {
			continue
		}
		if r.n == 1 {
			r.outBy, r.inBy = o-r.out, in-r.in
		}
		if o == r.out+r.n*r.outBy && in == r.in+r.n*r.inBy {
			r.n++
			return
		}
	}
	a.runs = append(a.runs, tapRun{tap: tap, count: count, n: 1, out: o, in: in})
}

// forwardAxis goes from outputs to inputs.
func forwardAxis(in, out, taps, stride, pad, dilation int) axis {
	a := axis{step: dilation, place: make([]int, taps)}
	for k := range taps {
		a.place[k] = k
	}
	for o := range out {
		first, n, at := 0, 0, 0
		for k := range taps {
			if i := o*stride - pad + k*dilation; i >= 0 && i < in {
				if n == 0 {
					first, at = k, i
				}
				n++
			}
		}
		a.add(o, at, first, n)
	}
	return a
}

// backwardAxis goes from pixels of dx to those pixels of dy that have read them, in order: taps run down.
// Pixels stride apart meet the same taps, which are packed side by side.
func backwardAxis(in, out, taps, stride, pad, dilation int) axis {
	common := gcd(stride, dilation)
	apart := stride / common // of the taps that one pixel meets
	a := axis{step: dilation / common, place: make([]int, taps)}
	at := 0
	for phase := range min(apart, taps) {
		for k := taps - 1; k >= 0; k-- {
			if k%apart == phase {
				a.place[k] = at
				at++
			}
		}
	}
	for i := range in {
		first, n, o := 0, 0, 0
		for k := taps - 1; k >= 0; k-- {
			from := i + pad - k*dilation
			if from >= 0 && from%stride == 0 && from/stride < out {
				if n == 0 {
					first, o = a.place[k], from/stride
				}
				n++
			}
		}
		a.add(i, o, first, n)
	}
	return a
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// route is a convolution in one direction: outputs are what is written.
type route struct {
	y, x       axis
	inH, inW   int
	outH, outW int
	cin, cout  int // channels of one group
	groups     int
	kh, kw     int
	classes    []class
	pointwise  bool // every output meets the one input pixel in its place
	patches    patchwork
	inOrder    bool // taps are packed in order, or in the opposite one
}

// class is the outputs that meet the same taps in both dimensions.
type class struct{ y, x *tapRun }

// pixels is the number of outputs in one image.
func (c class) pixels() int { return c.y.n * c.x.n }

// taps is the number of taps on the image.
func (c class) taps() int { return c.y.count * c.x.count }

func (c *Conv) forwardRoute() *route {
	r := &route{
		y:   forwardAxis(c.InH, c.OutH, c.KH, c.StrideH, c.PadH, c.DilationH),
		x:   forwardAxis(c.InW, c.OutW, c.KW, c.StrideW, c.PadW, c.DilationW),
		inH: c.InH, inW: c.InW, outH: c.OutH, outW: c.OutW, cin: c.cinGroup, cout: c.coutG,
	}
	return r.finish(c, c.PadH, c.PadW)
}

func (c *Conv) backwardRoute() *route {
	r := &route{
		y:   backwardAxis(c.InH, c.OutH, c.KH, c.StrideH, c.PadH, c.DilationH),
		x:   backwardAxis(c.InW, c.OutW, c.KW, c.StrideW, c.PadW, c.DilationW),
		inH: c.OutH, inW: c.OutW, outH: c.InH, outW: c.InW, cin: c.coutG, cout: c.cinGroup,
	}
	return r.finish(c, c.KH-1-c.PadH, c.KW-1-c.PadW)
}

func (r *route) finish(c *Conv, padH, padW int) *route {
	r.groups, r.kh, r.kw = c.Groups, c.KH, c.KW
	r.pointwise = c.isPointwise()
	for i := range r.y.runs {
		for j := range r.x.runs {
			r.classes = append(r.classes, class{&r.y.runs[i], &r.x.runs[j]})
		}
	}
	r.patches = r.patchwork(c, padH, padW)
	r.inOrder = runs(r.y.place, 1) && runs(r.x.place, 1) || runs(r.y.place, -1) && runs(r.x.place, -1)
	return r
}

// runs tells whether x goes by steps of by alone.
func runs(x []int, by int) bool {
	for i := 1; i < len(x); i++ {
		if x[i] != x[i-1]+by {
			return false
		}
	}
	return true
}

// isDepthwise tells whether every channel is by itself.
func (c *Conv) isDepthwise() bool { return c.Groups == c.Cin && c.Cout == c.Cin && c.Cin > 1 }

// isPointwise tells whether the convolution is a plain product of matrices.
func (c *Conv) isPointwise() bool {
	return c.KH*c.KW == 1 && c.StrideH*c.StrideW == 1 && c.PadH+c.PadW == 0 && c.Groups == 1
}
