package tensor

// sumTiles is the number of tiles after which the sums of norm are formed of their rows, which are still in L2.
const sumTiles = 16

// tiles adds the products with a block of weights to pixels [from, to) of a class, tile by tile. first says that nothing has
// been added to these pixels before, last that nothing will be added afterwards. The inputs of a pixel that belong to one row
// of taps must be one stretch of x.
func (g *gatherer) tiles(c class, w weightBlock, from, to int, first, last bool) {
	mr, nr := g.w.on.Shape()
	t := &g.t
	t.AheadC, t.Next = mr*max(1, c.x.outBy)*g.y.Stride, nil
	column := w.group*g.r.cout + w.first*nr // of y
	full := min(w.last, g.r.cout/nr) - w.first
	edge := 0 // columns of a last panel that is not whole
	if full < w.last-w.first {
		edge = g.r.cout % nr
	}
	if full == 0 {
		mr = g.w.on.EdgeRows(edge, g.w.layout)
	}
	weights := g.operands(c, w)
	var start []float32
	if first && g.fresh {
		start = zeros
		if g.bias != nil {
			start = g.bias[column:]
		}
	}
	g.seek(c, from)
	count, summed, hi := tilesOf(to-from, mr), from, from
	low, higher := (to-from)/count, (to-from)%count // as in span
	for i := range count {
		if t.Rows = low; i < higher {
			t.Rows++
		}
		hi += t.Rows
		g.at.rows(t)
		if g.r.pointwise && t.K0 == g.r.cin {
			g.fetchLater(hi, 4*mr, full)
		}
		g.tile(weights, start, column, full, edge)
		if !last {
			continue
		}
		if g.rectifier != Identity {
			for _, at := range t.CRow[:t.Rows] {
				row := g.y.Data[column+at:][:full*nr+edge]
				Rectify(row, row, g.rectifier)
			}
		}
		if g.norm.do != doNothing && (i%sumTiles == sumTiles-1 || i == count-1) {
			g.norm.rowsOf(g.norm.at(from), summed, hi, column, column+full*nr+edge)
			summed = hi
		}
	}
}

// operands sets where the tile reads x and the block of weights, for the pixel at the start of x, and returns the weights.
func (g *gatherer) operands(c class, w weightBlock) []float32 {
	_, nr := g.w.on.Shape()
	r, t := g.r, &g.t
	t.Layout = g.w.layout
	t.K0, t.AK0, t.BK0 = w.hi-w.lo, 1, nr
	t.K1, t.AK1, t.BK1 = w.y1-w.y0, r.y.step*r.inW*g.x.Stride, r.kw*r.cin*nr
	t.BPanel = g.w.panelSize()
	tapY, tapX := w.y0-c.y.tap, w.lo/r.cin-c.x.tap // the block's first tap, counted from the first that the class meets
	at := (tapY*r.y.step*r.inW+tapX*r.x.step)*g.x.Stride + w.lo%r.cin
	if !g.alone {
		at += w.group * r.cin
	}
	t.A = g.x.Data[at:]
	return g.w.data[(w.group*g.w.panels()+w.first)*t.BPanel+(w.y0*r.kw*r.cin+w.lo)*nr:]
}

// fetchLater has the tile fetch the inputs from pixel hi on, which are one stretch.
func (g *gatherer) fetchLater(hi, rows, panels int) {
	t := &g.t
	t.Next = g.x.Data[min(hi*g.x.Stride, len(g.x.Data)):]
	t.Pace = rows*g.x.Stride/(t.K0*max(1, panels)) + 1
	if len(t.Next) == 0 {
		t.Next = nil
	}
}

// tile computes one tile of pixels: full whole panels from column on, and edge columns behind them.
func (g *gatherer) tile(weights, start []float32, column, full, edge int) {
	_, nr := g.w.on.Shape()
	t := &g.t
	t.B, t.C, t.Start, t.Panels = weights, g.y.Data[column:], start, full
	if full > 0 {
		t.Run(g.w.on)
	}
	if edge == 0 {
		return
	}
	if full > 0 {
		t.B, t.C, t.Panels = weights[full*t.BPanel:], g.y.Data[column+full*nr:], 1
		if start != nil {
			t.Start = start[full*nr:]
		}
	}
	t.RunEdge(g.w.on, edge)
}

// fill sets pixels [from, to) of a class that meets no taps to the bias.
func (g *gatherer) fill(c class, w weightBlock, from, to int) {
	_, nr := g.w.on.Shape()
	lo, hi := w.group*g.r.cout+w.first*nr, w.group*g.r.cout+min(w.last*nr, g.r.cout)
	g.t.Rows = 1
	g.seek(c, from)
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
