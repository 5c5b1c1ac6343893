package tensor

// SoftmaxRow computes dst[i] = e^(src[i]-max) / sum of them, in order. The lengths must be equal; dst may be
// src. A NaN or +Inf in src makes every result NaN.
func SoftmaxRow(dst, src []float32) {
	same("SoftmaxRow", len(dst), len(src))
	top := maximum(src)
	var sum float64
	for i, x := range src {
		e := ExpOf(x - top)
		dst[i] = e
		sum += float64(e)
	}
	Scale(dst, dst, float32(1/sum))
}

// LogSumExp returns the logarithm of the sum of e^src[i], formed below the maximum so that it cannot
// overflow, and -Inf for no values at all.
func LogSumExp(src []float32) float64 {
	top := maximum(src)
	var sum float64
	for _, x := range src {
		sum += float64(ExpOf(x - top))
	}
	return float64(top) + log(sum)
}

// maximum is the greatest value of x, or NaN if there is one.
func maximum(x []float32) float32 {
	if len(x) == 0 {
		return 0
	}
	top := x[0]
	for _, v := range x {
		if v > top || v != v {
			top = v
		}
	}
	return top
}
