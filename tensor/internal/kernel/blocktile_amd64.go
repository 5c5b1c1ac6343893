//go:build !purego

package kernel

import "unsafe"

// runVectors computes all columns of a tile, which is whole in Split, if there is assembly for it, and tells whether it did.
func (t *BlockTile) runVectors(on Tier, l Layout) bool {
	switch {
	case on.startsTiles(l):
		t.config = &tileConfigs[0][0]
		blockTilesAMX(t)
	case on == AVX512 && l == Split:
		blockTileAVX512(t)
	case on == AVX2 && l == Split:
		blockTileAVX2(t)
	default:
		return false
	}
	return true
}

// startsTiles tells whether there is assembly that starts from BlockTile.Start.
func (t Tier) startsTiles(l Layout) bool { return t == AVX512 && l == Tiled && hasAMX() }

// tileConfigs are the shapes of the registers of blockTilesAMX for 1 to tiledRows rows.
var tileConfigs = func() (c [tiledRows][64]byte) {
	const most = 16 // rows of a register; each of 64 bytes
	for i := range c {
		upper, lower := min(i+1, most), max(i+1-most, 1)
		c[i][0] = 1
		for reg, rows := range [...]int{upper, upper, lower, lower, upper, lower, BlockK / 2, BlockK / 2} {
			c[i][16+2*reg] = 64
			c[i][48+reg] = byte(rows)
		}
	}
	return c
}()

// vectorSplitRow converts whole blocks of src and returns how many values these were.
func vectorSplitRow(dst, src []float32) int {
	n := len(src) / BlockK
	if !Active.HasVectors() {
		return 0
	}
	splitRowAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	return n * BlockK
}

// for i := range n { splitRow(dst[i*BlockK:], src[i*BlockK:][:BlockK], 0) }
//
//go:noescape
func splitRowAVX2(dst, src *float32, n int)

// blockTileAVX512 is runGo(32) of the layout Split for 8 rows.
//
//go:noescape
func blockTileAVX512(t *BlockTile)

// blockTileAVX2 is runGo(16) of the layout Split for 6 rows.
//
//go:noescape
func blockTileAVX2(t *BlockTile)

// blockTilesAMX is runGo(32) of the layout Tiled, for any number of rows.
//
//go:noescape
func blockTilesAMX(t *BlockTile)
