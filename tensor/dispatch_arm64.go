//go:build !purego

package tensor

// available tells whether t can run: every arm64 processor has NEON.
func available(t tier) bool { return t == tierGo || t == tierGoFast || t == tierNEON }

func hasPairs() bool { return false }

// columnAtOnce would compute n tiles, one below the other; no tier here does.
func (t *tile) columnAtOnce(tier, int) bool { return false }

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
