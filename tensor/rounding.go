package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// FMA32 returns x*y + z rounded once, as the fused multiply-add of a processor does, in plain Go.
func FMA32(x, y, z float32) float32 { return kernel.FMA32(x, y, z) }

// RoundBF16 returns x rounded to the nearest bfloat16, the even one of two.
func RoundBF16(x float32) float32 { return kernel.RoundBF16(x) }
