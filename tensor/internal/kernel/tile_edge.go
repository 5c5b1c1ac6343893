package kernel

// RunEdge computes the first width columns, fewer than there are in a panel, of the one panel that t has: in a
// kernel of their own where the tier has one so narrow, else on a copy of full width, which reads whole rows of B.
// Of C and start only those columns are touched either way.
func (t *Tile) RunEdge(on Tier, width int) {
	if width > on.Narrow(t.Layout) {
		t.runCopied(on, width)
		return
	}
	t.width = width
	t.runNarrow(on)
}

// Narrow is how many columns a tile may have at most to be computed without reading or writing more than them.
func (t Tier) Narrow(l Layout) int {
	if l != Plain {
		return 0
	}
	return tiers[t].narrow
}

// EdgeRows is the most rows of a tile for runEdge.
func (t Tier) EdgeRows(width int, l Layout) int {
	if width <= t.Narrow(l) {
		return tiers[t].narrowRows
	}
	return tiers[t].rows
}

// runCopied is runEdge on a copy.
//
//go:noinline
func (t *Tile) runCopied(on Tier, width int) {
	if t.K0 <= 0 || t.K1 <= 0 {
		return
	}
	var full [MaxTileRows * MaxTileCols]float32
	var start [MaxTileCols]float32
	_, nr := on.Shape()
	u := *t
	u.C = full[:]
	if t.Start != nil {
		copy(start[:], t.Start[:width])
		u.Start = start[:]
	}
	for i := range t.Rows {
		u.CRow[i] = i * nr
		if t.Start == nil {
			copy(full[i*nr:], t.C[t.CRow[i]:][:width])
		}
	}
	u.Run(on)
	for i := range t.Rows {
		copy(t.C[t.CRow[i]:][:width], full[i*nr:])
	}
}
