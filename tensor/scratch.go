package tensor

import "sync"

// The block of c that MatMulTransAdd computes at a time. The operands of each take 256 KB, packed: together
// half of L2, or less.
const (
	transRows = 240 // a multiple of every tile's rows
	transCols = 256 // a multiple of every tile's columns
)

// scratch holds packed operands of MatMulTransAdd.
type scratch struct{ a, b []float32 }

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
		a: AlignedSlice(transRows*blockK + transRows/narrow*packGap),
		b: AlignedSlice(transCols*blockK + transCols/16*packGap),
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

// packTiles packs columns [j0, j1) of b's k rows, full columns to a tile, one row of a tile after another. It
// reads along the rows, as the hardware foresees. The last tile is padded with zeros.
func packTiles(dst []float32, b Blocks, j0, j1, full, k int) {
	step := packedAt(full, full, k)
	for g := range b.Count {
		for r := range b.Rows {
			at := (b.First + g*b.Step + r) * b.M.Stride
			packRow(dst[(g*b.Rows+r)*full:], b.M.Data[at+j0:at+j1], full, step)
		}
	}
}

// packRow copies src to dst, full values at every step-th place.
func packRow(dst, src []float32, full, step int) {
	for ; len(src) >= full; src = src[full:] {
		switch full {
		case 4:
			*(*[4]float32)(dst) = *(*[4]float32)(src)
		case 6:
			*(*[6]float32)(dst) = *(*[6]float32)(src)
		case 8:
			*(*[8]float32)(dst) = *(*[8]float32)(src)
		case 16:
			*(*[16]float32)(dst) = *(*[16]float32)(src)
		case 32:
			*(*[32]float32)(dst) = *(*[32]float32)(src)
		}
		dst = dst[min(step, len(dst)):]
	}
	if len(src) > 0 {
		clear(dst[copy(dst, src):full])
	}
}
