//go:build !amd64 || purego

package kernel

func vectorRoundBF16(_, _ []float32) int   { return 0 }
func vectorSwapBF16(_, _ []float32) int    { return 0 }
func vectorPairRows(_, _, _ []float32) int { return 0 }
func vectorPairBF16(_, _ []float32) int    { return 0 }
