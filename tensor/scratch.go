package tensor

import "sync"

// transRows is how many rows of c MatMulTransAdd computes at a time: their operand takes 256 KB, and stays
// in L2 while the other one passes by.
const transRows = 240 // a multiple of every tile's rows

// scratch holds packed operands of MatMulTransAdd.
type scratch struct {
	a []float32 // transRows columns of blockK rows
	b []float32 // a panel of blockK rows
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
	return &scratch{a: AlignedSlice(transRows * blockK), b: AlignedSlice(maxTileCols * blockK)}
}

func (s *scratch) give() {
	scratches.Lock()
	defer scratches.Unlock()
	scratches.free = append(scratches.free, s)
}
