//go:build !arm64 || purego

package tensor

import "math"

// fma32 is FMA32, as fast as the processor and the compiler let it be.
func fma32(x, y, z float32) float32 { return FMA32(x, y, z) }

// fmaRow computes c[j] = fma32(a, b[j], c[j]), with FMA32 written out for the compiler's sake.
func fmaRow(c []float32, a float32, b []float32) {
	b = b[:len(c)]
	x := float64(a)
	for j, z := range c {
		s := float64(x*float64(b[j])) + float64(z)
		if bits := math.Float64bits(s); bits<<lostBits == 1<<63 || bits<<1 < minNormal<<1 {
			c[j] = fmaOdd(a, b[j], z)
		} else {
			c[j] = float32(s)
		}
	}
}
