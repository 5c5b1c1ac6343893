package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// How many squares are transformed and multiplied at a time: a multiple of the rows of every tile. fewSquares leave room in L2
// for some of the weights. If the weights have largePlanes values or more, they do not stay in L2 from one lot of squares to
// the next, and are read less often with moreSquares.
const (
	fewSquares  = 24
	moreSquares = 48
	largePlanes = 2 << 20
)

// convBySquares shares out squares of 2x2 outputs.
func (p *Pool) convBySquares(k convCall) {
	r := k.w.route()
	job := call{do: doConvBySquares, conv: k}
	job.share(p, k.n*r.patches.count(), 16*r.cin*r.cout)
}

// runBySquares computes squares [lo, hi), counted over all images.
func runBySquares(k *call, lo, hi int) {
	g := winograder{convCall: &k.conv, r: k.conv.w.route(), s: takeImageScratch()}
	defer g.s.release()
	most := fewSquares
	if len(g.w.data) > largePlanes {
		most = moreSquares
	}
	g.room(most)
	for ; lo < hi; lo += most {
		n := min(most, hi-lo)
		g.inputs(lo, n)
		g.multiply(n)
		g.outputs(lo, n)
	}
}

// winograder computes some squares at a time.
type winograder struct {
	*convCall
	r       *route
	s       *imageScratch
	in      kernel.PatchIn
	out     kernel.PatchOut
	inStep  int // from the input channels of one square to those of the next
	outStep int // the same of output channels
}

// room makes room for most squares: their transformed inputs (s.x) and outputs (s.sums), and in s.line zeros to read and a
// place to write for pixels that are off the image. Gaps keep planes and rows off one another's cache lines.
func (g *winograder) room(most int) {
	_, nr := g.w.on.Shape()
	r, s := g.r, g.s
	g.inStep, g.outStep = r.cin+rowGap, g.w.panels()*nr+rowGap
	g.in.Plane, g.out.Plane = most*g.inStep+rowGap, most*g.outStep+rowGap
	g.in.N, g.out.N = r.cin, r.cout
	s.x, s.sums = sized(s.x, 16*g.in.Plane), sized(s.sums, 16*g.out.Plane)
	s.line = sized(s.line, r.cin+2*r.cout)
	clear(s.line)
	g.in.X, g.in.Zero = g.x.Data, s.line[:r.cin]
	g.out.Y, g.out.Waste = g.y.Data, s.line[r.cin:][:r.cout]
	if g.fresh {
		g.out.Start = s.line[r.cin+r.cout:]
		copy(g.out.Start, g.bias)
	}
}

// inputs transforms the patches of squares [first, first+n).
func (g *winograder) inputs(first, n int) {
	r, p := g.r, &g.in
	for i := range n {
		image, y, x := r.patches.square(first + i)
		lay(p.At[:], 4, image, y-r.patches.padH, x-r.patches.padW, r.inH, r.inW, g.x.Stride)
		p.V = g.s.x[i*g.inStep:]
		p.Inputs()
	}
}

// multiply forms the sums over channels of n squares, element by element.
func (g *winograder) multiply(n int) {
	mr, nr := g.w.on.Shape()
	count := tilesOf(n, mr)
	t := kernel.Tile{AK0: 1, BK0: nr, K0: g.r.cin, K1: 1, BPanel: g.w.panelSize(), AheadC: mr * g.outStep}
	t.EvenRows(g.inStep, g.outStep)
	for e := range 16 {
		weights := g.w.data[e*g.w.plane():]
		for p := 0; p < g.w.panels(); p += panelsAtOnce {
			t.Panels, t.Start = min(panelsAtOnce, g.w.panels()-p), zeros
			t.B = weights[p*t.BPanel:]
			for i := range count {
				lo, hi := span(n, count, i)
				t.Rows = hi - lo
				t.A, t.C = g.s.x[e*g.in.Plane+lo*g.inStep:], g.s.sums[e*g.out.Plane+lo*g.outStep+p*nr:]
				t.Run(g.w.on)
			}
		}
	}
}

// outputs transforms the sums of squares [first, first+n) into outputs.
func (g *winograder) outputs(first, n int) {
	r, p := g.r, &g.out
	for i := range n {
		image, y, x := r.patches.square(first + i)
		lay(p.At[:], 2, image, y, x, r.outH, r.outW, g.y.Stride)
		p.M = g.s.sums[i*g.outStep:]
		p.Outputs()
		if g.rectifier == Identity {
			continue
		}
		for _, at := range p.At {
			if at >= 0 {
				Rectify(p.Y[at:][:p.N], p.Y[at:][:p.N], g.rectifier)
			}
		}
	}
}
