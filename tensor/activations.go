package tensor

import (
	"iter"
	"math"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Functions of straight lines, and functions that are made of others, some values at a time, which stay in cache between
// them. In all of them the lengths must be equal, dst may be src, and dx may be none of the others. NaN stays NaN.

// someValues is how many values are taken at a time.
const someValues = 512

var (
	inf  = float32(math.Inf(1))
	none = float32(math.NaN()) // stops nothing, see kernel.CutBack
)

// above is the least number above zero: a gradient that it stops passes at zero and below.
const above = math.SmallestNonzeroFloat32

// pieces goes through ranges [lo, hi) of some values each that cover [0, n).
func pieces(n int) iter.Seq2[int, int] {
	return func(yield func(lo, hi int) bool) {
		for lo := 0; lo < n; lo += someValues {
			if !yield(lo, min(lo+someValues, n)) {
				return
			}
		}
	}
}

// LeakyReLU computes dst[i] = src[i] where that is above zero, and slope*src[i] elsewhere.
func LeakyReLU(dst, src []float32, slope float32) {
	same("LeakyReLU", len(dst), len(src))
	kernel.LeakyReLU(dst, src, slope)
}

// LeakyReLUBack computes dx[i] += dy[i] where x[i] is above zero, and += slope*dy[i] elsewhere.
func LeakyReLUBack(dx, dy, x []float32, slope float32) {
	sameAll("LeakyReLUBack", dx, dy, x)
	kernel.LeakyReLUBack(dx, dy, x, slope)
}

// HardSigmoid computes dst[i] = min(max(src[i]+3, 0), 6)/6 (Howard et al., 2019).
func HardSigmoid(dst, src []float32) {
	same("HardSigmoid", len(dst), len(src))
	kernel.HardSigmoid(dst, src)
}

// HardSigmoidBack computes dx[i] += dy[i]/6 where x[i] lies between -3 and 3.
func HardSigmoidBack(dx, dy, x []float32) {
	sameAll("HardSigmoidBack", dx, dy, x)
	kernel.HardSigmoidBack(dx, dy, x)
}

// HardSwish computes dst[i] = src[i]*min(max(src[i]+3, 0), 6)/6 (Howard et al., 2019).
func HardSwish(dst, src []float32) {
	same("HardSwish", len(dst), len(src))
	kernel.HardSwish(dst, src)
}

// HardSwishBack computes dx[i] += dy[i]*(h + x[i]/6), with h the hard sigmoid of x[i], and the second term where x[i] lies
// between -3 and 3.
func HardSwishBack(dx, dy, x []float32) {
	sameAll("HardSwishBack", dx, dy, x)
	kernel.HardSwishBack(dx, dy, x)
}

// The form of GELU by tanh is x*sigmoid(x*(gelu1 + gelu3*x²)): of 2*sqrt(2/pi) and that times 0.044715.
const (
	gelu1 float32 = 1.59576912160573
	gelu3 float32 = 0.0713548162726009
)

// geluArgument computes dst[i] = by1 + by3*x[i]².
func geluArgument(dst, x []float32, by1, by3 float32) {
	kernel.Mul(dst, x, x)
	kernel.Scale(dst, dst, by3)
	kernel.SubtractFrom(dst, dst, -by1)
}

// GELUTanh computes dst[i] = x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x³)))/2 with x = src[i]: the approximation of GELU by
// Hendrycks and Gimpel (2016).
func GELUTanh(dst, src []float32) {
	same("GELUTanh", len(dst), len(src))
	var roomT [someValues]float32
	for lo, hi := range pieces(len(dst)) {
		y, x := dst[lo:hi], src[lo:hi]
		t := roomT[:hi-lo]
		geluArgument(t, x, gelu1, gelu3)
		kernel.Mul(t, t, x)
		kernel.Sigmoid(t, t)
		kernel.Mul(y, x, t)
	}
}

// GELUTanhBack computes the gradient through GELUTanh, with s the sigmoid in it:
//
//	dx[i] += dy[i]*(s + x[i]*s*(1-s)*(gelu1 + 3*gelu3*x[i]²))
func GELUTanhBack(dx, dy, x []float32) {
	sameAll("GELUTanhBack", dx, dy, x)
	var roomS, roomT [someValues]float32
	for lo, hi := range pieces(len(dx)) {
		dx, dy, x := dx[lo:hi], dy[lo:hi], x[lo:hi]
		s, t := roomS[:hi-lo], roomT[:hi-lo]
		geluArgument(s, x, gelu1, gelu3)
		kernel.Mul(s, s, x)
		kernel.Sigmoid(s, s)
		kernel.AddMul(dx, dy, s)
		geluArgument(t, x, gelu1, 3*gelu3)
		kernel.Mul(t, t, x)
		kernel.Mul(t, t, dy)
		kernel.SigmoidBack(dx, t, s)
	}
}

// ELU computes dst[i] = src[i] where that is above zero, and alpha*(e^src[i] - 1) elsewhere (Clevert, Unterthiner and
// Hochreiter, 2015), by tanh(x/2)*(e^x + 1), which keeps its digits near zero.
func ELU(dst, src []float32, alpha float32) {
	same("ELU", len(dst), len(src))
	n := kernel.TryELU(dst, src, alpha)
	dst, src = dst[n:], src[n:]
	var roomT, roomU [someValues]float32
	for lo, hi := range pieces(len(dst)) {
		y, x := dst[lo:hi], src[lo:hi]
		t, u := roomT[:hi-lo], roomU[:hi-lo]
		kernel.Cut(t, x, -inf, 0)
		kernel.Scale(u, t, 0.5)
		kernel.Tanh(u, u)
		kernel.Exp(t, t)
		kernel.SubtractFrom(t, t, -1)
		kernel.Mul(t, t, u)
		kernel.Cut(y, x, 0, inf)
		kernel.Axpy(y, alpha, t)
	}
}

// ELUBack computes the gradient through y = ELU(x) from y, for an alpha above zero: dx[i] += dy[i] where y[i] is above zero,
// and += (y[i]+alpha)*dy[i] elsewhere.
func ELUBack(dx, dy, y []float32, alpha float32) {
	sameAll("ELUBack", dx, dy, y)
	n := kernel.TryELUBack(dx, dy, y, alpha)
	dx, dy, y = dx[n:], dy[n:], y[n:]
	var roomT [someValues]float32
	for lo, hi := range pieces(len(dx)) {
		dx, dy, y := dx[lo:hi], dy[lo:hi], y[lo:hi]
		t := roomT[:hi-lo]
		kernel.CutBack(dx, dy, y, 0, none)
		kernel.SubtractFrom(t, y, -alpha)
		kernel.Mul(t, t, dy)
		kernel.CutBack(dx, t, y, none, above)
	}
}

// logOnePlus is a polynomial in u² for log(1+e) = 2*u*(1 + u²/3 + u⁴/5 + ...) with u = e/(2+e), which is below 1/3 where e
// is below 1: the first that is left out is less than a rounding.
var logOnePlus = [...]float32{2.0 / 13, 2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3, 2}

const ln2 float32 = 0.693147180559945

// Softplus computes dst[i] = log(1 + e^(beta*src[i]))/beta: max(src[i], 0) and what remains, which is the same on both
// sides of zero. beta must be above zero.
func Softplus(dst, src []float32, beta float32) {
	same("Softplus", len(dst), len(src))
	n := kernel.TrySoftplus(dst, src, beta)
	dst, src = dst[n:], src[n:]
	var roomT, roomU, roomP [someValues]float32
	for lo, hi := range pieces(len(dst)) {
		y, x := dst[lo:hi], src[lo:hi]
		t, u, p := roomT[:hi-lo], roomU[:hi-lo], roomP[:hi-lo]
		// u = e/(2+e) with e = e^(-|beta*x|) is the sigmoid of -|beta*x| - ln 2.
		kernel.Cut(t, x, 0, inf)
		kernel.Cut(u, x, -inf, 0)
		kernel.Axpy(u, -1, t)
		kernel.Scale(u, u, beta)
		kernel.SubtractFrom(u, u, ln2)
		kernel.Cut(y, x, 0, inf)
		kernel.Sigmoid(u, u)
		kernel.Mul(t, u, u)
		kernel.Scale(p, t, logOnePlus[0])
		for _, c := range logOnePlus[1 : len(logOnePlus)-1] {
			kernel.SubtractFrom(p, p, -c)
			kernel.Mul(p, p, t)
		}
		kernel.SubtractFrom(p, p, -logOnePlus[len(logOnePlus)-1])
		kernel.Scale(p, p, 1/beta)
		kernel.AddMul(y, u, p)
	}
}

// SoftplusBack computes dx[i] += dy[i]*sigmoid(beta*x[i]).
func SoftplusBack(dx, dy, x []float32, beta float32) {
	sameAll("SoftplusBack", dx, dy, x)
	n := kernel.TrySoftplusBack(dx, dy, x, beta)
	dx, dy, x = dx[n:], dy[n:], x[n:]
	var roomT [someValues]float32
	for lo, hi := range pieces(len(dx)) {
		dx, dy, x := dx[lo:hi], dy[lo:hi], x[lo:hi]
		t := roomT[:hi-lo]
		kernel.Scale(t, x, beta)
		kernel.Sigmoid(t, t)
		kernel.AddMul(dx, dy, t)
	}
}

// LogSoftmaxRow computes dst[i] = src[i] - log(sum of e^src[j]). The lengths must be equal; dst may be src.
func LogSoftmaxRow(dst, src []float32) {
	same("LogSoftmaxRow", len(dst), len(src))
	kernel.LogSoftmaxRow(dst, src)
}

// LogSoftmaxBackRow computes dx[i] += dy[i] - e^y[i]*s with s = the sum of dy[j]: the gradient through
// y = LogSoftmaxRow(x). The lengths must be equal; dx may be none of the others.
func LogSoftmaxBackRow(dx, dy, y []float32) {
	sameAll("LogSoftmaxBackRow", dx, dy, y)
	s := -float32(kernel.WideSum(dy))
	n := kernel.TryLogSoftmaxBack(dx, dy, y, s)
	dx, dy, y = dx[n:], dy[n:], y[n:]
	var roomT [someValues]float32
	for lo, hi := range pieces(len(dx)) {
		dx, dy, y := dx[lo:hi], dy[lo:hi], y[lo:hi]
		t := roomT[:hi-lo]
		kernel.Exp(t, y)
		kernel.Scale(t, t, s)
		kernel.Add(t, t, dy)
		kernel.Add(dx, dx, t)
	}
}

// PReLU computes dst[i] = src[i] where that is above zero, and slopes[i]*src[i] elsewhere (He et al., 2015).
func PReLU(dst, src, slopes []float32) {
	sameAll("PReLU", dst, src, slopes)
	var roomT [someValues]float32
	for lo, hi := range pieces(len(dst)) {
		y, x := dst[lo:hi], src[lo:hi]
		t := roomT[:hi-lo]
		kernel.Cut(t, x, -inf, 0)
		kernel.Cut(y, x, 0, inf)
		kernel.AddMul(y, slopes[lo:hi], t)
	}
}

// PReLUBack computes the gradients through PReLU: dx[i] += dy[i] where x[i] is above zero, and += slopes[i]*dy[i]
// elsewhere; ds[i] = dy[i]*min(x[i], 0). ds may be none of the others. A dx that is nil is left out.
func PReLUBack(dx, ds, dy, x, slopes []float32) {
	sameAll("PReLUBack", ds, dy, x, slopes)
	if dx != nil {
		same("PReLUBack", len(ds), len(dx))
		kernel.CutBack(dx, dy, x, 0, none)
		kernel.Mul(ds, dy, slopes)
		kernel.CutBack(dx, ds, x, none, above)
	}
	kernel.Cut(ds, x, -inf, 0)
	kernel.Mul(ds, ds, dy)
}
