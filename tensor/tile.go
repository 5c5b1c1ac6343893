package tensor

// tile is the one micro-kernel's operands:
//
//	C[i*cs + j] += sum over k1, k0 of A[i*ars + k0*acs + k1*abs] * B[k0*brs + k1*bbs + j]
//
// for i < m and j < the tier's width. Strides count floats. Each element is one chain of fused
// multiply-adds that starts from C and runs over k1, and over k0 within it, in order. Assembly reads the
// fields by the offsets in go_asm.h; whoever fills a tile has checked the extents.
type tile struct {
	c, a, b       []float32
	cs            int
	ars, acs, abs int
	brs, bbs      int
	k0, k1        int
	m             int
	ahead         int // from c to the tile that comes next, to be fetched meanwhile; any number is safe
}

// Limits over all tiers, for buffers on the stack.
const (
	maxTileRows = 8
	maxTileCols = 32
)

// tier is an instruction set with a tile of its own.
type tier uint8

const (
	tierGo tier = iota
	tierAVX2
	tierAVX512
)

var tiers = [...]struct {
	name       string
	rows, cols int // the tile's shape
	lanes      int // multiply-adds in one instruction
}{
	tierGo:     {"go", 4, 16, 1},
	tierAVX2:   {"avx2", 6, 16, 8},
	tierAVX512: {"avx512", 8, 32, 16},
}

func (t tier) String() string { return tiers[t].name }

// shape is the most rows of one tile, and its columns.
func (t tier) shape() (rows, cols int) { return tiers[t].rows, tiers[t].cols }
