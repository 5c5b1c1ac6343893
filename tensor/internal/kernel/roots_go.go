//go:build !amd64 || purego

package kernel

// Without assembly the scalar loops compute every value.

func vectorDiv(_, _, _ []float32) int       { return 0 }
func vectorInverseRoots(_, _ []float32) int { return 0 }
