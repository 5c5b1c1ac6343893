//go:build !purego

package tensor

import "unsafe"

// vectorTranspose8 transposes 8 rows of n blocks of 8 columns, for n as many as there are, and returns how many
// columns that is.
func vectorTranspose8(dst, src []float32, dstep, sstep, cols int) int {
	n := whole(cols)
	transpose8AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), dstep, sstep, n/8)
	return n
}

// dst[c*dstep + r] = src[r*sstep + c] for r < 8, c < 8*n
//
//go:noescape
func transpose8AVX2(dst, src *float32, dstep, sstep, n int)
