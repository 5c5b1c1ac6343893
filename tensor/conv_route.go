package tensor

// A convolution reads its input in place, without im2col and without a border of zeros. For this its outputs are sorted by
// the taps that fall on the image. In a 3x3 convolution with padding 1, for example, the pixels of the inner area meet all
// nine taps, those of the upper edge the last six, and the upper left corner the last four:
//
//	corner  edge   edge  ...  corner        9 classes of outputs, each the product of
//	edge    inner  inner ...  edge          a tapRun of rows (top, inner, bottom) and
//	...                                     a tapRun of columns (left, inner, right)
//
// Pixels of one class can share a tile, whatever their rows and images: a table says where each row of the tile lies.
// So no multiplication is by padding.
//
// The gradient of the input is the same walk in the other direction: its outputs are the pixels of dx, its inputs those of
// dy. With a stride of 2, for example, the pixels of an axis fall into two phases, even and odd, which meet different taps.
//
// Words of this file and those that use it: an output is a pixel that is written, an input one that is read, whichever the
// direction; a tap is one pixel of the filter, and has a [Cin, Cout] matrix of weights.

// tapRun is the outputs along one axis that meet the same taps, at even distances.
type tapRun struct {
	tap, count  int // the first tap, counted as they are packed, and the number of taps
	n           int // the number of outputs
	out, in     int // the first output, and the input that its first tap falls on
	outBy, inBy int // the step from one output to the next, and the step of the input with it
}

// axis is one dimension of a convolution in one direction.
type axis struct {
	slot []int // slot[k] is the number of tap k as they are packed
	step int   // inputs from one packed tap to the next
	runs []tapRun
}

// add appends output o, whose count taps begin with tap, which falls on input in: to a run with the same taps and the right
// step if there is one.
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

// forwardAxis has pixels of y as outputs and pixels of x as inputs. Taps are packed in their own order.
func forwardAxis(in, out, taps, stride, pad, dilation int) axis {
	a := axis{step: dilation, slot: make([]int, taps)}
	for k := range taps {
		a.slot[k] = k
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

// backwardAxis has pixels of dx as outputs and pixels of dy as inputs. The first pixel of dy that has read a pixel of dx did so
// by its last tap, so taps are packed from the last to the first. Pixels of dx that are a stride apart meet the same taps,
// every stride-th: the taps of such a phase are packed side by side.
func backwardAxis(in, out, taps, stride, pad, dilation int) axis {
	common := gcd(stride, dilation)
	apart := stride / common // from one tap that a pixel meets to the next
	a := axis{step: dilation / common, slot: make([]int, taps)}
	at := 0
	for phase := range min(apart, taps) {
		for k := taps - 1; k >= 0; k-- {
			if k%apart == phase {
				a.slot[k] = at
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
					first, o = a.slot[k], from/stride
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

// route is a convolution in one direction.
type route struct {
	y, x       axis
	inH, inW   int // an image of inputs
	outH, outW int // an image of outputs
	cin, cout  int // input and output channels of one group
	groups     int
	kh, kw     int
	classes    []class
	pointwise  bool // every output meets one tap, on the input pixel in its own place
	patches    patchwork
	inOrder    bool // taps are packed from first to last, or from last to first
}

// class is the outputs that meet the same taps in both dimensions.
type class struct{ y, x *tapRun }

// pixels is the number of outputs of one image in the class.
func (c class) pixels() int { return c.y.n * c.x.n }

// taps is the number of taps that each of them meets.
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
	r.inOrder = runs(r.y.slot, 1) && runs(r.x.slot, 1) || runs(r.y.slot, -1) && runs(r.x.slot, -1)
	return r
}

// runs tells whether x goes up in steps of by.
func runs(x []int, by int) bool {
	for i := 1; i < len(x); i++ {
		if x[i] != x[i-1]+by {
			return false
		}
	}
	return true
}

// cost is the (output, tap) pairs of n images, at least one for each output: the unit in which work is shared out.
func (r *route) cost(n int) int {
	total := 0
	for _, c := range r.classes {
		total += n * c.pixels() * max(1, c.taps())
	}
	return total
}

// find tells whether output o is in the run, and its number there.
func (r *tapRun) find(o int) (i int, ok bool) {
	if o -= r.out; r.n == 1 {
		return 0, o == 0
	}
	return o / r.outBy, o >= 0 && o%r.outBy == 0 && o/r.outBy < r.n
}
