//go:build !amd64 || purego

package kernel

// Without assembly the scalar loops compute every value.

func vectorErf(_, _ []float32) int         { return 0 }
func vectorGELU(_, _ []float32) int        { return 0 }
func vectorSiLU(_, _ []float32) int        { return 0 }
func vectorGELUBack(_, _, _ []float32) int { return 0 }
func vectorSiLUBack(_, _, _ []float32) int { return 0 }
