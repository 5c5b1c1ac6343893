//go:build !purego

package kernel

import "unsafe"

// As on amd64, these take whole vectors, here of four values, and return how many values that was.

func wholeNEON(n int) int {
	if Active != NEON {
		return 0
	}
	return n &^ 3
}

func vectorExp(dst, src []float32) int {
	n := wholeNEON(len(src))
	expNEON(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	return n
}

func vectorSigmoid(dst, src []float32) int {
	n := wholeNEON(len(src))
	sigmoidNEON(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	return n
}

func vectorTanh(dst, src []float32) int {
	n := wholeNEON(len(src))
	tanhNEON(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	return n
}

// dst[i] = ExpOf(src[i]) for n values, n a multiple of 4
//
//go:noescape
func expNEON(dst, src *float32, n int)

// dst[i] = SigmoidOf(src[i])
//
//go:noescape
func sigmoidNEON(dst, src *float32, n int)

// dst[i] = TanhOf(src[i])
//
//go:noescape
func tanhNEON(dst, src *float32, n int)
