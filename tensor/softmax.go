package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// SoftmaxRow computes dst[i] = e^(src[i]-max) / sum of them. The lengths must be equal; dst may be src.
// A NaN or +Inf in src makes every result NaN.
func SoftmaxRow(dst, src []float32) {
	same("SoftmaxRow", len(dst), len(src))
	kernel.SoftmaxRow(dst, src)
}

// SoftmaxRows is SoftmaxRow of so many rows of equal length, which lie behind one another.
func SoftmaxRows(dst, src []float32, rows int) {
	same("SoftmaxRows", len(dst), len(src))
	if rows > 0 && len(src)%rows != 0 {
		panic(fmt.Sprintf("tensor: SoftmaxRows: %d values in %d rows", len(src), rows))
	}
	kernel.SoftmaxRows(dst, src, rows)
}

// LogSumExp returns the logarithm of the sum of e^src[i], formed below the maximum so that it cannot
// overflow, and -Inf for no values at all.
func LogSumExp(src []float32) float64 { return kernel.LogSumExp(src) }

// SoftmaxBackRow computes dx[i] += y[i]*(dy[i] - s) with s = the sum of dy[j]*y[j]: the gradient through
// y = softmax(x). The lengths must be equal; dx may be none of the others.
func SoftmaxBackRow(dx, dy, y []float32) {
	sameAll("SoftmaxBackRow", dx, dy, y)
	kernel.SoftmaxBackRow(dx, dy, y)
}

// SubtractFrom computes dst[i] = src[i] - s. The lengths must be equal; dst may be src.
func SubtractFrom(dst, src []float32, s float32) {
	same("SubtractFrom", len(dst), len(src))
	kernel.SubtractFrom(dst, src, s)
}

// Maximum is the greatest value of x, NaN if there is one, and 0 for no values. Of zeros it may be either.
func Maximum(x []float32) float32 { return kernel.Maximum(x) }
