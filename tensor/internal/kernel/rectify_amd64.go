//go:build !purego

package kernel

import "unsafe"

// These return how many values they computed, as the functions in vector_amd64.go do.

func vectorCut(dst, src []float32, lo, hi float32) int {
	n := whole(len(dst))
	if n > 0 {
		cutAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), lo, hi, n)
	}
	return n
}

func vectorCutBack(dx, dy, y []float32, lo, hi float32) int {
	n := whole(len(dx))
	if n > 0 {
		cutBackAVX2(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(y), lo, hi, n)
	}
	return n
}

func vectorMaxTap(best, at, x []float32, tap float32) int {
	n := whole(len(best))
	if n > 0 {
		maxTapAVX2(unsafe.SliceData(best), unsafe.SliceData(at), unsafe.SliceData(x), tap, n)
	}
	return n
}

func vectorMaxTapBack(dx, dy, at []float32, tap float32) int {
	n := whole(len(dx))
	if n > 0 {
		maxTapBackAVX2(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(at), tap, n)
	}
	return n
}

// dst[i] = min(max(src[i], lo), hi), and NaN passes
//
//go:noescape
func cutAVX2(dst, src *float32, lo, hi float32, n int)

// dx[i] += dy[i] unless y[i] <= lo or y[i] >= hi, else 0
//
//go:noescape
func cutBackAVX2(dx, dy, y *float32, lo, hi float32, n int)

// best[i], at[i] = x[i], tap unless x[i] <= best[i] or best[i] is NaN
//
//go:noescape
func maxTapAVX2(best, at, x *float32, tap float32, n int)

// dx[i] += dy[i] if at[i] == tap, else 0
//
//go:noescape
func maxTapBackAVX2(dx, dy, at *float32, tap float32, n int)
