//go:build (!amd64 && !arm64) || purego

package kernel

func Available(t Tier) bool { return t == Go || t == GoFast }

func hasPairs() bool { return false }

const PanelsAtOnce = false

// TryColumns would compute n tiles, one below the other; no tier here does.
func (t *Tile) TryColumns(Tier, int, int) bool { return false }

// runNarrow computes the first width columns, which the tier's narrow tile has.
func (t *Tile) runNarrow(Tier) { t.runGo(t.width) }

// Run computes the tile.
func (t *Tile) Run(on Tier) {
	t.runPlain(on)
}

func ceiling(on Tier, n int) { ceilingGo(on, n) }
