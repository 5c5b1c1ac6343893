package kernel

// RunColumn computes n tiles of one panel, of which the first width columns are C's, one tile below the other, and
// leaves t at the tile that would come next: A goes on by astep values from tile to tile, C by cstep and next by nstep.
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

// goDown moves t on by n tiles.
func (t *Tile) goDown(n int) {
	t.A = t.A[min(n*t.ADown, len(t.A)):]
	t.C = t.C[min(n*t.CDown, len(t.C)):]
	t.Next = t.Next[min(n*t.NextDown, len(t.Next)):]
}

// LeastColumnRows is the least rows of a tile in a column at once.
const LeastColumnRows = 4

// HasColumns tells whether t has a kernel for columns of tiles, for packed left operands.
func (t Tier) HasColumns() bool { return t.HasVectors() }
