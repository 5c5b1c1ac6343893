//go:build !amd64 || purego

package tensor

func vectorPatch(*patchIn) int                      { return 0 }
func vectorGradients(*patchIn) int                  { return 0 }
func vectorOutputs(*patchOut) int                   { return 0 }
func vectorKernels(_, _ []float32, _, _, _ int) int { return 0 }
func vectorTaps(_, _ []float32, _, _, _ int) int    { return 0 }
