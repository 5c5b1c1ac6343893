package kernel

// Tile is the operands of the one small kernel under every matrix product. It adds to a tile of C, Rows rows by w columns,
// the product of Rows rows of A and w columns of B, where w is how many columns the tier's tile has (Tier.Shape). It does so
// for Panels tiles side by side, one for each panel of B. For every panel p < max(1, Panels), row i < Rows, column j < w:
//
//	C[CRow[i] + p*w + j]  +=  sum over k1 < K1, k0 < K0 of
//	    A[ARow[i] + k1*AK1 + k0*AK0]  *  B[p*BPanel + k1*BK1 + k0*BK0 + j]
//
// In a matrix product K1 is 1. In a convolution by pixels k1 is a row of taps, and k0 the taps and channels in it. Tables
// say where the rows of A and C begin, so these may be any pixels of any images.
//
// Each element is one chain of fused multiply-adds, over k1 and over k0 within it, in order. (In the layout Paired each step
// of k0 is two of them, that of the upper half first.) The chain starts from C or, unless Start is nil, from Start[p*w + j]:
// then C need not be set before.
//
// Offsets and distances count float32 values. Assembly reads the fields by the offsets in go_asm.h, and checks nothing:
// whoever fills a Tile has made sure that all it names is there.
type Tile struct {
	C, A, B        []float32
	Start          []float32
	ARow, CRow     [MaxTileRows]int // where the rows begin in A, and in C
	AK0, AK1       int
	BK0, BK1       int
	K0, K1         int
	Rows           int
	width          int // columns, of runNarrow
	Panels, BPanel int
	Layout         Layout
	AheadC         int // from C to the next tile, which is fetched meanwhile; it need not be there

	// Next, unless it is nil, is values that are needed soon: Pace bytes of them are fetched with every k0.
	Next []float32
	Pace int

	// The rest is for RunColumn and TryColumns.
	ADown, CDown, NextDown int       // from one tile to the tile below it, in A, C and Next
	StartPanel             int       // from one panel to the panel beside it, in Start
	Held                   *HeldTile // room to copy tiles of C to
}

// HeldTile is room for a copy of a tile of C that begins at any place within 4096 bytes.
type HeldTile [4096/4 + MaxTileRows*MaxTileCols]float32

// EvenRows sets where the rows begin if they are evenly apart: a values in A, and c in C.
func (t *Tile) EvenRows(a, c int) {
	for i := range MaxTileRows {
		t.ARow[i], t.CRow[i] = i*a, i*c
	}
}

// The largest tile of all tiers, for buffers on the stack.
const (
	MaxTileRows = 8
	MaxTileCols = 32
)
