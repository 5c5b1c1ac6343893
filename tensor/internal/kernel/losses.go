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

// SquaredRows computes, with d = x[i]-y[i], slopes[i] = factor*d, and sets each of sums to that of the d² of its row as Dot
// forms it. The values are as many rows of one length as there are sums.
func SquaredRows(sums []float64, slopes, x, y []float32, factor float32) {
	if len(sums) == 0 {
		return
	}
	n := len(x) / len(sums)
	for r := vectorSquaredRows(sums, slopes, x, y, factor); r < len(sums); r++ {
		row := slopes[r*n : (r+1)*n]
		copy(row, x[r*n:])
		Axpy(row, -1, y[r*n:(r+1)*n])
		sums[r] = Dot(row, row)
		Scale(row, row, factor)
	}
}

// SumRows adds the values of each row to its sum, in order. They are as many rows of one length as there are sums.
func SumRows(sums, values []float64) {
	if len(sums) == 0 {
		return
	}
	n := len(values) / len(sums)
	rows, cols := vectorSumRows(sums, values)
	if cols < n {
		sumRows(sums[:rows], values[:rows*n], cols)
	}
	sumRows(sums[rows:], values[rows*n:], 0)
}

// sumRows is SumRows of the values of each row from that in column on.
func sumRows(sums, values []float64, column int) {
	if len(sums) == 0 {
		return
	}
	n := len(values) / len(sums)
	for ; len(sums) >= 4; sums, values = sums[4:], values[4*n:] { // four chains need not wait for one another
		v0, v1, v2, v3 := values[column:n], values[n+column:2*n], values[2*n+column:3*n], values[3*n+column:4*n]
		s0, s1, s2, s3 := sums[0], sums[1], sums[2], sums[3]
		for j, v := range v0 {
			s0, s1, s2, s3 = s0+v, s1+v1[j], s2+v2[j], s3+v3[j]
		}
		sums[0], sums[1], sums[2], sums[3] = s0, s1, s2, s3
	}
	for i, s := range sums {
		for _, v := range values[i*n+column : (i+1)*n] {
			s += v
		}
		sums[i] = s
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
