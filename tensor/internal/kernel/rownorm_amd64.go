//go:build !purego

package kernel

import "unsafe"

// The functions of rownorm.go. As in vector_amd64.go they return how many values they computed: those that keep a sum for
// each place modulo 16 take multiples of 16.

func vectorRowMoments(s *[2][rowChains]float64, x []float32) int {
	if !Active.HasVectors() {
		return 0
	}
	n := len(x) &^ (rowChains - 1)
	rowMomentsAVX2(s, unsafe.SliceData(x), n)
	return n
}

// wholeRows tells whether rows of n values are whole ones of sixteen chains, whose sums need not pass through memory.
func wholeRows(n int) bool { return n%rowChains == 0 && Active.HasVectors() }

func vectorWholeRowMoments(x []float32) (sum, squares float64, ok bool) {
	if !wholeRows(len(x)) {
		return 0, 0, false
	}
	sum, squares = wholeRowMomentsAVX2(unsafe.SliceData(x), len(x))
	return sum, squares, true
}

func vectorRowNorm(y, x, weight, bias []float32, mean, scale float32) int {
	n := whole(len(y))
	if n > 0 {
		rowNormAVX2(unsafe.SliceData(y), unsafe.SliceData(x), unsafe.SliceData(weight), unsafe.SliceData(bias), mean, scale, n)
	}
	return n
}

func vectorRowNormSums(s *[2][rowChains]float32, dweight, dbias, dy, x, weight []float32, mean, scale float32) int {
	if !Active.HasVectors() {
		return 0
	}
	n := len(x) &^ (rowChains - 1)
	rowNormSumsAVX2(s, unsafe.SliceData(dweight), unsafe.SliceData(dbias), unsafe.SliceData(dy), unsafe.SliceData(x),
		unsafe.SliceData(weight), mean, scale, n)
	return n
}

func vectorWholeRowNormSums(dweight, dbias, dy, x, weight []float32, mean, scale float32) (sum, product float64, ok bool) {
	if !wholeRows(len(x)) {
		return 0, 0, false
	}
	sum, product = wholeRowNormSumsAVX2(unsafe.SliceData(dweight), unsafe.SliceData(dbias), unsafe.SliceData(dy), unsafe.SliceData(x),
		unsafe.SliceData(weight), mean, scale, len(x))
	return sum, product, true
}

func vectorRowNormBack(dx, dy, x, weight []float32, mean, scale, b, c float32, set bool) int {
	n := whole(len(dx))
	if n > 0 {
		rowNormBackAVX2(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(x), unsafe.SliceData(weight), mean, scale, b, c, set, n)
	}
	return n
}

// The sums of RowMoments, for n a multiple of 16.
//
//go:noescape
func rowMomentsAVX2(s *[2][rowChains]float64, x *float32, n int)

// RowMoments, for n a multiple of 16.
//
//go:noescape
func wholeRowMomentsAVX2(x *float32, n int) (sum, squares float64)

// RowNorm, for n a multiple of 8.
//
//go:noescape
func rowNormAVX2(y, x, weight, bias *float32, mean, scale float32, n int)

// The sums of RowNormSums, for n a multiple of 16.
//
//go:noescape
func rowNormSumsAVX2(s *[2][rowChains]float32, dweight, dbias, dy, x, weight *float32, mean, scale float32, n int)

// RowNormSums, for n a multiple of 16.
//
//go:noescape
func wholeRowNormSumsAVX2(dweight, dbias, dy, x, weight *float32, mean, scale float32, n int) (sum, product float64)

// RowNormBack, for n a multiple of 8.
//
//go:noescape
func rowNormBackAVX2(dx, dy, x, weight *float32, mean, scale, b, c float32, set bool, n int)
