//go:build !purego

package kernel

import "unsafe"

// vectorPackRows packs whole vectors of columns of a tile's rows and returns how many columns that is.
func vectorPackRows(dst, src []float32, stride, rows, full, cols int) int {
	n := wholeNEON(cols)
	if full != 6 {
		return 0
	}
	packRows6NEON(unsafe.SliceData(dst), unsafe.SliceData(src), stride, rows, n/4)
	return n
}

// dst[k*6+i] = src[min(i, rows-1)*stride+k] for i < 6, k < 4*n
//
//go:noescape
func packRows6NEON(dst, src *float32, stride, rows, n int)
