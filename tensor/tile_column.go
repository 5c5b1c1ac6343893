package tensor

// runColumn computes n tiles of one panel, of which the first width columns are C's, one tile below the other, and
// leaves t at the tile that would come next: A goes on by astep values from tile to tile, C by cstep and next by nstep.
func (t *tile) runColumn(on tier, n, width int) {
	_, nr := on.shape()
	if width == nr && n > 0 && t.columnAtOnce(on, n, 0) {
		t.goDown(n)
		return
	}
	t.ahead = t.cstep
	for range n {
		if width < nr {
			t.runEdge(on, width)
		} else {
			t.run(on)
		}
		t.goDown(1)
	}
}

// goDown moves t on by n tiles.
func (t *tile) goDown(n int) {
	t.a = t.a[min(n*t.astep, len(t.a)):]
	t.c = t.c[min(n*t.cstep, len(t.c)):]
	t.next = t.next[min(n*t.nstep, len(t.next)):]
}

// lowestColumn is the least rows of a tile in a column at once.
const lowestColumn = 4

// columns tells whether t has a kernel for columns of tiles, for packed left operands.
func (t tier) columns() bool { return t.vectors() }

// packRows packs rows of a from at on, high of them, as the tile takes them: full values for every column of a. Those
// beyond the tile's rows are of no matter. It may write a vector's rest behind what it packs.
func packRows(dst []float32, a Matrix, at, high, full int) {
	src := a.Data[at*a.Stride:]
	done := vectorPackRows(dst, src, a.Stride, high, full, a.Cols)
	for i := range high {
		for k, v := range src[i*a.Stride:][done:a.Cols] {
			dst[(done+k)*full+i] = v
		}
	}
}
