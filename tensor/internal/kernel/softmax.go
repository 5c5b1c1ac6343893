package kernel

// SoftmaxRow computes dst[i] = e^(src[i]-max) / sum of them; dst may be src.
// A NaN or +Inf in src makes every result NaN.
func SoftmaxRow(dst, src []float32) {
	Scale(dst, dst, float32(1/expBelow(dst, src, Maximum(src))))
}

// SoftmaxRows is SoftmaxRow of rows of equal length, which lie behind one another.
func SoftmaxRows(dst, src []float32, rows int) {
	for ; rows >= 4; rows -= 4 {
		n := len(src) / rows
		for r := range 4 {
			y, x := dst[r*n:(r+1)*n], src[r*n:(r+1)*n]
			SubtractFrom(y, x, Maximum(x))
			Exp(y, y)
		}
		for r, sum := range fourSums(dst[:4*n]) {
			Scale(dst[r*n:(r+1)*n], dst[r*n:(r+1)*n], float32(1/sum))
		}
		dst, src = dst[4*n:], src[4*n:]
	}
	for ; rows > 0; rows-- {
		n := len(src) / rows
		SoftmaxRow(dst[:n], src[:n])
		dst, src = dst[n:], src[n:]
	}
}

// LogSumExp returns the logarithm of the sum of e^src[i], formed below the maximum so that it cannot
// overflow, and -Inf for no values at all.
func LogSumExp(src []float32) float64 {
	var part [256]float32
	top := Maximum(src)
	var s float64
	for len(src) > 0 {
		n := min(len(src), len(part))
		s += expBelow(part[:n], src[:n], top)
		src = src[n:]
	}
	return float64(top) + log(s)
}

// LogSoftmaxRow computes dst[i] = src[i] - log(sum of e^src[j]); dst may be src. The maximum is taken off first, so that what
// is left is rounded near zero.
func LogSoftmaxRow(dst, src []float32) {
	SubtractFrom(dst, src, Maximum(src))
	var part [256]float32
	var s float64
	for rest := dst; len(rest) > 0; {
		n := min(len(rest), len(part))
		Exp(part[:n], rest[:n])
		s += WideSum(part[:n])
		rest = rest[n:]
	}
	SubtractFrom(dst, dst, float32(log(s)))
}

// SoftmaxBackRow computes dx[i] += y[i]*(dy[i] - s) with s = the sum of dy[j]*y[j]: the gradient through
// y = softmax(x). dx may be none of the others.
func SoftmaxBackRow(dx, dy, y []float32) {
	s := float32(Dot(dy, y))
	for i := vectorSoftmaxBack(dx, dy, y, s); i < len(dx); i++ {
		dx[i] += float32(y[i] * (dy[i] - s))
	}
}

// SubtractFrom computes dst[i] = src[i] - s; dst may be src.
func SubtractFrom(dst, src []float32, s float32) {
	for i := vectorSubtract(dst, src, s); i < len(src); i++ {
		dst[i] = src[i] - s
	}
}

// expBelow computes dst[i] = e^(src[i]-top) and returns their sum.
func expBelow(dst, src []float32, top float32) float64 {
	SubtractFrom(dst, src, top)
	Exp(dst, dst)
	return sum(dst)
}

// Maximum is the greatest value of x, NaN if there is one, and 0 for no values. Of zeros it may be either.
func Maximum(x []float32) float32 {
	if len(x) == 0 {
		return 0
	}
	top, n := vectorMaximum(x)
	for _, v := range x[n:] {
		if v > top || v != v {
			top = v
		}
	}
	return top
}
