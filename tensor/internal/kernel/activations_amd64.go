//go:build !purego

package kernel

import "unsafe"

// Activations that AVX-512 has as one loop, and AVX2 the last of them, while other tiers make them of several (package
// tensor). Each computes the first values, as many as it can, and returns how many these are.

// TryELU is tensor.ELU.
func TryELU(dst, src []float32, alpha float32) int {
	n := wide(len(dst))
	if n > 0 {
		eluAVX512(unsafe.SliceData(dst), unsafe.SliceData(src), n, alpha)
	}
	return n
}

// TryELUBack is tensor.ELUBack.
func TryELUBack(dx, dy, y []float32, alpha float32) int {
	n := wide(len(dx))
	if n > 0 {
		eluBackAVX512(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(y), n, alpha)
	}
	return n
}

// TrySoftplus is tensor.Softplus.
func TrySoftplus(dst, src []float32, beta float32) int {
	n := wide(len(dst))
	if n > 0 {
		softplusAVX512(unsafe.SliceData(dst), unsafe.SliceData(src), n, beta, 1/beta)
	}
	return n
}

// TrySoftplusBack is tensor.SoftplusBack.
func TrySoftplusBack(dx, dy, x []float32, beta float32) int {
	n := wide(len(dx))
	if n > 0 {
		softplusBackAVX512(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(x), n, beta)
	}
	return n
}

// TryLogSoftmaxBack computes dx[i] += dy[i] + e^y[i]*by, part of tensor.LogSoftmaxBackRow.
func TryLogSoftmaxBack(dx, dy, y []float32, by float32) int {
	n, wide := whole(len(dx)), wide(len(dx))
	if wide > 0 {
		logSoftmaxBackAVX512(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(y), wide, by)
	}
	if n > wide {
		logSoftmaxBackAVX2(unsafe.SliceData(dx[wide:]), unsafe.SliceData(dy[wide:]), unsafe.SliceData(y[wide:]), n-wide, by)
	}
	return n
}

// The loops of package tensor of these names, for n values, n a multiple of 16.

// ELU
//
//go:noescape
func eluAVX512(dst, src *float32, n int, alpha float32)

// ELUBack, with y as x
//
//go:noescape
func eluBackAVX512(dx, dy, x *float32, n int, alpha float32)

// Softplus
//
//go:noescape
func softplusAVX512(dst, src *float32, n int, beta, inverse float32)

// SoftplusBack
//
//go:noescape
func softplusBackAVX512(dx, dy, x *float32, n int, beta float32)

// TryLogSoftmaxBack, with y as x
//
//go:noescape
func logSoftmaxBackAVX512(dx, dy, x *float32, n int, by float32)

// The same, for n a multiple of 8.
//
//go:noescape
func logSoftmaxBackAVX2(dx, dy, x *float32, n int, by float32)
