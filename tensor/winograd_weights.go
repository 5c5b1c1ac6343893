package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

const (
	// weightSquares is how many squares are transformed and summed over at a time. It is half as many if the channels of both
	// sides together are weightNarrow at most: then the transformed squares stay in L2.
	weightSquares = 64
	weightNarrow  = 128
	// weightColumns is how many input channels are summed at a time: their sums stay in L1. It is a multiple of the columns of
	// every tile.
	weightColumns = 64
)

// weightsViaTransforms shares out dw by panels of input channels.
func (p *Pool) weightsViaTransforms(k gradientCall) {
	_, nr := kernel.Active.Shape()
	panels := (k.c.Cin + nr - 1) / nr
	job := call{do: doWeightsViaTransforms, gradient: k}
	job.share(p, panels, 16*k.n*k.c.forward.patches.count()*k.c.Cout*nr)
}

// runViaTransforms computes panels [lo, hi).
func runViaTransforms(k *call, lo, hi int) {
	_, nr := kernel.Active.Shape()
	g := winogradGradient{gradientCall: &k.gradient, s: takeImageScratch()}
	defer g.s.release()
	g.i0, g.i1 = lo*nr, min(hi*nr, g.c.Cin)
	g.room()
	all := g.n * g.c.forward.patches.count()
	for at := 0; at < all; at += g.most {
		n := min(g.most, all-at)
		g.transform(at, n)
		for j := g.i0; j < g.i1; j += weightColumns {
			sums := g.sums[(j-g.i0)/weightColumns*g.kept:]
			g.multiply(sums, j, n, at == 0)
			if at+n == all {
				g.add(sums, j)
			}
		}
	}
}

// winogradGradient computes the gradient of the weights of input channels [i0, i1), of all output channels.
type winogradGradient struct {
	*gradientCall
	s       *imageScratch
	i0, i1  int
	most    int            // squares at a time
	in, out kernel.PatchIn // of x, and of dy
	inStep  int            // from the channels of one square of x to those of the next
	outStep int            // the same of dy
	sums    []float32      // for every weightColumns input channels: [element of a patch, output channel, input channel]
	plane   int            // from the sums of one element to those of the next
	kept    int            // from the sums of weightColumns to those of the next; 0 if none are kept from squares to squares
	line    []float32      // the taps of one output channel [tap, input channel]
}

// room makes room for transformed squares and for sums. The last panel may have more columns than there are channels:
// these hold anything, and nobody uses their sums.
func (g *winogradGradient) room() {
	_, nr := kernel.Active.Shape()
	c, s := g.c, g.s
	whole := (g.i1 - g.i0 + nr - 1) / nr * nr
	g.inStep, g.outStep = whole+rowGap, c.Cout+rowGap
	if g.most = weightSquares; whole+c.Cout <= weightNarrow {
		g.most /= 2
	}
	g.in.Plane, g.out.Plane = g.most*g.inStep+rowGap, g.most*g.outStep+rowGap
	g.in.N, g.out.N = g.i1-g.i0, c.Cout
	s.x, s.dy = sized(s.x, 16*g.in.Plane), sized(s.dy, 16*g.out.Plane)
	g.plane = c.Cout*weightColumns + rowGap
	size := 16 * g.plane
	if g.n*c.forward.patches.count() > g.most {
		g.kept = size
		size *= (whole + weightColumns - 1) / weightColumns
	}
	s.sums = sized(s.sums, size+9*weightColumns+max(g.in.N, g.out.N))
	g.sums, g.line = s.sums[:size], s.sums[size:][:9*weightColumns]
	zero := s.sums[size+9*weightColumns:]
	clear(zero)
	g.in.X, g.in.Zero = g.x.Data, zero
	g.out.X, g.out.Zero = g.dy.Data, zero
}

// transform transforms squares [first, first+n) of dy and the patches of x that they meet.
func (g *winogradGradient) transform(first, n int) {
	r := g.c.forward
	for i := range n {
		image, y, x := r.patches.square(first + i)
		p := &g.in
		lay(p.At[:], 4, image, y-r.patches.padH, x-r.patches.padW, r.inH, r.inW, g.x.Stride)
		for q := range p.At {
			if p.At[q] >= 0 {
				p.At[q] += g.i0
			}
		}
		p.V = g.s.x[i*g.inStep:]
		p.Inputs()
		p = &g.out
		lay(p.At[:], 2, image, y, x, r.outH, r.outW, g.dy.Stride)
		p.V = g.s.dy[i*g.outStep:]
		p.Gradients()
	}
}

// multiply adds n squares to the sums of columns [j, j+weightColumns), or sets them.
func (g *winogradGradient) multiply(sums []float32, j, n int, fresh bool) {
	mr, nr := kernel.Active.Shape()
	t := kernel.Tile{AK0: g.outStep, BK0: g.inStep, K0: n, K1: 1, BPanel: nr, AheadC: mr * weightColumns}
	t.EvenRows(1, weightColumns)
	t.Panels = (min(weightColumns, g.i1-j) + nr - 1) / nr
	if fresh {
		t.Start = zeros
	}
	for e := range 16 {
		t.B = g.s.x[e*g.in.Plane+j-g.i0:]
		for i := 0; i < g.c.Cout; i += mr {
			t.Rows = min(mr, g.c.Cout-i)
			t.A, t.C = g.s.dy[e*g.out.Plane+i:], sums[e*g.plane+i*weightColumns:]
			t.Run(kernel.Active)
		}
	}
}

// add transforms the sums of columns from j on into taps and adds them to dw.
func (g *winogradGradient) add(sums []float32, j int) {
	n := min(weightColumns, g.i1-j)
	for o := range g.c.Cout {
		m := sums[o*weightColumns:]
		kernel.WinogradTaps(g.line, m, weightColumns, g.plane, n)
		g.s.addTaps(g.dw[(o*g.c.Cin+j)*9:][:9*n], g.line, 9, weightColumns, g.set)
	}
}
