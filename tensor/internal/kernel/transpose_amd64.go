//go:build !purego

package kernel

import "unsafe"

// vectorTranspose8 transposes 8 rows of n blocks of 8 columns, for n as many as there are, and returns how many
// columns that is.
func vectorTranspose8(dst, src []float32, dstep, sstep, cols int) int {
	n := whole(cols)
	if n > 0 {
		transpose8AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), dstep, sstep, n/8)
	}
	return n
}

// TransposeSquares transposes n squares of 8x8, if the tier has assembly for it, and tells whether it did. From one square to
// the next it is dnext values in dst, and snext in src:
//
//	dst[i*dnext + c*dstep + r] = src[i*snext + r*sstep + c]
func TransposeSquares(dst, src []float32, dstep, sstep, dnext, snext, n int) bool {
	if !Active.HasVectors() {
		return false
	}
	turnAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), dstep, sstep, dnext, snext, n)
	return true
}

// for i := range n { dst[i*dnext + c*dstep + r] = src[i*snext + r*sstep + c] } for r, c < 8
//
//go:noescape
func turnAVX2(dst, src *float32, dstep, sstep, dnext, snext, n int)

// dst[c*dstep + r] = src[r*sstep + c] for r < 8, c < 8*n
//
//go:noescape
func transpose8AVX2(dst, src *float32, dstep, sstep, n int)
