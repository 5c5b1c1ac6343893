package kernel

// RunColumn computes n tiles of one panel, one tile below the other: from each to the next it goes ADown values further in
// A, CDown in C and NextDown in Next. Of the panel's columns, the first width belong to C. It leaves t at the tile that
// would come next.
func (t *Tile) RunColumn(on Tier, n, width int) {
	_, nr := on.Shape()
	if width == nr && n > 0 && t.TryColumns(on, n, 0) {
		t.goDown(n)
		return
	}
	t.AheadC = t.CDown
	for range n {
		if width < nr {
			t.RunEdge(on, width)
		} else {
			t.Run(on)
		}
		t.goDown(1)
	}
}

// goDown moves t down by n tiles.
func (t *Tile) goDown(n int) {
	t.A = t.A[min(n*t.ADown, len(t.A)):]
	t.C = t.C[min(n*t.CDown, len(t.C)):]
	t.Next = t.Next[min(n*t.NextDown, len(t.Next)):]
}

// LeastColumnRows is the fewest rows of a tile that TryColumns takes.
const LeastColumnRows = 4

// HasColumns tells whether t has assembly for TryColumns.
func (t Tier) HasColumns() bool { return t.HasVectors() }
