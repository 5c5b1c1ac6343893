package tensor

import "sync"

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

	hold holding
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
		a: AlignedSlice(blockRows*transDepth + (blockRows/narrow+1)*packGap),
		b: AlignedSlice(transCols*transDepth + transCols/16*packGap),

		beside: AlignedSlice(besideCols*transDepth + besideCols/16*packGap),
	}
}

func (s *scratch) give() {
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
func packTiles(dst []float32, b Blocks, q0, q1, j0, j1, full int, l layout, pad float32) {
	k := q1 - q0
	step := packedAt(full, full, l.room(k))
	for place := range l.room(k) { // in order, as packing one may write into the next
		if q := q0 + place + rowsAhead; q < q1 {
			fetch(b.row(q/b.Rows, q%b.Rows)[j0:j1])
		}
		if q := q0 + place ^ l.flip(); q < q1 {
			packRow(dst[place*full:], b.row(q/b.Rows, q%b.Rows)[j0:j1], full, step)
		}
	}
	for j := range tilesOf(j1-j0, full) {
		l.finish(dst[j*step:], k, full, pad)
	}
}

// packRow copies src to dst, full values at every step-th place.
func packRow(dst, src []float32, full, step int) {
	n := vectorPackRow(dst, src, full, step)
	dst, src = dst[min(len(dst), n*step):], src[n*full:]
	for ; len(src) >= full; src = src[full:] {
		copy(dst[:full], src)
		dst = dst[min(step, len(dst)):]
	}
	if len(src) > 0 {
		clear(dst[copy(dst, src):full])
	}
}
