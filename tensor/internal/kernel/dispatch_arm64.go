//go:build !purego

package kernel

// Available tells whether this build has t: every arm64 processor has NEON.
func Available(t Tier) bool { return t == Go || t == GoFast || t == NEON }

// HasPairs tells whether a tier has a tile for the layout Paired.
func HasPairs() bool { return false }

func fastPairs() bool { return false }

// Run computes t by the tier's assembly, or in plain Go. Other layouts than Plain are computed in plain Go: with FPCR.FZ the
// processor would flush a result that is subnormal before it is rounded, while the bits of bfloat16 want it flushed if it is
// subnormal afterwards.
func (t *Tile) Run(on Tier) {
	if on == NEON && t.Layout == Plain {
		tileNEON(t)
		return
	}
	t.runPlain(on)
}

// runNarrow computes only the first t.width columns, which must be Tier.Narrow at most.
func (t *Tile) runNarrow(Tier) { t.runGo(t.width) }

// ColumnsAtOnce tells whether TryColumns takes more than one panel, and tiles of two heights.
const ColumnsAtOnce = false

// TryColumns computes a column of n tiles in one call, one tile below the other, if the tier has assembly for it, and tells
// whether it did. There are no low tiles here. The left operand must be packed by PackRows. t itself stays where it is.
func (t *Tile) TryColumns(on Tier, n, low int) bool {
	mr, nr := on.Shape()
	packed := t.AK0 == mr && t.BK0 == nr
	if !on.HasColumns() || t.Layout != Plain || !packed || t.Rows < LeastColumnRows || low > 0 {
		return false
	}
	tileColumnNEON(t, n)
	return true
}

// tileNEON is runGo(16), for 1 to 6 rows.
//
//go:noescape
func tileNEON(t *Tile)

// tileColumnNEON is n times runGo(16) and goDown(1), for tiles of 4 to 6 rows, ARow[i] = i, AK0 = 6, BK0 = 16, K0 > 0, K1 = 1
// and one panel.
//
//go:noescape
func tileColumnNEON(t *Tile, n int)

// ceiling runs n rounds of multiply-adds of registers, for Ceiling.
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
