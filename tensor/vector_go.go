//go:build !amd64 || purego

package tensor

// Without assembly the scalar twins compute every value.

func vectorExp(_, _ []float32) int     { return 0 }
func vectorSigmoid(_, _ []float32) int { return 0 }
func vectorTanh(_, _ []float32) int    { return 0 }
