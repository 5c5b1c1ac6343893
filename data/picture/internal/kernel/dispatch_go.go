//go:build purego || !amd64

package kernel

const useAVX2 = false

// These stand for kernels that are never called.

func inverseAVX2(*byte, int, *[64]int32) bool        { return false }
func rgbAVX2(_, _, _, _ *byte, _ int, _ bool)        {}
func acrossAVX2(_, _ *byte, _, _ *int32, _, _ int)   {}
func downAVX2(_, _ *byte, _ int, _ *int32, _, _ int) {}
