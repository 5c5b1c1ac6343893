package tensor

import (
	"sync"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// The blocks of a transposed product: the packed left operand takes 240 KB at most, half of L2, and the right one 2 MB.
const (
	transDepth = 512  // rows of both operands at a time
	transCols  = 1024 // columns of the right operand at a time; a multiple of the columns of every tile
	tiledDepth = 1024 // values of k in the layout Tiled at a time, if the left operand is not transposed; and rows of it
	tiledRows  = 128
	besideCols = 256 // the most columns of the right operand of a second product
)

// scratch is room for packed or copied operands of products of matrices.
type scratch struct {
	a      []float32 // of the left operand: blockRows rows or, transposed, columns
	b      []float32 // of a transposed product's right operand: transCols columns
	beside []float32 // of a second product's right operand: besideCols columns
	hold   kernel.HeldTile
}

// scratches are those that nobody uses. There are never more than calls that ran at once, and none is ever freed.
var scratches struct {
	sync.Mutex
	free []*scratch
}

func takeScratch() *scratch {
	scratches.Lock()
	defer scratches.Unlock()
	if n := len(scratches.free); n > 0 {
		s := scratches.free[n-1]
		scratches.free = scratches.free[:n-1]
		return s
	}
	const narrow = 4 // the fewest rows of a tile, hence the most tiles
	return &scratch{
		a: kernel.AlignedSlice(max(blockRows*transDepth+(blockRows/narrow+1)*packGap, tiledRows*(tiledDepth/2+packGap))),
		b: kernel.AlignedSlice(transCols*transDepth + transCols/16*packGap),

		beside: kernel.AlignedSlice(besideCols*transDepth + besideCols/16*packGap),
	}
}

// release lets others take s.
func (s *scratch) release() {
	scratches.Lock()
	defer scratches.Unlock()
	scratches.free = append(scratches.free, s)
}

// packGap is the gap between packed tiles: without it they could lie a power of two apart, and share few lines of the cache.
const packGap = 16

// packedAt is where the packed columns [j, j+full) of k rows start; j is a multiple of full.
func packedAt(j, full, k int) int { return j*k + j/full*packGap }

// rowsAhead is how many rows ahead packTiles fetches: it reads so little of each that the hardware does not foresee the next.
const rowsAhead = 8

// packTiles packs columns [j0, j1) of rows [q0, q1), counted over all blocks of b: as tiles [q1-q0, full], the last of them
// padded with zeros. It goes along the rows of b, as the hardware foresees that. An odd last row is completed by pad, if the
// layout has pairs.
func packTiles(dst []float32, b Blocks, q0, q1, j0, j1, full int, l kernel.Layout, pad float32) {
	k := q1 - q0
	step := packedAt(full, full, l.Room(k))
	for place := range l.Room(k) { // in order, as packing one may write into the next
		if q := q0 + l.Source(place+rowsAhead, k); q < q1 {
			kernel.Fetch(b.row(q/b.Rows, q%b.Rows)[j0:j1])
		}
		if q := q0 + l.Source(place, k); q < q1 {
			kernel.PackRow(dst[place*full:], b.row(q/b.Rows, q%b.Rows)[j0:j1], full, step)
		}
	}
	for j := range tilesOf(j1-j0, full) {
		l.Finish(dst[j*step:], k, full, pad)
	}
}
