package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// The usual path of a convolution: the rows of a tile are pixels of one class (conv_route.go), its columns output channels.
// For every class,
//
//	y [pixels, Cout]  +=  xs [pixels, taps*Cin]  *  w [taps*Cin, Cout]
//
// where row p of xs is the inputs that output p meets. xs is never formed: the inputs under one row of taps are one stretch
// of x, so a tile reads them there; ARow says where they begin for each of its pixels, and AK1 how far it is to the next
// row of taps.
//
// The work of a goroutine is a range of pixels, or of panels of w. It takes the weights in blocks that stay in L2, and with
// each block goes through all of its pixels.

// panelsAtOnce is how many panels a tile goes through in one call.
const panelsAtOnce = 16

// zeros is what chains without a bias start from.
var zeros = kernel.AlignedSlice(panelsAtOnce * kernel.MaxTileCols)

// convByPixels shares out the outputs by panels where w is larger than x and y and has enough panels for everybody, else by
// (pixel, tap) pairs. It forms the sums of norm on the way, and tells so, if the convolution has one tap and either every
// goroutine has whole panels, and so whole columns, or the blocks of norm can be shared out evenly.
func (p *Pool) convByPixels(k convCall, norm normCall) (summed bool) {
	r := k.w.route()
	if k.w.layout != kernel.Plain {
		s := takeImageScratch()
		defer s.release()
		k.x = p.roundedInput(s, k)
	}
	job := call{do: doConvByPixels, conv: k}
	panels := r.groups * k.w.panels()
	perPanel := k.w.panelSize() / (r.kh * r.kw) // multiply-adds of a (pixel, tap) pair
	inAndOut := k.n * (r.inH*r.inW*r.cin + r.outH*r.outW*r.cout) * r.groups
	job.byCols = len(k.w.data) > inAndOut && panels >= 2*p.Size()
	if norm.do != doNothing && r.pointwise && (job.byCols || norm.even(p.Size())) {
		job.norm = norm
	}
	summed = job.norm.do != doNothing
	pairs := r.cost(k.n)
	switch {
	case job.byCols:
		job.share(p, panels, pairs*perPanel)
	case summed:
		job.share(p, norm.blocks(), pairs/norm.blocks()*panels*perPanel)
	default:
		job.share(p, pairs, panels*perPanel)
	}
	return summed
}

// roundedInput is x in the layout of the weights, in s.x.
func (p *Pool) roundedInput(s *imageScratch, k convCall) Matrix {
	r := k.w.route()
	cols := r.groups * r.cin
	s.x = sized(s.x, k.x.Rows*cols)
	job := call{do: doRound, c: Of(s.x, k.x.Rows, cols), conv: k}
	job.share(p, k.x.Rows, cols)
	return job.c
}

// roundRows converts rows [lo, hi) of the input, group by group.
func roundRows(k *call, lo, hi int) {
	w := k.conv.w
	from, to := w.floatRoute().cin, w.route().cin
	for i := lo; i < hi; i++ {
		dst, src := k.c.Row(i), k.conv.x.Row(i)
		for g := range w.route().groups {
			w.layout.Row(dst[g*to:][:to], src[g*from:][:from])
		}
	}
}

// runByPixels computes units [lo, hi): panels, blocks of norm, or (pixel, tap) pairs.
func runByPixels(k *call, lo, hi int) {
	g := gatherer{convCall: &k.conv, r: k.conv.w.route(), norm: &k.norm}
	if k.byCols {
		g.lo, g.hi = 0, g.r.cost(g.n)
		g.panels(lo, hi)
		return
	}
	g.lo, g.hi = lo, hi
	if g.norm.do != doNothing { // with one tap, each pixel is one pair
		g.lo, _ = g.norm.span(lo)
		_, g.hi = g.norm.span(hi - 1)
	}
	g.panels(0, g.r.groups*g.w.panels())
}

// gatherer computes the pixels whose first (pixel, tap) pair is one of [lo, hi). The pairs are counted class by class.
type gatherer struct {
	*convCall
	r      *route
	lo, hi int
	t      kernel.Tile
	at     cursor
	norm   *normCall // the sums that are formed on the way
	alone  bool      // x has the channels of one group alone
}

// weightBlock is rows [lo, hi) of w for each row of taps in [y0, y1), in panels [first, last) of a group of channels. For
// one row of taps, the rows of w are [tap, input channel].
type weightBlock struct {
	group, first, last int
	y0, y1, lo, hi     int
}

// panels computes panels [p0, p1), counted over all groups, a few of one group at a time.
func (g *gatherer) panels(p0, p1 int) {
	each := g.w.panels()
	for p := p0; p < p1; {
		group, first := p/each, p%each
		last := min(each, first+panelsAtOnce, first+p1-p)
		g.blocks(group, first, last)
		p += last - first
	}
}

// blockValues is how many values a block of weights has: of 256 KB, or of 640 KB on processors with AVX-512, whose L2 has
// 1 MB or more in all but a few.
func blockValues(on kernel.Tier) int {
	if on == kernel.AVX512 {
		return 640 << 10 / 4
	}
	return 256 << 10 / 4
}

// blocks cuts panels [first, last) of a group into blocks that stay in L2: several whole rows of taps, or a part of one.
func (g *gatherer) blocks(group, first, last int) {
	_, nr := g.w.on.Shape()
	most := blockValues(g.w.on) / nr / (last - first)
	row := g.r.kw * g.r.cin
	if row <= most {
		for y := 0; y < g.r.kh; y += most / row {
			g.block(weightBlock{group, first, last, y, min(g.r.kh, y+most/row), 0, row})
		}
		return
	}
	pieces := (row + most - 1) / most
	for y := range g.r.kh {
		for i := range pieces {
			lo, hi := span(row, pieces, i)
			g.block(weightBlock{group, first, last, y, y + 1, lo, hi})
		}
	}
}

// block adds the products with a block of weights to all pixels of g.
func (g *gatherer) block(w weightBlock) {
	at := 0
	for _, c := range g.r.classes {
		cost := max(1, c.taps())
		pixels := g.n * c.pixels()
		from := min(pixels, max(0, (g.lo-at+cost-1)/cost))
		to := min(pixels, max(0, (g.hi-at+cost-1)/cost))
		at += pixels * cost
		for from < to {
			end := to
			if g.norm.do != doNothing { // one block of norm at a time
				_, end = g.norm.span(g.norm.at(from))
			}
			g.class(c, w, from, end)
			from = end
		}
	}
}

// class adds the products with a block of weights to pixels [from, to) of a class. Of the block, only the taps count that
// the class meets.
func (g *gatherer) class(c class, w weightBlock, from, to int) {
	cin, row0 := g.r.cin, c.x.tap*g.r.cin
	row1 := row0 + c.x.count*cin
	if c.taps() == 0 {
		if w.y0 == 0 && w.lo == 0 && g.fresh {
			g.fill(c, w, from, to)
		}
		return
	}
	end := c.y.tap + c.y.count
	y0, y1 := max(w.y0, c.y.tap), min(w.y1, end)
	lo, hi := max(w.lo, row0), min(w.hi, row1)
	if y0 >= y1 || lo >= hi {
		return
	}
	first, last := y0 == c.y.tap && lo == row0, y1 == end && hi == row1
	w.y0, w.y1, w.lo, w.hi = y0, y1, lo, hi
	if c.x.count == 1 || g.r.x.step == 1 && g.x.Stride == cin {
		g.tiles(c, w, from, to, first, last)
		return
	}
	// The inputs of neighbouring taps lie apart.
	for y := y0; y < y1; y++ { // tap by tap
		for at := lo; at < hi; {
			next := min(hi, (at/cin+1)*cin)
			w.y0, w.y1, w.lo, w.hi = y, y+1, at, next
			g.tiles(c, w, from, to, first && y == y0 && at == lo, last && y == y1-1 && next == hi)
			at = next
		}
	}
}
