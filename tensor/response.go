package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Div computes dst[i] = a[i] / b[i]. All lengths must be equal; dst may be a or b.
func Div(dst, a, b []float32) {
	sameAll("Div", dst, a, b)
	kernel.Div(dst, a, b)
}

// InverseRoots computes dst[i] = src[i]^(-3/4), as 1/(sqrt(x)*sqrt(sqrt(x))) with each step rounded. The lengths must be
// equal; dst may be src.
func InverseRoots(dst, src []float32) {
	same("InverseRoots", len(dst), len(src))
	kernel.InverseRoots(dst, src)
}

// WindowSums computes the sums of neighbours within a row, in order:
//
//	dst[j] = src[j-before] + ... + src[j+after]
//
// where what lies outside of the row counts as zero. The lengths must be equal; dst may not be src.
func WindowSums(dst, src []float32, before, after int) {
	same("WindowSums", len(dst), len(src))
	clear(dst)
	n := len(dst)
	for o := -before; o <= after; o++ {
		lo, hi := max(0, -o), min(n, n-o)
		if lo < hi {
			kernel.Add(dst[lo:hi], dst[lo:hi], src[lo+o:hi+o])
		}
	}
}
