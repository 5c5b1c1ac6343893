//go:build (!amd64 && !arm64) || purego

package tensor

func available(t tier) bool { return t == tierGo || t == tierGoFast }

func hasPairs() bool { return false }

const panelsAtOnce = false

// columnAtOnce would compute n tiles, one below the other; no tier here does.
func (t *tile) columnAtOnce(tier, int, int) bool { return false }

// runNarrow computes the first width columns, which the tier's narrow tile has.
func (t *tile) runNarrow(tier) { t.runGo(t.width) }

// run computes the tile.
func (t *tile) run(on tier) {
	t.runPlain(on)
}

func ceiling(on tier, n int) { ceilingGo(on, n) }
