//go:build !purego

package kernel

import "unsafe"

// The functions of roots.go. As in vector_amd64.go they return how many values they computed.

func vectorDiv(dst, a, b []float32) int {
	n := whole(len(dst))
	if n > 0 {
		divAVX2(unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), n)
	}
	return n
}

func vectorInverseRoots(dst, src []float32) int {
	n := whole(len(dst))
	if n > 0 {
		inverseRootsAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	}
	return n
}

// dst[i] = a[i] / b[i], for n a multiple of 8.
//
//go:noescape
func divAVX2(dst, a, b *float32, n int)

// InverseRoots, for n a multiple of 8.
//
//go:noescape
func inverseRootsAVX2(dst, src *float32, n int)
