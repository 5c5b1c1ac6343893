package kernel

import "math"

// Div computes dst[i] = a[i] / b[i]; dst may be a or b.
func Div(dst, a, b []float32) {
	for i := vectorDiv(dst, a, b); i < len(dst); i++ {
		dst[i] = a[i] / b[i]
	}
}

// InverseRoots computes dst[i] = 1/(sqrt(x)*sqrt(sqrt(x))) with x = src[i]: x^(-3/4). dst may be src.
func InverseRoots(dst, src []float32) {
	for i := vectorInverseRoots(dst, src); i < len(dst); i++ {
		root := sqrt32(src[i])
		dst[i] = 1 / (root * sqrt32(root))
	}
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }
