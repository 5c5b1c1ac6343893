//go:build !amd64 || purego

package kernel

func vectorPatch(*PatchIn) int                      { return 0 }
func vectorGradients(*PatchIn) int                  { return 0 }
func vectorOutputs(*PatchOut) int                   { return 0 }
func vectorKernels(_, _ []float32, _, _, _ int) int { return 0 }
func vectorTaps(_, _ []float32, _, _, _ int) int    { return 0 }
