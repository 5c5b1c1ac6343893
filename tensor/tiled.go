package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Packing for the layout Tiled, whose words hold two bfloat16.

// packWords packs columns [j0, j1) of rows [q0, q1), counted over all blocks of b: as tiles of words [Room/2, full], step words
// apart, the last of them padded with zeros. Rows that complete the last block of k are pad.
func (s *scratch) packWords(dst []float32, b Blocks, q0, q1, j0, j1, full, step int, pad float32) {
	row := func(q int) []float32 {
		if q < q1 {
			return b.row(q/b.Rows, q%b.Rows)[j0:j1]
		}
		kernel.Fill(s.hold[:j1-j0], pad)
		return s.hold[:j1-j0]
	}
	last := q0 + kernel.Tiled.Room(q1-q0)
	for q := q0; q < last; q += 2 {
		for ahead := q + rowsAhead; ahead < min(q+rowsAhead+2, q1); ahead++ {
			kernel.Fetch(row(ahead))
		}
		kernel.PairTiles(dst[(q-q0)/2*full:], row(q), row(q+1), full, step)
	}
}

// roundedCols is how many columns packTransposedPanels rounds at a time: whole blocks.
const roundedCols = 16 * kernel.BlockK

// packRounded packs rows of b as a tile of full columns. s.b is free for that.
func (s *scratch) packRounded(dst []float32, b Matrix, l kernel.Layout, full int) {
	steps := l.Steps(b.Cols)
	apart := steps + packGap
	for i := range b.Rows {
		l.RoundRow(s.b[i*apart:], b.Data[i*b.Stride:][:b.Cols], kernel.PadRight)
	}
	for i := b.Rows; i < full; i++ {
		clear(s.b[i*apart:][:steps])
	}
	kernel.Transpose(dst, s.b, full, apart, full, steps)
}

// packTiledPanels is packPanels.
func packTiledPanels(k *call, lo, hi int) {
	const few = 4 * kernel.BlockK
	s := takeScratch()
	defer s.release()
	_, nr := k.panels.on.Shape()
	all := AllRows(k.c)
	for q := 0; q < k.panels.k; q += few {
		for i := lo; i < hi; i++ {
			dst := k.panels.panel(i)[q/2*nr:]
			s.packWords(dst, all, q, min(q+few, k.panels.k), i*nr, min((i+1)*nr, k.panels.n), nr, 0, kernel.PadRight)
		}
	}
}
