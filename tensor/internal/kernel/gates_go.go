//go:build !amd64 || purego

package kernel

// Without assembly the scalar loops compute every value.

func vectorPeepholeBack(_, _, _, _, _, _, _, _, _, _, _ []float32) int { return 0 }
func vectorTanhSlope(_, _ []float32) int                               { return 0 }
func vectorMixBack(_, _, _, _ []float32) int                           { return 0 }
func vectorResetBack(_, _, _, _ []float32) int                         { return 0 }
func vectorTanhBack(_, _, _ []float32) int                             { return 0 }
func vectorSigmoidBack(_, _, _ []float32) int                          { return 0 }
