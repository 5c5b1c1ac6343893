package tensor

// How many squares are transformed and multiplied at a time: in the second cache their elements leave room for some
// of the weights. Weights too large for it come by once for every so many squares, which are more then.
const (
	fewSquares  = 24 // a multiple of every tile's rows
	moreSquares = 48
	largePlanes = 2 << 20 // values of all weights that are large
)

// winograd shares out squares of outputs.
func (p *Pool) winograd(k convCall) {
	r := k.w.route()
	job := call{do: doWinograd, conv: k}
	job.share(p, k.n*r.patches.count(), 16*r.cin*r.cout)
}

// winogradUnits computes squares [lo, hi), counted over all images.
func winogradUnits(k *call, lo, hi int) {
	g := winograder{convCall: &k.conv, r: k.conv.w.route(), s: takeWeightScratch()}
	defer g.s.give()
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
	s       *weightScratch
	in      patchIn
	out     patchOut
	inStep  int // from one square's channels to the next one's
	outStep int
}

// room makes room for most squares: their transformed inputs and outputs, zeros, and a place for what is not wanted.
// Planes and rows are kept off one another's cache lines.
func (g *winograder) room(most int) {
	_, nr := g.w.on.shape()
	r, s := g.r, g.s
	g.inStep, g.outStep = r.cin+rowGap, g.w.panels()*nr+rowGap
	g.in.plane, g.out.plane = most*g.inStep+rowGap, most*g.outStep+rowGap
	g.in.n, g.out.n = r.cin, r.cout
	s.x, s.sums = sized(s.x, 16*g.in.plane), sized(s.sums, 16*g.out.plane)
	s.line = sized(s.line, r.cin+2*r.cout)
	clear(s.line)
	g.in.x, g.in.zero = g.x.Data, s.line[:r.cin]
	g.out.y, g.out.waste = g.y.Data, s.line[r.cin:][:r.cout]
	if g.fresh {
		g.out.start = s.line[r.cin+r.cout:]
		copy(g.out.start, g.bias)
	}
}

// inputs transforms the patches of squares [first, first+n).
func (g *winograder) inputs(first, n int) {
	r, p := g.r, &g.in
	for i := range n {
		image, y, x := r.patches.place(first + i)
		lay(p.at[:], 4, image, y-r.patches.padH, x-r.patches.padW, r.inH, r.inW, g.x.Stride)
		p.v = g.s.x[i*g.inStep:]
		p.inputs(vectorPatch(p))
	}
}

// multiply forms the sums over channels of n squares, element by element.
func (g *winograder) multiply(n int) {
	mr, nr := g.w.on.shape()
	count := tilesOf(n, mr)
	t := tile{acs: 1, brs: nr, k0: g.r.cin, k1: 1, bps: g.w.panelSize(), ahead: mr * g.outStep}
	t.stride(g.inStep, g.outStep)
	for e := range 16 {
		weights := g.w.data[e*g.w.plane():]
		for p := 0; p < g.w.panels(); p += convPanels {
			t.panels, t.start = min(convPanels, g.w.panels()-p), noBias
			t.b = weights[p*t.bps:]
			for i := range count {
				lo, hi := span(n, count, i)
				t.m = hi - lo
				t.a, t.c = g.s.x[e*g.in.plane+lo*g.inStep:], g.s.sums[e*g.out.plane+lo*g.outStep+p*nr:]
				t.run(g.w.on)
			}
		}
	}
}

// outputs transforms the sums of squares [first, first+n) into outputs.
func (g *winograder) outputs(first, n int) {
	r, p := g.r, &g.out
	for i := range n {
		image, y, x := r.patches.place(first + i)
		lay(p.at[:], 2, image, y, x, r.outH, r.outW, g.y.Stride)
		p.m = g.s.sums[i*g.outStep:]
		p.outputs(vectorOutputs(p))
		if g.rectifier == Identity {
			continue
		}
		for _, at := range p.at {
			if at >= 0 {
				Rectify(p.y[at:][:p.n], p.y[at:][:p.n], g.rectifier)
			}
		}
	}
}
