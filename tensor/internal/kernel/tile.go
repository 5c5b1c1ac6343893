package kernel

// Tile is the one micro-kernel's operands. For every panel p of max(1, panels), with w the tier's width:
//
//	C[crows[i] + p*w + j] += sum over k1, k0 of A[arows[i] + k0*acs + k1*abs] * B[p*bps + k0*brs + k1*bbs + j]
//
// for i < m and j < w. Offsets and strides count floats. Each element is one chain of fused multiply-adds
// that runs over k1, and over k0 within it, in order (in the layout paired, two to each, the upper half first). It starts from C; where start is not nil, from
// start[p*w + j], so that C need not be set before. Rows are addressed by tables, so that they may be any
// pixels of any images. Assembly reads the fields by the offsets in go_asm.h; whoever fills a tile has
// checked the extents.
type Tile struct {
	C, A, B        []float32
	Start          []float32
	ARow, CRow     [MaxTileRows]int
	AK0, AK1       int
	BK0, BK1       int
	K0, K1         int
	Rows           int
	width          int // columns, for runNarrow alone
	Panels, BPanel int
	Layout         Layout
	AheadC         int // from c to the tile that comes next, to be fetched meanwhile; any number is safe

	// next, unless it is nil, will be needed soon: pace bytes of it for every k0 may be brought nearer meanwhile.
	Next []float32
	Pace int

	// For runColumn alone.
	ADown, CDown, NextDown int       // from a tile to the one below it, in a, c and next
	StartPanel             int       // from a panel to the one beside it, in start
	Held                   *HeldTile // for its use
}

// HeldTile is room for a tile of C at any place within 4096 bytes.
type HeldTile [4096/4 + MaxTileRows*MaxTileCols]float32

// EvenRows sets the offsets of rows that lie evenly apart, in A and in C.
func (t *Tile) EvenRows(a, c int) {
	for i := range MaxTileRows {
		t.ARow[i], t.CRow[i] = i*a, i*c
	}
}

// Limits over all tiers, for buffers on the stack.
const (
	MaxTileRows = 8
	MaxTileCols = 32
)
