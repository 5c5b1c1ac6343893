//go:build !purego

package kernel

// Available tells whether t can run: every arm64 processor has NEON.
func Available(t Tier) bool { return t == Go || t == GoFast || t == NEON }

func hasPairs() bool { return false }

// PanelsAtOnce tells whether columns of several panels, and of two heights, are computed at once.
const PanelsAtOnce = false

// TryColumns computes n tiles, one below the other, and tells whether the tier does that. It has none that are low.
func (t *Tile) TryColumns(on Tier, n, low int) bool {
	if mr, nr := on.Shape(); !on.HasColumns() || t.Layout != Plain || t.AK0 != mr || t.BK0 != nr || t.Rows < LeastColumnRows || low > 0 {
		return false
	}
	tileColumnNEON(t, n)
	return true
}

// runNarrow computes the first width columns, which the tier's narrow tile has.
func (t *Tile) runNarrow(Tier) { t.runGo(t.width) }

// Run computes the tile. FPCR.FZ would flush results that are subnormal before they are rounded, not after as the bits
// of bfloat16 want it, so that those are left to plain Go.
func (t *Tile) Run(on Tier) {
	if on == NEON && t.Layout == Plain {
		tileNEON(t)
		return
	}
	t.runPlain(on)
}

// tileNEON is runGo(16) for m up to 6.
//
//go:noescape
func tileNEON(t *Tile)

// tileColumnNEON is n times runGo(16) and goDown(1), for m from 4 to 6 of a packed left operand: arows[i] is i, acs 6, and
// brs 16, k0 is more than none, k1 is 1, and there is one panel.
//
//go:noescape
func tileColumnNEON(t *Tile, n int)

// ceiling runs n rounds of the register-only loop.
func ceiling(on Tier, n int) {
	if on == NEON {
		ceilingNEON(n)
		return
	}
	ceilingGo(on, n)
}

// ceilingNEON is n rounds of ceilingChains multiply-adds of 4 values.
//
//go:noescape
func ceilingNEON(n int)
