//go:build !amd64 || purego

package kernel

func (t *BlockTile) runVectors(Tier, Layout) bool { return false }

func (t Tier) startsTiles(Layout) bool { return false }

func vectorSplitRow(_, _ []float32) int { return 0 }

func hasAMX() bool { return false }
