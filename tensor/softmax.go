package tensor

// SoftmaxRow computes dst[i] = e^(src[i]-max) / sum of them. The lengths must be equal; dst may be src.
// A NaN or +Inf in src makes every result NaN.
func SoftmaxRow(dst, src []float32) {
	same("SoftmaxRow", len(dst), len(src))
	Scale(dst, dst, float32(1/expBelow(dst, src, maximum(src))))
}

// LogSumExp returns the logarithm of the sum of e^src[i], formed below the maximum so that it cannot
// overflow, and -Inf for no values at all.
func LogSumExp(src []float32) float64 {
	var part [256]float32
	top := maximum(src)
	var s float64
	for len(src) > 0 {
		n := min(len(src), len(part))
		s += expBelow(part[:n], src[:n], top)
		src = src[n:]
	}
	return float64(top) + log(s)
}

// expBelow computes dst[i] = e^(src[i]-top) and returns their sum.
func expBelow(dst, src []float32, top float32) float64 {
	dst = dst[:len(src)]
	for i, x := range src {
		dst[i] = x - top
	}
	Exp(dst, dst)
	return sum(dst)
}

// maximum is the greatest value of x, NaN if there is one, and 0 for no values.
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
