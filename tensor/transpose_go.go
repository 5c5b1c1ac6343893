//go:build !amd64 || purego

package tensor

func vectorTurn(_, _ []float32, _, _, _, _, _ int) bool { return false }

func vectorTranspose8(_, _ []float32, _, _, _ int) int { return 0 }
