//go:build !purego

package tensor

// fma32 is FMA32 in one instruction: the language lets a compiler fuse a product and a sum, and that for arm64 does. Two
// constant factors would be multiplied by the compiler, and rounded; there must be none.
func fma32(x, y, z float32) float32 { return x*y + float32(z) }

// fmaRow computes c[j] = fma32(a, b[j], c[j]).
func fmaRow(c []float32, a float32, b []float32) {
	b = b[:len(c)]
	for j, z := range c {
		c[j] = fma32(a, b[j], z)
	}
}

// fuses is 1 + 2^-12, whose square takes more bits than a float32 has.
var fuses float32 = 1 + 0x1p-12

func init() {
	if fma32(fuses, fuses, -1-0x1p-11) != 0x1p-24 {
		panic("tensor: the compiler did not fuse x*y + z; the build tag purego does without")
	}
}
