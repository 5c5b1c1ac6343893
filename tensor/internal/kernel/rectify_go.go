//go:build !amd64 || purego

package kernel

func vectorCut(_, _ []float32, _, _ float32) int        { return 0 }
func vectorCutBack(_, _, _ []float32, _, _ float32) int { return 0 }
func vectorMaxTap(_, _, _ []float32, _ float32) int     { return 0 }
func vectorMaxTapBack(_, _, _ []float32, _ float32) int { return 0 }
