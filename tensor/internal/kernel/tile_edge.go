package kernel

// RunEdge computes the first width columns of a panel, fewer than a tile has. t must have one panel. Of C and Start only those
// columns are read or written. If width is Tier.Narrow at most, the same is true of B; otherwise whole rows of B are read.
func (t *Tile) RunEdge(on Tier, width int) {
	if width > on.Narrow(t.Layout) {
		t.runCopied(on, width)
		return
	}
	t.width = width
	t.runNarrow(on)
}

// Narrow is the most columns that t computes without reading more of B than them.
func (t Tier) Narrow(l Layout) int {
	if l != Plain {
		return 0
	}
	return tiers[t].narrow
}

// EdgeRows is the most rows of a tile that RunEdge takes.
func (t Tier) EdgeRows(width int, l Layout) int {
	if width <= t.Narrow(l) {
		return tiers[t].narrowRows
	}
	return tiers[t].rows
}

// runCopied computes a tile of full width on a copy of C, and copies the first width columns back.
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
