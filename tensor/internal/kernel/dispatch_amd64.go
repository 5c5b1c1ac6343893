//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// Available tells whether processor and operating system carry t.
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

// hasPairs tells whether the processor has VDPBF16PS.
func hasPairs() bool { return Available(AVX512) && cpu.X86.HasAVX512BF16 }

// Run computes the tile.
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

// PanelsAtOnce tells whether columns of several panels, and of two heights, are computed at once.
const PanelsAtOnce = true

// TryColumns computes n tiles, one below the other, and then low ones of a row less, for every panel, and tells whether
// the tier does that.
func (t *Tile) TryColumns(on Tier, n, low int) bool {
	const holdFor = 128 // rows of C in so many values lie where they would disturb one another
	if mr, nr := on.Shape(); !on.HasColumns() || t.Layout != Plain || t.AK0 != mr || t.BK0 != nr || t.Rows-min(low, 1) < LeastColumnRows {
		return false
	}
	hold := t.Held
	if t.Start != nil || t.CRow[1]%holdFor != 0 {
		t.Held = nil
	}
	if on == AVX512 {
		tileColumnAVX512(t, n, low)
	} else {
		tileColumnAVX2(t, n, low)
	}
	t.Held = hold
	return true
}

// runNarrow computes the first width columns, which the tier's narrow tile has.
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

// tileAVX512 is runGo(32) for m up to 8.
//
//go:noescape
func tileAVX512(t *Tile)

// tileAVX512Flush is tileAVX512 with subnormal values taken and left as zeros.
//
//go:noescape
func tileAVX512Flush(t *Tile)

// tileAVX512BF16 is tileAVX512 for pairs: VDPBF16PS in the place of the multiply-add.
//
//go:noescape
func tileAVX512BF16(t *Tile)

// tileAVX2Flush is tileAVX2 with subnormal values taken and left as zeros.
//
//go:noescape
func tileAVX2Flush(t *Tile)

// tileAVX2 is runGo(16) for m up to 6.
//
//go:noescape
func tileAVX2(t *Tile)

// tileColumnAVX2 is, for every panel, n times runGo(16) and goDown(1), and then low times that with m a row less, of a
// packed left operand: heights are from 4 to 6, arows[i] is i, acs 6, brs 16, k0 more than none and k1 1.
//
//go:noescape
func tileColumnAVX2(t *Tile, n, low int)

// tileColumnAVX512 is that with runGo(32), for heights from 4 to 8, acs 8 and brs 32.
//
//go:noescape
func tileColumnAVX512(t *Tile, n, low int)

// tileNarrowAVX2 is runGo(t.width) for m and t.width up to 8.
//
//go:noescape
func tileNarrowAVX2(t *Tile)

// tileHalfAVX512 is runGo(t.width) for m up to 8 and t.width up to 16.
//
//go:noescape
func tileHalfAVX512(t *Tile)

// tileEdgeAVX512 is that for t.width from 17 to 31.
//
//go:noescape
func tileEdgeAVX512(t *Tile)

// ceiling runs n rounds of the register-only loop.
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
