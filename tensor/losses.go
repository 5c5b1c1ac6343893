package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// Parts of losses, which are formed in float64. In all of them the lengths must be equal.

// HuberTerms computes, with d = x[i]-y[i] and c = d cut off at ±beta,
//
//	terms[i]  = c*(d - c/2)
//	slopes[i] = c*part
//
// beta must be above zero. NaN stays.
func HuberTerms(terms []float64, slopes, x, y []float32, beta, part float64) {
	same("HuberTerms", len(terms), len(slopes))
	sameAll("HuberTerms", slopes, x, y)
	kernel.HuberTerms(terms, slopes, x, y, beta, part)
}

// SquaredRows computes, with d = x[i]-y[i], slopes[i] = factor*d, and sets each of sums to that of the d² of its row as [Dot]
// forms it. The values are as many rows of one length as there are sums.
func SquaredRows(sums []float64, slopes, x, y []float32, factor float32) {
	wholeRows("SquaredRows", len(sums), len(slopes))
	sameAll("SquaredRows", slopes, x, y)
	kernel.SquaredRows(sums, slopes, x, y, factor)
}

// SumRows adds the values of each row to its sum, in order. They are as many rows of one length as there are sums.
func SumRows(sums, values []float64) {
	wholeRows("SumRows", len(sums), len(values))
	kernel.SumRows(sums, values)
}

// LogisticTerms computes parts of the cross entropy of sigmoid(x) with y, from e[i] = exp(-|x[i]|), which it turns into the
// slopes times part. The loss is terms[i] + log(ones[i]), with
//
//	terms[i] = (1-y[i])*x[i] + max(-x[i], 0)
//	ones[i]  = 1 + e[i]
//	e[i]     = ((1-y[i]) - sigmoid(-x[i]))*part
func LogisticTerms(terms, ones []float64, e, x, y []float32, part float64) {
	same("LogisticTerms", len(terms), len(ones))
	same("LogisticTerms", len(terms), len(e))
	sameAll("LogisticTerms", e, x, y)
	kernel.LogisticTerms(terms, ones, e, x, y, part)
}

// LogOf returns ln(x) with an error of about one unit in the last place.
func LogOf(x float64) float64 { return kernel.LogOf(x) }

// Logs computes dst[i] = LogOf(src[i]). dst may be src.
func Logs(dst, src []float64) {
	same("Logs", len(dst), len(src))
	kernel.Logs(dst, src)
}
