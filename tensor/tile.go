package tensor

// tile is the one micro-kernel's operands. For every panel p of max(1, panels), with w the tier's width:
//
//	C[crows[i] + p*w + j] += sum over k1, k0 of A[arows[i] + k0*acs + k1*abs] * B[p*bps + k0*brs + k1*bbs + j]
//
// for i < m and j < w. Offsets and strides count floats. Each element is one chain of fused multiply-adds
// that runs over k1, and over k0 within it, in order (in the layout paired, two to each, the upper half first). It starts from C; where start is not nil, from
// start[p*w + j], so that C need not be set before. Rows are addressed by tables, so that they may be any
// pixels of any images. Assembly reads the fields by the offsets in go_asm.h; whoever fills a tile has
// checked the extents.
type tile struct {
	c, a, b      []float32
	start        []float32
	arows, crows [maxTileRows]int
	acs, abs     int
	brs, bbs     int
	k0, k1       int
	m            int
	width        int // columns, for runNarrow alone
	panels, bps  int
	layout       layout
	ahead        int // from c to the tile that comes next, to be fetched meanwhile; any number is safe

	// next, unless it is nil, will be needed soon: pace bytes of it for every k0 may be brought nearer meanwhile.
	next []float32
	pace int

	// For runColumn alone.
	astep, cstep, nstep int      // from a tile to the one below it, in a, c and next
	sstep               int      // from a panel to the one beside it, in start
	hold                *holding // for its use
}

// holding is room for a tile of C at any place within 4096 bytes.
type holding [4096/4 + maxTileRows*maxTileCols]float32

// stride sets the offsets of rows that lie evenly apart, in A and in C.
func (t *tile) stride(a, c int) {
	for i := range maxTileRows {
		t.arows[i], t.crows[i] = i*a, i*c
	}
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
	tierNEON
	tierGoFast // rounds products: other bits, chosen by name alone
)

var tiers = [...]struct {
	name       string
	rows, cols int // the tile's shape
	lanes      int // multiply-adds in one instruction; 1 is plain Go

	narrowRows, narrow int // the narrow tile's rows, and its most columns; zeros if there is none
}{
	tierGo:     {"go", 4, 16, 1, 4, 15},
	tierAVX2:   {"avx2", 6, 16, 8, 8, 8},
	tierAVX512: {"avx512", 8, 32, 16, 8, 31},
	tierNEON:   {"neon", 6, 16, 4, 0, 0},
	tierGoFast: {"go-fast", 4, 16, 1, 0, 0},
}

// exact tells whether t computes the bits that all tiers but one have in common.
func (t tier) exact() bool { return t != tierGoFast }

// vectors tells whether t has the element-wise functions in assembly.
func (t tier) vectors() bool { return tiers[t].lanes > 1 }

func (t tier) String() string { return tiers[t].name }

// shape is the most rows of one tile, and its columns.
func (t tier) shape() (rows, cols int) { return tiers[t].rows, tiers[t].cols }
