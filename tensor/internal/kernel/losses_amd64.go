//go:build !purego

package kernel

import "unsafe"

// The functions of losses.go. As in vector_amd64.go they return how many values they computed.

// fours is how many of n values make vectors of four of float64, where the tier in use has vectors.
func fours(n int) int {
	if !Active.HasVectors() {
		return 0
	}
	return n &^ 3
}

func vectorHuberTerms(terms []float64, slopes, x, y []float32, beta, part float64) int {
	n := fours(len(terms))
	if n > 0 {
		huberTermsAVX2(unsafe.SliceData(terms), unsafe.SliceData(slopes), unsafe.SliceData(x), unsafe.SliceData(y), beta, part, n)
	}
	return n
}

// vectorSquaredRows returns how many rows it computed: all of them, or none where they are no multiples of sixteen values.
func vectorSquaredRows(sums []float64, slopes, x, y []float32, factor float32) int {
	n := len(x) / len(sums)
	if !Active.HasVectors() || n == 0 || n%dotChains != 0 {
		return 0
	}
	squaredRowsAVX2(unsafe.SliceData(sums), unsafe.SliceData(slopes), unsafe.SliceData(x), unsafe.SliceData(y), factor, n, len(sums))
	return len(sums)
}

// vectorSumRows adds up the first values of some rows, and returns how many rows and how many values of each that is.
func vectorSumRows(sums, values []float64) (rows, cols int) {
	n := len(values) / len(sums)
	rows, cols = len(sums)&^7, n&^1
	if !Active.HasVectors() || rows == 0 || cols == 0 {
		return 0, 0
	}
	sumRowsAVX2(unsafe.SliceData(sums), unsafe.SliceData(values), n, cols, rows)
	return rows, cols
}

func vectorLogisticTerms(terms, ones []float64, e, x, y []float32, part float64) int {
	n := fours(len(terms))
	if n > 0 {
		logisticTermsAVX2(unsafe.SliceData(terms), unsafe.SliceData(ones), unsafe.SliceData(e), unsafe.SliceData(x), unsafe.SliceData(y), part, n)
	}
	return n
}

// vectorLogs stops at the first four that are not all normal numbers above zero.
func vectorLogs(dst, src []float64) int {
	if n := fours(len(src)); n > 0 {
		return logsAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	}
	return 0
}

// The loops of losses.go for n values, n a multiple of 4.

// HuberTerms
//
//go:noescape
func huberTermsAVX2(terms *float64, slopes, x, y *float32, beta, part float64, n int)

// LogisticTerms
//
//go:noescape
func logisticTermsAVX2(terms, ones *float64, e, x, y *float32, part float64, n int)

// dst[i] = LogOf(src[i]), up to the first four values that are not all normal numbers above zero; it returns how many these
// are.
//
//go:noescape
func logsAVX2(dst, src *float64, n int) (done int)

// SquaredRows of rows of n values, n a multiple of 16 above zero, rows above zero.
//
//go:noescape
func squaredRowsAVX2(sums *float64, slopes, x, y *float32, factor float32, n, rows int)

// SumRows of the first cols values of rows of n, cols a multiple of 2 above zero, rows a multiple of 8 above zero.
//
//go:noescape
func sumRowsAVX2(sums, values *float64, n, cols, rows int)
