package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Add computes dst[i] = a[i] + b[i]. All lengths must be equal; dst may be a or b.
func Add(dst, a, b []float32) {
	same("Add", len(dst), len(a))
	same("Add", len(dst), len(b))
	kernel.Add(dst, a, b)
}

// Twice computes dst[i] = (0 + a[i]) + a[i]: no zero of it is negative. The lengths must be equal; dst may be a.
func Twice(dst, a []float32) {
	same("Twice", len(dst), len(a))
	kernel.Twice(dst, a)
}

// Mul computes dst[i] = a[i] * b[i]. All lengths must be equal; dst may be a or b.
func Mul(dst, a, b []float32) {
	same("Mul", len(dst), len(a))
	same("Mul", len(dst), len(b))
	kernel.Mul(dst, a, b)
}

// Scale computes dst[i] = alpha*a[i]. The lengths must be equal; dst may be a.
func Scale(dst, a []float32, alpha float32) {
	same("Scale", len(dst), len(a))
	kernel.Scale(dst, a, alpha)
}

// Axpy computes dst[i] += alpha * x[i], rounding the product and the sum. The lengths must be equal.
func Axpy(dst []float32, alpha float32, x []float32) {
	same("Axpy", len(dst), len(x))
	kernel.Axpy(dst, alpha, x)
}

// Fill sets every value of dst to v.
func Fill(dst []float32, v float32) { kernel.Fill(dst, v) }

// HasNonFinite tells whether x holds a NaN or an infinity.
func HasNonFinite(x []float32) bool { return kernel.HasNonFinite(x) }
