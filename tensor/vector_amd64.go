//go:build !purego

package tensor

import "unsafe"

// The element-wise functions in assembly take as many whole vectors as there are and return how many values
// that was; their callers go on with the scalar twins, which give the same bits.

func vectorExp(dst, src []float32) int {
	if active == tierGo {
		return 0
	}
	n := len(src) &^ 7
	expAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	return n
}

func vectorSigmoid(dst, src []float32) int {
	if active == tierGo {
		return 0
	}
	n := len(src) &^ 7
	sigmoidAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	return n
}

func vectorTanh(dst, src []float32) int {
	if active == tierGo {
		return 0
	}
	n := len(src) &^ 7
	tanhAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	return n
}

// expAVX2 is dst[i] = ExpOf(src[i]) for n values, n a multiple of 8.
//
//go:noescape
func expAVX2(dst, src *float32, n int)

// sigmoidAVX2 is dst[i] = SigmoidOf(src[i]) for n values, n a multiple of 8.
//
//go:noescape
func sigmoidAVX2(dst, src *float32, n int)

// tanhAVX2 is dst[i] = TanhOf(src[i]) for n values, n a multiple of 8.
//
//go:noescape
func tanhAVX2(dst, src *float32, n int)
