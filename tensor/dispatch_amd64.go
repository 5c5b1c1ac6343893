//go:build !purego

package tensor

import "golang.org/x/sys/cpu"

// available tells whether processor and operating system carry t.
func available(t tier) bool {
	switch x := &cpu.X86; t {
	case tierGo, tierGoFast:
		return true
	case tierAVX2:
		return x.HasAVX2 && x.HasFMA
	case tierAVX512:
		return x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA
	}
	return false
}

// hasPairs tells whether the processor has VDPBF16PS.
func hasPairs() bool { return available(tierAVX512) && cpu.X86.HasAVX512BF16 }

// run computes the tile.
func (t *tile) run(on tier) {
	switch {
	case on == tierAVX512 && t.layout == plain:
		tileAVX512(t)
	case on == tierAVX512 && t.layout == swapped:
		tileAVX512Flush(t)
	case on == tierAVX512:
		tileAVX512BF16(t)
	case on == tierAVX2 && t.layout == plain:
		tileAVX2(t)
	case on == tierAVX2:
		tileAVX2Flush(t)
	default:
		t.runPlain(on)
	}
}

// panelsAtOnce tells whether columns of several panels, and of two heights, are computed at once.
const panelsAtOnce = true

// columnAtOnce computes n tiles, one below the other, and then low ones of a row less, for every panel, and tells whether
// the tier does that.
func (t *tile) columnAtOnce(on tier, n, low int) bool {
	const holdFor = 128 // rows of C in so many values lie where they would disturb one another
	if mr, nr := on.shape(); !on.columns() || t.layout != plain || t.acs != mr || t.brs != nr || t.m-min(low, 1) < lowestColumn {
		return false
	}
	hold := t.hold
	if t.start != nil || t.crows[1]%holdFor != 0 {
		t.hold = nil
	}
	if on == tierAVX512 {
		tileColumnAVX512(t, n, low)
	} else {
		tileColumnAVX2(t, n, low)
	}
	t.hold = hold
	return true
}

// runNarrow computes the first width columns, which the tier's narrow tile has.
func (t *tile) runNarrow(on tier) {
	switch {
	case !on.vectors():
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
func tileAVX512(t *tile)

// tileAVX512Flush is tileAVX512 with subnormal values taken and left as zeros.
//
//go:noescape
func tileAVX512Flush(t *tile)

// tileAVX512BF16 is tileAVX512 for pairs: VDPBF16PS in the place of the multiply-add.
//
//go:noescape
func tileAVX512BF16(t *tile)

// tileAVX2Flush is tileAVX2 with subnormal values taken and left as zeros.
//
//go:noescape
func tileAVX2Flush(t *tile)

// tileAVX2 is runGo(16) for m up to 6.
//
//go:noescape
func tileAVX2(t *tile)

// tileColumnAVX2 is, for every panel, n times runGo(16) and goDown(1), and then low times that with m a row less, of a
// packed left operand: heights are from 4 to 6, arows[i] is i, acs 6, brs 16, k0 more than none and k1 1.
//
//go:noescape
func tileColumnAVX2(t *tile, n, low int)

// tileColumnAVX512 is that with runGo(32), for heights from 4 to 8, acs 8 and brs 32.
//
//go:noescape
func tileColumnAVX512(t *tile, n, low int)

// tileNarrowAVX2 is runGo(t.width) for m and t.width up to 8.
//
//go:noescape
func tileNarrowAVX2(t *tile)

// tileHalfAVX512 is runGo(t.width) for m up to 8 and t.width up to 16.
//
//go:noescape
func tileHalfAVX512(t *tile)

// tileEdgeAVX512 is that for t.width from 17 to 31.
//
//go:noescape
func tileEdgeAVX512(t *tile)

// ceiling runs n rounds of the register-only loop.
func ceiling(on tier, n int) {
	switch on {
	case tierAVX512:
		ceilingAVX512(n)
	case tierAVX2:
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
