//go:build !amd64 || purego

package tensor

func available(t tier) bool { return t == tierGo }

func hasPairs() bool { return false }

// run computes the tile.
func (t *tile) run(on tier) {
	_, cols := on.shape()
	t.runGo(cols)
}

func ceiling(_ tier, n int) { ceilingGo(n) }
