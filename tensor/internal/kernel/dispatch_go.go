//go:build (!amd64 && !arm64) || purego

package kernel

// Available tells whether this build has t.
func Available(t Tier) bool { return t == Go || t == GoFast }

// HasPairs tells whether a tier has a tile for the layout Paired.
func HasPairs() bool { return false }

func fastPairs() bool { return false }

// Run computes t.
func (t *Tile) Run(on Tier) { t.runPlain(on) }

// runNarrow computes only the first t.width columns, which must be Tier.Narrow at most.
func (t *Tile) runNarrow(Tier) { t.runGo(t.width) }

// ColumnsAtOnce tells whether TryColumns takes more than one panel, and tiles of two heights.
const ColumnsAtOnce = false

// TryColumns would compute columns of tiles in one call: no tier here does.
func (t *Tile) TryColumns(Tier, int, int) bool { return false }

func ceiling(on Tier, n int) { ceilingGo(on, n) }
