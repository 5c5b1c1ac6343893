package tensor

import (
	"sync"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// The blocks of a transposed product: its packed operands take 240 KB, half of L2, and 2 MB, at most.
const (
	transDepth = 512  // rows of both operands at a time
	transCols  = 1024 // columns of the right one at a time; a multiple of every tile's columns
	besideCols = 256  // the most columns of a second one
)

// scratch holds packed or copied operands of products.
type scratch struct {
	a []float32 // blockRows rows of the left one, or as many columns of it transposed
	b []float32 // transCols columns of a transposed product's right one

	beside []float32 // besideCols columns of a second right one

	hold kernel.HeldTile
}

// scratches are those not in use. There are never more than calls that ran at once, and none is ever freed.
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
		a: kernel.AlignedSlice(blockRows*transDepth + (blockRows/narrow+1)*packGap),
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

// packGap keeps packed tiles off one another's cache lines: without it they could lie a power of two apart.
const packGap = 16

// packedAt is where the packed columns [j, j+full) of k rows start; j is a multiple of full.
func packedAt(j, full, k int) int { return j*k + j/full*packGap }

// rowsAhead is how far ahead packTiles asks for rows: a part of each is too short for the hardware to foresee the next.
const rowsAhead = 8

// packTiles packs columns [j0, j1) of rows [q0, q1) of all of b's, full columns to a tile, one row of a tile after
// another. It reads along the rows, as the hardware foresees. The last tile is padded with zeros.
// Where the layout has pairs, an odd last row is completed by pad.
func packTiles(dst []float32, b Blocks, q0, q1, j0, j1, full int, l kernel.Layout, pad float32) {
	k := q1 - q0
	step := packedAt(full, full, l.Room(k))
	for place := range l.Room(k) { // in order, as packing one may write into the next
		if q := q0 + place + rowsAhead; q < q1 {
			kernel.Fetch(b.row(q/b.Rows, q%b.Rows)[j0:j1])
		}
		if q := q0 + place ^ l.Flip(); q < q1 {
			kernel.PackRow(dst[place*full:], b.row(q/b.Rows, q%b.Rows)[j0:j1], full, step)
		}
	}
	for j := range tilesOf(j1-j0, full) {
		l.Finish(dst[j*step:], k, full, pad)
	}
}
