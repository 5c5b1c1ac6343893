package kernel

import "math"

// Parts of losses, in float64.

// HuberTerms computes, with d = x[i]-y[i] and c = d cut off at ±beta,
//
//	terms[i]  = c*(d - c/2)
//	slopes[i] = c*part
func HuberTerms(terms []float64, slopes, x, y []float32, beta, part float64) {
	for i := vectorHuberTerms(terms, slopes, x, y, beta, part); i < len(terms); i++ {
		d := float64(x[i]) - float64(y[i])
		c := max(min(d, beta), -beta)
		terms[i] = c * (d - c*0.5) // halving is exact, so that fusing the two changes nothing
		slopes[i] = float32(c * part)
	}
}

// LogisticTerms computes parts of the cross entropy of sigmoid(x) with y, from e[i] = exp(-|x[i]|), which it turns into the
// slopes times part. The loss is terms[i] + log(ones[i]), with
//
//	terms[i] = (1-y[i])*x[i] + max(-x[i], 0)
//	ones[i]  = 1 + e[i]
//	e[i]     = ((1-y[i]) - sigmoid(-x[i]))*part
func LogisticTerms(terms, ones []float64, e, x, y []float32, part float64) {
	for i := vectorLogisticTerms(terms, ones, e, x, y, part); i < len(terms); i++ {
		x, no, e1 := float64(x[i]), 1-float64(y[i]), float64(e[i])
		terms[i] = float64(no*x) + (math.Abs(x)-x)*0.5
		ones[i] = 1 + e1
		e[i] = float32((no - against(x, e1)) * part)
	}
}

// against is sigmoid(-x) with e = exp(-|x|): (e or 1)/(1 + e), without a branch that the processor would have to guess.
func against(x, e float64) float64 {
	return ((1 + e) - math.Copysign(1-e, x)) * 0.5 / (1 + e)
}

// LogOf is ln(x) with an error of about one unit in the last place.
func LogOf(x float64) float64 {
	const least, infinity = 1 << 52, 0x7ff << 52
	bits := math.Float64bits(x)
	if bits-least >= infinity-least {
		return logOfOther(x)
	}
	return logOfNormal(math.Float64frombits(bits&(1<<52-1)|1022<<52), float64(int(bits>>52)-1022))
}

// logOfOther is LogOf for what has a sign, is infinite, no number, or below the normal numbers.
func logOfOther(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		return math.Log(x) // NaN and the infinities
	}
	f, k := math.Frexp(x)
	return logOfNormal(f, float64(k))
}

// logOfNormal is ln(f * 2^k) for f of [1/2, 1): 2*atanh(s) and k*ln(2), with s = (f-1)/(f+1) below 0.172.
func logOfNormal(f, k float64) float64 {
	if f < math.Sqrt2/2 {
		f, k = 2*f, k-1
	}
	s := (f - 1) / (f + 1)
	s2 := s * s
	sum := 1.0 / 25
	sum = float64(sum*s2) + 1.0/23
	sum = float64(sum*s2) + 1.0/21
	sum = float64(sum*s2) + 1.0/19
	sum = float64(sum*s2) + 1.0/17
	sum = float64(sum*s2) + 1.0/15
	sum = float64(sum*s2) + 1.0/13
	sum = float64(sum*s2) + 1.0/11
	sum = float64(sum*s2) + 1.0/9
	sum = float64(sum*s2) + 1.0/7
	sum = float64(sum*s2) + 1.0/5
	sum = float64(sum*s2) + 1.0/3
	return float64(k*math.Ln2) + (float64(2*s) + float64(float64(2*s)*float64(s2*sum)))
}

// Logs computes dst[i] = LogOf(src[i]); dst may be src.
func Logs(dst, src []float64) {
	for i := vectorLogs(dst, src); i < len(dst); i++ {
		dst[i] = LogOf(src[i])
		i += vectorLogs(dst[i+1:], src[i+1:]) // which stops where a value is not a normal number
	}
}
