//go:build !purego

package kernel

import "unsafe"

// The element-wise functions in assembly take as many whole vectors as there are and return how many values
// that was; their callers go on with the scalar loops, which give the same bits. Callers have checked the
// lengths.

// whole is how many of n values make whole vectors of the tier in use.
func whole(n int) int {
	if !Active.HasVectors() {
		return 0
	}
	return n &^ 7
}

// wide is how many of n values make vectors of sixteen, where the tier in use has them.
func wide(n int) int {
	if Active != AVX512 {
		return 0
	}
	return n &^ 15
}

func vectorExp(dst, src []float32) int {
	n, wide := whole(len(src)), wide(len(src))
	if wide > 0 {
		expAVX512(unsafe.SliceData(dst), unsafe.SliceData(src), wide)
	}
	if n > wide {
		expAVX2(unsafe.SliceData(dst[wide:]), unsafe.SliceData(src[wide:]), n-wide)
	}
	return n
}

func vectorSigmoid(dst, src []float32) int {
	n, wide := whole(len(src)), wide(len(src))
	if wide > 0 {
		sigmoidAVX512(unsafe.SliceData(dst), unsafe.SliceData(src), wide)
	}
	if n > wide {
		sigmoidAVX2(unsafe.SliceData(dst[wide:]), unsafe.SliceData(src[wide:]), n-wide)
	}
	return n
}

func vectorTanh(dst, src []float32) int {
	n, wide := whole(len(src)), wide(len(src))
	if wide > 0 {
		tanhAVX512(unsafe.SliceData(dst), unsafe.SliceData(src), wide)
	}
	if n > wide {
		tanhAVX2(unsafe.SliceData(dst[wide:]), unsafe.SliceData(src[wide:]), n-wide)
	}
	return n
}

func vectorAdd(dst, a, b []float32) int {
	n := whole(len(dst))
	if n > 0 {
		addAVX2(unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), n)
	}
	return n
}

func vectorTwice(dst, a []float32) int {
	n := whole(len(dst))
	if n > 0 {
		twiceAVX2(unsafe.SliceData(dst), unsafe.SliceData(a), n)
	}
	return n
}

func vectorMul(dst, a, b []float32) int {
	n := whole(len(dst))
	if n > 0 {
		mulAVX2(unsafe.SliceData(dst), unsafe.SliceData(a), unsafe.SliceData(b), n)
	}
	return n
}

func vectorScale(dst, a []float32, alpha float32) int {
	n := whole(len(dst))
	if n > 0 {
		scaleAVX2(unsafe.SliceData(dst), unsafe.SliceData(a), alpha, n)
	}
	return n
}

func vectorAxpy(dst []float32, alpha float32, x []float32) int {
	n := whole(len(dst))
	if n > 0 {
		axpyAVX2(unsafe.SliceData(dst), alpha, unsafe.SliceData(x), n)
	}
	return n
}

func vectorWeigh(dst, src []float32, step int, weights []float32) int {
	n := whole(len(dst))
	if n > 0 {
		weighAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), step, n, unsafe.SliceData(weights), len(weights))
	}
	return n
}

func vectorSGD(p, m, g []float32, lr, momentum, decay float32) int {
	n := whole(len(p))
	if n == 0 || momentum == 0 {
		return 0
	}
	sgdAVX2(unsafe.SliceData(p), unsafe.SliceData(m), unsafe.SliceData(g), n, lr, momentum, decay, decay != 0)
	return n
}

func vectorAdam(p, m, v, g []float32, c *AdamCoeffs) int {
	n := whole(len(p))
	if n == 0 {
		return 0
	}
	adamAVX2(unsafe.SliceData(p), unsafe.SliceData(m), unsafe.SliceData(v), unsafe.SliceData(g), n, c, c.Decay != 0)
	return n
}

// PackRowVectors is PackRow by assembly, if the tier has some for full values; step may be negative. It returns how many
// pieces it copied. It writes whole vectors: for 6 values these are two values more, which belong to a row that comes later
// or to the gap behind the tile.
func PackRowVectors(dst, src []float32, full, step int) int {
	if !Active.HasVectors() {
		return 0
	}
	n := len(src) / full
	switch full {
	case 6:
		if n*full+2 > len(src) { // the last tile would be read beyond the end
			n--
		}
		if n > 0 {
			packRow6AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n, step)
		}
	case 8:
		packRow8AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n, step)
	case 16:
		packRow16AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n, step)
	case 32:
		packRow32AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n, step)
	default:
		return 0
	}
	return max(n, 0)
}

// Fetch asks for x to be brought into the cache.
func Fetch(x []float32) {
	const line = 16
	fetchLines(unsafe.SliceData(x), (len(x)+line-1)/line)
}

// PackNine packs n rows of full columns of 9 taps each, if the tier has assembly for it, and tells whether it did:
//
//	dst[i*full + t*step + j] = src[i*from + 9*j + t]
func PackNine(dst, src []float32, step, full, from, n int) bool {
	if !Active.HasVectors() || full%16 != 0 || n <= 0 {
		return false
	}
	for r := 0; r < full; r += 16 {
		packNineAVX2(unsafe.SliceData(dst[r:]), unsafe.SliceData(src[9*r:]), step, full, from, n)
	}
	return true
}

func vectorDot(s *[dotChains]float64, a, b []float32) int {
	if !Active.HasVectors() {
		return 0
	}
	n := len(a) &^ (dotChains - 1)
	if Active == AVX512 {
		dotAVX512(s, unsafe.SliceData(a), unsafe.SliceData(b), n)
		return n
	}
	dotAVX2(s, unsafe.SliceData(a), unsafe.SliceData(b), n)
	return n
}

// vectorSums is vectorDot with a b of ones.
func vectorSums(s *[dotChains]float64, x []float32) int {
	if Active == AVX512 {
		n := len(x) &^ (dotChains - 1)
		sumsAVX512(s, unsafe.SliceData(x), n)
		return n
	}
	return vectorDot(s, x, ones[:len(x)])
}

func vectorSum(s *[4]float64, x []float32) int {
	n := whole(len(x))
	if n > 0 {
		sumAVX2(s, unsafe.SliceData(x), n)
	}
	return n
}

// vectorFourSums is vectorSum of the four rows that x has.
func vectorFourSums(s *[4][4]float64, x []float32) int {
	n := whole(len(x) / 4)
	if n > 0 {
		fourSumsAVX2(s, unsafe.SliceData(x), len(x)/4, n)
	}
	return n
}

// vectorMaximum returns the greatest of the first n values, of at least one.
func vectorMaximum(x []float32) (top float32, n int) {
	if n = whole(len(x)); n == 0 {
		return x[0], 1
	}
	return maximumAVX2(unsafe.SliceData(x), n), n
}

func vectorSubtract(dst, src []float32, s float32) int {
	n := whole(len(src))
	if n > 0 {
		subtractAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), s, n)
	}
	return n
}

func vectorSoftmaxBack(dx, dy, y []float32, s float32) int {
	n := whole(len(dx))
	if n > 0 {
		softmaxBackAVX2(unsafe.SliceData(dx), unsafe.SliceData(dy), unsafe.SliceData(y), s, n)
	}
	return n
}

// vectorPackColumn copies n rows of full values, stride values apart, one behind the other and returns n, or 0 where it
// has no code for that.
func vectorPackColumn(dst, src []float32, n, full, stride int) int {
	if !Active.HasVectors() || full != 16 {
		return 0
	}
	packColumn16AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), n, stride)
	return n
}

// vectorColumnSums adds rows of values, stride apart, to at most eight sums, and returns how many rows it added.
func vectorColumnSums(dst, a []float32, rows, stride int) int {
	if !Active.HasVectors() {
		return 0
	}
	columnSumsAVX2(unsafe.SliceData(dst), unsafe.SliceData(a), rows, stride, len(dst))
	return rows
}

// vectorPackRows packs whole vectors of columns of a tile's rows and returns how many columns that is.
func vectorPackRows(dst, src []float32, stride, rows, full, cols int) int {
	if !Active.HasVectors() {
		return 0
	}
	switch full {
	case 6:
		packRows6AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), stride, rows, cols/8)
	case 8:
		packRows8AVX2(unsafe.SliceData(dst), unsafe.SliceData(src), stride, rows, cols/8)
	default:
		return 0
	}
	return cols &^ 7
}
