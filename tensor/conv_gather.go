package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// convCall is the operands of a convolution's kernel; y is written and x read, whichever the direction.
type convCall struct {
	w         *ConvPanels
	c         *Conv
	y, x      Matrix
	bias      []float32 // of Conv: chains start from it, not from y
	fresh     bool      // chains start from bias, or zero; gradients of weights are set
	rectifier Rectifier
	n         int // images
}

// convPanels is how many panels are computed at a time.
const convPanels = 16

// noBias is what chains without a bias start from.
var noBias = kernel.AlignedSlice(convPanels * kernel.MaxTileCols)

// gather shares out y += x through the panels: by panels where those are the larger operand and enough for
// everybody, else by tiles of pixels. Where that can be by the blocks of norm, or whole ones anyway, their sums are
// formed while the rows are in cache, and it says so.
func (p *Pool) gather(k convCall, norm normCall) (summed bool) {
	r := k.w.route()
	if k.w.winograd {
		p.winograd(k)
		return false
	}
	if norm.do == doNothing && k.goesBeside() {
		p.beside(k, poolCall{})
		return false
	}
	byBlock := norm.do != doNothing && norm.even(p.Size())
	if k.w.conv.isDepthwise() {
		job := call{do: doDepthwise, conv: k}
		units := k.n * r.outH
		if byBlock && norm.block%r.outW == 0 && norm.rows%r.outW == 0 {
			job.norm, units = norm, norm.blocks()
		}
		job.share(p, units, r.cost(k.n)/units*r.groups)
		return job.norm.do != doNothing
	}
	if k.w.layout != kernel.Plain {
		s := takeWeightScratch()
		defer s.give()
		k.x = p.roundedInput(s, k)
	}
	panels := r.groups * k.w.panels()
	if len(k.w.data) > k.n*(r.inH*r.inW*r.cin+r.outH*r.outW*r.cout)*r.groups && panels >= 2*p.Size() {
		job := call{do: doConv, conv: k, byCols: true}
		if r.pointwise {
			job.norm = norm
		}
		job.share(p, panels, k.n*r.cost(1)*k.w.panelSize()/(r.kh*r.kw))
		return job.norm.do != doNothing
	}
	job, units := call{do: doConv, conv: k}, r.cost(k.n)
	if byBlock && r.pointwise {
		job.norm, units = norm, norm.blocks()
	}
	job.share(p, units, r.cost(k.n)/units*panels*k.w.panelSize()/(r.kh*r.kw))
	return job.norm.do != doNothing
}

// roundedInput is x in the layout of the weights, in memory of s.
func (p *Pool) roundedInput(s *weightScratch, k convCall) Matrix {
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
	from, to := w.plainRoute().cin, w.route().cin
	for i := lo; i < hi; i++ {
		dst, src := k.c.Row(i), k.conv.x.Row(i)
		for g := range w.route().groups {
			w.layout.Row(dst[g*to:][:to], src[g*from:][:from])
		}
	}
}

// cost is how many (pixel, tap) pairs n images have, at least one a pixel: the unit of work shared out.
func (r *route) cost(n int) int {
	total := 0
	for _, c := range r.classes {
		total += n * c.pixels() * max(1, c.taps())
	}
	return total
}

// gatherUnits computes units [lo, hi) of panels, of blocks or of cost.
func gatherUnits(k *call, lo, hi int) {
	g := gatherer{convCall: &k.conv, r: k.conv.w.route(), norm: &k.norm}
	if k.byCols {
		g.lo, g.hi = 0, g.r.cost(g.n)
		g.region(lo, hi)
		return
	}
	g.lo, g.hi = lo, hi
	if g.norm.do != doNothing { // each pixel costs one
		g.lo, _ = g.norm.span(lo)
		_, g.hi = g.norm.span(hi - 1)
	}
	g.region(0, g.r.groups*g.w.panels())
}

// gatherer computes the pixels that costs [lo, hi) stand for.
type gatherer struct {
	*convCall
	r      *route
	lo, hi int
	t      kernel.Tile
	at     walk
	norm   *normCall // the sums that are formed of what is written
}

// region computes panels [p0, p1), counted over all groups, a few of one group at a time.
func (g *gatherer) region(p0, p1 int) {
	each := g.w.panels()
	for p := p0; p < p1; {
		group, first := p/each, p%each
		last := min(each, first+convPanels, first+p1-p)
		g.panels(group, first, last)
		p += last - first
	}
}

// part is the weights of one block: the rows [lo, hi) of each of the rows of taps [y0, y1), in panels
// [first, last) of a group.
type part struct {
	group, first, last int
	y0, y1, lo, hi     int
}

// panels goes through the rows of panels [first, last) of a group in blocks that stay in L2: all columns of a
// few rows of taps, or a part of one row.
func (g *gatherer) panels(group, first, last int) {
	const budget = 4096 // rows of one panel, 256 KB in AVX2
	_, nr := g.w.on.Shape()
	most := budget * 16 / nr / (last - first)
	row := g.r.kw * g.r.cin
	if row <= most {
		for y := 0; y < g.r.kh; y += most / row {
			g.block(part{group, first, last, y, min(g.r.kh, y+most/row), 0, row})
		}
		return
	}
	parts := (row + most - 1) / most
	for y := range g.r.kh {
		for i := range parts {
			lo, hi := span(row, parts, i)
			g.block(part{group, first, last, y, y + 1, lo, hi})
		}
	}
}

// block adds a part of the weights to all pixels.
func (g *gatherer) block(w part) {
	at := 0
	for _, c := range g.r.classes {
		cost := max(1, c.taps())
		pixels := g.n * c.pixels()
		// The pixels whose cost starts in [g.lo, g.hi).
		from := min(pixels, max(0, (g.lo-at+cost-1)/cost))
		to := min(pixels, max(0, (g.hi-at+cost-1)/cost))
		at += pixels * cost
		for from < to {
			end := to
			if g.norm.do != doNothing {
				_, end = g.norm.span(g.norm.at(from))
			}
			g.class(c, w, from, end)
			from = end
		}
	}
}

// class adds those taps of the part that its pixels [from, to) meet. The part of a class is first if no
// earlier one has touched the pixels, and last if none will.
func (g *gatherer) class(c class, w part, from, to int) {
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
	// The inputs of neighbouring taps lie apart: one tap at a time.
	for y := y0; y < y1; y++ {
		for at := lo; at < hi; {
			next := min(hi, (at/cin+1)*cin)
			w.y0, w.y1, w.lo, w.hi = y, y+1, at, next
			g.tiles(c, w, from, to, first && y == y0 && at == lo, last && y == y1-1 && next == hi)
			at = next
		}
	}
}

// tiles adds the part to pixels [from, to), from of whose inputs all but the first dimension are one stretch.
func (g *gatherer) tiles(c class, w part, from, to int, first, last bool) {
	mr, nr := g.w.on.Shape()
	t := &g.t
	tap := w.lo / g.r.cin
	base := ((w.y0-c.y.tap)*g.r.y.step*g.r.inW+(tap-c.x.tap)*g.r.x.step)*g.x.Stride + w.group*g.r.cin + w.lo%g.r.cin
	t.K0, t.AK0, t.BK0, t.Layout = w.hi-w.lo, 1, nr, g.w.layout
	t.K1, t.AK1, t.BK1 = w.y1-w.y0, g.r.y.step*g.r.inW*g.x.Stride, g.r.kw*g.r.cin*nr
	t.BPanel, t.AheadC = g.w.panelSize(), mr*max(1, c.x.outBy)*g.y.Stride
	weights := g.w.data[(w.group*g.w.panels()+w.first)*t.BPanel+(w.y0*g.r.kw*g.r.cin+w.lo)*nr:]
	column := w.group*g.r.cout + w.first*nr
	full := min(w.last, g.r.cout/nr) - w.first
	edge := 0
	if full < w.last-w.first {
		edge = g.r.cout % nr
	}
	t.Start = nil
	if first && g.fresh {
		t.Start = noBias
		if g.bias != nil {
			t.Start = g.bias[column:]
		}
	}
	if full == 0 {
		mr = g.w.on.EdgeRows(edge, g.w.layout)
	}
	start, count, summed := t.Start, tilesOf(to-from, mr), from
	g.place(c, from)
	t.A, t.B, t.C, t.Next, t.Panels = g.x.Data[base:], weights, g.y.Data[column:], nil, full
	low, higher := (to-from)/count, (to-from)%count // as in span
	hi := from
	for i := range count {
		if t.Rows = low; i < higher {
			t.Rows++
		}
		hi += t.Rows
		g.at.rows(t)
		if g.r.pointwise && t.K0 == g.r.cin { // the next rows are one stretch
			t.Next = g.x.Data[min(hi*g.x.Stride, len(g.x.Data)):]
			t.Pace = 4*mr*g.x.Stride/(t.K0*max(1, full)) + 1
			if len(t.Next) == 0 {
				t.Next = nil
			}
		}
		if full > 0 {
			if edge > 0 {
				t.B, t.C, t.Start, t.Panels = weights, g.y.Data[column:], start, full
			}
			t.Run(g.w.on)
		}
		if edge > 0 {
			if full > 0 {
				t.B, t.C, t.Panels = weights[full*t.BPanel:], g.y.Data[column+full*nr:], 1
				if start != nil {
					t.Start = start[full*nr:]
				}
			}
			t.RunEdge(g.w.on, edge)
		}
		if last && g.rectifier != Identity {
			for _, at := range t.CRow[:t.Rows] {
				row := g.y.Data[column+at:][:full*nr+edge]
				Rectify(row, row, g.rectifier)
			}
		}
		if last && g.norm.do != doNothing && (i%sumTiles == sumTiles-1 || i == count-1) {
			g.norm.part(g.norm.at(from), summed, hi, column, column+full*nr+edge)
			summed = hi
		}
	}
}

// sumTiles is the tiles after which their rows are summed up: those of all panels stay in L2.
const sumTiles = 16

// fill sets pixels that meet no taps.
func (g *gatherer) fill(c class, w part, from, to int) {
	_, nr := g.w.on.Shape()
	lo, hi := w.group*g.r.cout+w.first*nr, w.group*g.r.cout+min(w.last*nr, g.r.cout)
	g.t.Rows = 1
	g.place(c, from)
	for range to - from {
		g.at.rows(&g.t)
		row := g.y.Data[g.t.CRow[0]+lo:][:hi-lo]
		clear(row)
		if g.bias != nil {
			copy(row, g.bias[lo:])
		}
		Rectify(row, row, g.rectifier)
	}
}
