package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Ceiling runs about flops floating-point operations (a multiply-add is two) on one core, on the tier in
// use and out of registers alone, and returns how many it ran. Time it: no kernel can be faster, so its
// speed is what theirs are measured against.
func Ceiling(flops int) int { return kernel.Ceiling(flops) }

// TileInCache returns a function that runs the one kernel under every matrix product once, on operands that
// stay in the first cache, and the floating-point operations of a run (a multiply-add is two). Its speed
// against that of Ceiling says how good the kernel itself is, whatever is done around it.
func TileInCache() (run func(), flops int) { return kernel.TileInCache() }
