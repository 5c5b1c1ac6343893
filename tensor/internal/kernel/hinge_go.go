//go:build !amd64 || purego

package kernel

// Without assembly the scalar loops compute every value.

func vectorLeakyReLU(_, _ []float32, _ float32) int        { return 0 }
func vectorLeakyReLUBack(_, _, _ []float32, _ float32) int { return 0 }
func vectorHardSigmoid(_, _ []float32) int                 { return 0 }
func vectorHardSigmoidBack(_, _, _ []float32) int          { return 0 }
func vectorHardSwish(_, _ []float32) int                   { return 0 }
func vectorHardSwishBack(_, _, _ []float32) int            { return 0 }
