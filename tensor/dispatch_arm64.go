//go:build !purego

package tensor

// available tells whether t can run: every arm64 processor has NEON.
func available(t tier) bool { return t == tierGo || t == tierGoFast || t == tierNEON }

func hasPairs() bool { return false }

// panelsAtOnce tells whether columns of several panels, and of two heights, are computed at once.
const panelsAtOnce = false

// columnAtOnce computes n tiles, one below the other, and tells whether the tier does that. It has none that are low.
func (t *tile) columnAtOnce(on tier, n, low int) bool {
	if mr, nr := on.shape(); !on.columns() || t.layout != plain || t.acs != mr || t.brs != nr || t.m < lowestColumn || low > 0 {
		return false
	}
	tileColumnNEON(t, n)
	return true
}

// runNarrow computes the first width columns, which the tier's narrow tile has.
func (t *tile) runNarrow(tier) { t.runGo(t.width) }

// run computes the tile. FPCR.FZ would flush results that are subnormal before they are rounded, not after as the bits
// of bfloat16 want it, so that those are left to plain Go.
func (t *tile) run(on tier) {
	if on == tierNEON && t.layout == plain {
		tileNEON(t)
		return
	}
	t.runPlain(on)
}

// tileNEON is runGo(16) for m up to 6.
//
//go:noescape
func tileNEON(t *tile)

// tileColumnNEON is n times runGo(16) and goDown(1), for m from 4 to 6 of a packed left operand: arows[i] is i, acs 6, and
// brs 16, k0 is more than none, k1 is 1, and there is one panel.
//
//go:noescape
func tileColumnNEON(t *tile, n int)

// ceiling runs n rounds of the register-only loop.
func ceiling(on tier, n int) {
	if on == tierNEON {
		ceilingNEON(n)
		return
	}
	ceilingGo(on, n)
}

// ceilingNEON is n rounds of ceilingChains multiply-adds of 4 values.
//
//go:noescape
func ceilingNEON(n int)
