//go:build !amd64 || purego

package kernel

func TransposeSquares(_, _ []float32, _, _, _, _, _ int) bool { return false }

func vectorTranspose8(_, _ []float32, _, _, _ int) int { return 0 }
