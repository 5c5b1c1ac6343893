package kernel

import (
	"math"
)

// Add computes dst[i] = a[i] + b[i]; dst may be a or b.
func Add(dst, a, b []float32) {
	for i := vectorAdd(dst, a, b); i < len(dst); i++ {
		dst[i] = a[i] + b[i]
	}
}

// Twice computes dst[i] = (0 + a[i]) + a[i]: no zero of it is negative. dst may be a.
func Twice(dst, a []float32) {
	for i := vectorTwice(dst, a); i < len(dst); i++ {
		dst[i] = (0 + a[i]) + a[i]
	}
}

// Mul computes dst[i] = a[i] * b[i]; dst may be a or b.
func Mul(dst, a, b []float32) {
	for i := vectorMul(dst, a, b); i < len(dst); i++ {
		dst[i] = a[i] * b[i]
	}
}

// Scale computes dst[i] = alpha*a[i]; dst may be a.
func Scale(dst, a []float32, alpha float32) {
	for i := vectorScale(dst, a, alpha); i < len(dst); i++ {
		dst[i] = alpha * a[i]
	}
}

// Axpy computes dst[i] += alpha * x[i], rounding the product and the sum.
func Axpy(dst []float32, alpha float32, x []float32) {
	for i := vectorAxpy(dst, alpha, x); i < len(dst); i++ {
		dst[i] += float32(alpha * x[i])
	}
}

// Weigh computes dst[j] = the sum of weights[i] * src[i*step + j], each product and sum rounded, in order. There is at least one
// weight; dst may be none of src.
func Weigh(dst, src []float32, step int, weights []float32) {
	for j := vectorWeigh(dst, src, step, weights); j < len(dst); j++ {
		sum := float32(weights[0] * src[j])
		for i, w := range weights[1:] {
			sum += float32(w * src[(i+1)*step+j])
		}
		dst[j] = sum
	}
}

// Fill sets every value of dst to v.
func Fill(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}

// HasNonFinite tells whether x holds a NaN or an infinity.
func HasNonFinite(x []float32) bool {
	const exponent = 0x7f800000
	for _, v := range x {
		if math.Float32bits(v)&exponent == exponent {
			return true
		}
	}
	return false
}
