package tensor

// runEdge computes the first width columns, fewer than there are in a panel, of the one panel that t has: in a
// kernel of their own where the tier has one so narrow, else on a copy of full width, which reads whole rows of B.
// Of C and start only those columns are touched either way.
func (t *tile) runEdge(on tier, width int) {
	if width > on.narrow(t.layout) {
		t.runCopied(on, width)
		return
	}
	t.width = width
	t.runNarrow(on)
}

// narrow is how many columns a tile may have at most to be computed without reading or writing more than them.
func (t tier) narrow(l layout) int {
	if l != plain {
		return 0
	}
	return tiers[t].narrow
}

// edgeRows is the most rows of a tile for runEdge.
func (t tier) edgeRows(width int, l layout) int {
	if width <= t.narrow(l) {
		return tiers[t].narrowRows
	}
	return tiers[t].rows
}

// runCopied is runEdge on a copy.
//
//go:noinline
func (t *tile) runCopied(on tier, width int) {
	if t.k0 <= 0 || t.k1 <= 0 {
		return
	}
	var full [maxTileRows * maxTileCols]float32
	var start [maxTileCols]float32
	_, nr := on.shape()
	u := *t
	u.c = full[:]
	if t.start != nil {
		copy(start[:], t.start[:width])
		u.start = start[:]
	}
	for i := range t.m {
		u.crows[i] = i * nr
		if t.start == nil {
			copy(full[i*nr:], t.c[t.crows[i]:][:width])
		}
	}
	u.run(on)
	for i := range t.m {
		copy(t.c[t.crows[i]:][:width], full[i*nr:])
	}
}
