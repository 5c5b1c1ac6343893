//go:build !purego

package kernel

import "unsafe"

// The loops of erf.go for n values, n a multiple of 8.

// dst[i] = ErfOf(src[i])
//
//go:noescape
func erfAVX2(dst, src *float32, n int)

// dst[i] = GELUOf(src[i])
//
//go:noescape
func geluAVX2(dst, src *float32, n int)

// dst[i] = SiLUOf(src[i])
//
//go:noescape
func siluAVX2(dst, src *float32, n int)

// GELUBack
//
//go:noescape
func geluBackAVX2(dx, dy, x *float32, n int)

// SiLUBack
//
//go:noescape
func siluBackAVX2(dx, dy, x *float32, n int)

// The functions of erf.go. As in vector_amd64.go they return how many values they computed.

func vectorErf(dst, src []float32) int {
	n := whole(len(dst))
	if n > 0 {
		erfAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	}
	return n
}

func vectorGELU(dst, src []float32) int {
	n, wide := whole(len(dst)), wide(len(dst))
	if wide > 0 {
		geluAVX512(unsafe.SliceData(dst), unsafe.SliceData(src), wide)
	}
	if n > wide {
		geluAVX2(unsafe.SliceData(dst[wide:]), unsafe.SliceData(src[wide:]), n-wide)
	}
	return n
}

func vectorSiLU(dst, src []float32) int {
	n, wide := whole(len(dst)), wide(len(dst))
	if wide > 0 {
		siluAVX512(unsafe.SliceData(dst), unsafe.SliceData(src), wide)
	}
	if n > wide {
		siluAVX2(unsafe.SliceData(dst[wide:]), unsafe.SliceData(src[wide:]), n-wide)
	}
	return n
}

func vectorGELUBack(dx, dy, x []float32) int {
	n, wide := whole(len(dx)), wide(len(dx))
	if wide > 0 {
		geluBackAVX512(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(x), wide)
	}
	if n > wide {
		geluBackAVX2(unsafe.SliceData(dx[wide:]), unsafe.SliceData(dy[wide:]), unsafe.SliceData(x[wide:]), n-wide)
	}
	return n
}

func vectorSiLUBack(dx, dy, x []float32) int {
	n, wide := whole(len(dx)), wide(len(dx))
	if wide > 0 {
		siluBackAVX512(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(x), wide)
	}
	if n > wide {
		siluBackAVX2(unsafe.SliceData(dx[wide:]), unsafe.SliceData(dy[wide:]), unsafe.SliceData(x[wide:]), n-wide)
	}
	return n
}
