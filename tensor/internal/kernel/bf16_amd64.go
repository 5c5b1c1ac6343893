//go:build !purego

package kernel

import "unsafe"

// Like the element-wise functions, these take whole vectors and return how many values of dst that was.

func vectorRoundBF16(dst, src []float32) int {
	n := whole(len(src))
	if n > 0 {
		roundBF16AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	}
	return n
}

func vectorSwapBF16(dst, src []float32) int {
	n := whole(len(src))
	if n > 0 {
		swapBF16AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	}
	return n
}

func vectorPairRows(dst, even, odd []float32) int {
	n := whole(len(dst))
	if n > 0 {
		pairRowsAVX2(unsafe.SliceData(dst), unsafe.SliceData(even), unsafe.SliceData(odd), n)
	}
	return n
}

func vectorPairBF16(dst, src []float32) int {
	n := whole(len(src) / 2)
	if n > 0 {
		pairBF16AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	}
	return n
}
