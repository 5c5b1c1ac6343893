//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// Available tells whether the processor, the operating system and this build have t.
func Available(t Tier) bool {
	switch x := &cpu.X86; t {
	case Go, GoFast:
		return true
	case AVX2:
		return x.HasAVX2 && x.HasFMA
	case AVX512:
		return x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA
	}
	return false
}

// HasPairs tells whether AVX512 has a tile for the layout Paired: VDPBF16PS, which multiplies pairs of bfloat16 values.
func HasPairs() bool { return Available(AVX512) && cpu.X86.HasAVX512BF16 }

// fastPairs tells whether VDPBF16PS is faster than two multiply-adds. On processors that have AMX it takes four times as long as
// one.
func fastPairs() bool { return !cpu.X86.HasAMXTile }

// Run computes t by the tier's assembly, or in plain Go.
func (t *Tile) Run(on Tier) {
	switch {
	case on == AVX512 && t.Layout == Plain:
		tileAVX512(t)
	case on == AVX512 && t.Layout == Swapped:
		tileAVX512Flush(t)
	case on == AVX512:
		tileAVX512BF16(t)
	case on == AVX2 && t.Layout == Plain:
		tileAVX2(t)
	case on == AVX2:
		tileAVX2Flush(t)
	default:
		t.runPlain(on)
	}
}

// runNarrow computes only the first t.width columns, which must be Tier.Narrow at most.
func (t *Tile) runNarrow(on Tier) {
	switch {
	case !on.HasVectors():
		t.runGo(t.width)
	case t.width <= 8:
		tileNarrowAVX2(t)
	case t.width <= 16:
		tileHalfAVX512(t)
	default:
		tileEdgeAVX512(t)
	}
}

// ColumnsAtOnce tells whether TryColumns takes more than one panel, and tiles of two heights.
const ColumnsAtOnce = true

// TryColumns computes columns of tiles in one call, if the tier has assembly for these, and tells whether it did. A column
// is n tiles of t.Rows rows, one below the other, and below them low tiles that have one row less; there is one for each
// panel. The left operand must be packed by PackRows. t itself stays where it is.
func (t *Tile) TryColumns(on Tier, n, low int) bool {
	mr, nr := on.Shape()
	packed := t.AK0 == mr && t.BK0 == nr
	if !on.HasColumns() || t.Layout != Plain || !packed || t.Rows-min(low, 1) < LeastColumnRows {
		return false
	}
	held := t.Held
	const sameLines = 128 // rows of C a multiple of so many values apart lie in few lines of the cache, and need Held
	if t.Start != nil || t.CRow[1]%sameLines != 0 {
		t.Held = nil
	}
	if on == AVX512 {
		tileColumnAVX512(t, n, low)
	} else {
		tileColumnAVX2(t, n, low)
	}
	t.Held = held
	return true
}

// tileAVX512 is runGo(32), for 1 to 8 rows.
//
//go:noescape
func tileAVX512(t *Tile)

// tileAVX512Flush is tileAVX512 that takes subnormal values as zeros, and leaves zeros instead of them.
//
//go:noescape
func tileAVX512Flush(t *Tile)

// tileAVX512BF16 is tileAVX512 with VDPBF16PS in the place of the multiply-add.
//
//go:noescape
func tileAVX512BF16(t *Tile)

// tileAVX2 is runGo(16), for 1 to 6 rows.
//
//go:noescape
func tileAVX2(t *Tile)

// tileAVX2Flush is tileAVX2 that takes subnormal values as zeros, and leaves zeros instead of them.
//
//go:noescape
func tileAVX2Flush(t *Tile)

// tileColumnAVX2 computes the columns of TryColumns:
//
//	for each panel {
//		for range n { t.runGo(16) of the panel; t.goDown(1) }
//		for range low { the same with a row less }
//	}
//
// for tiles of 4 to 6 rows, ARow[i] = i, AK0 = 6, BK0 = 16, K0 > 0 and K1 = 1.
//
//go:noescape
func tileColumnAVX2(t *Tile, n, low int)

// tileColumnAVX512 is tileColumnAVX2 with runGo(32), for tiles of 4 to 8 rows, AK0 = 8 and BK0 = 32.
//
//go:noescape
func tileColumnAVX512(t *Tile, n, low int)

// tileNarrowAVX2 is runGo(t.width), for 1 to 8 rows and columns. AVX-512 uses it too.
//
//go:noescape
func tileNarrowAVX2(t *Tile)

// tileHalfAVX512 is runGo(t.width), for 1 to 8 rows and 1 to 16 columns.
//
//go:noescape
func tileHalfAVX512(t *Tile)

// tileEdgeAVX512 is runGo(t.width), for 1 to 8 rows and 17 to 31 columns.
//
//go:noescape
func tileEdgeAVX512(t *Tile)

// ceiling runs n rounds of multiply-adds of registers, for Ceiling.
func ceiling(on Tier, n int) {
	switch on {
	case AVX512:
		ceilingAVX512(n)
	case AVX2:
		ceilingAVX2(n)
	default:
		ceilingGo(on, n)
	}
}

// ceilingAVX512 is n rounds of ceilingChains multiply-adds of 16 values.
//
//go:noescape
func ceilingAVX512(n int)

// ceilingAVX2 is n rounds of ceilingChains multiply-adds of 8 values.
//
//go:noescape
func ceilingAVX2(n int)
