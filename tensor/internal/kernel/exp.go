package kernel

import "math"

// The constants of exp: x = n*ln2 + r with |r| <= ln2/2, and e^r = 1 + r + r^2*q(r). ln2 is split so that
// n times its upper part is exact. The coefficients are those of Cephes' expf (Moshier).
const (
	expMax  float32 = 89   // e^x overflows
	expMin  float32 = -104 // e^x is less than half the least float32
	log2e   float32 = 1.44269504088896341
	ln2Hi   float32 = 0.693359375
	ln2Lo   float32 = -2.12194440e-4
	rounder float32 = 3 << 22 // adding it rounds to an integer, which is then in the low bits

	exp0 float32 = 5.0000001201e-1
	exp1 float32 = 1.6666665459e-1
	exp2 float32 = 4.1665795894e-2
	exp3 float32 = 8.3334519073e-3
	exp4 float32 = 1.3981999507e-3
	exp5 float32 = 1.9875691500e-4
)

// ExpOf returns e^x with a relative error below 2e-7. Overflow gives +Inf, underflow is gradual, NaN stays.
func ExpOf(x float32) float32 {
	if x > expMax {
		x = expMax
	}
	if x < expMin {
		x = expMin
	}
	k := float32(x*log2e) + rounder
	n := int32(math.Float32bits(k)) - rounderBits
	f := k - rounder
	r := x - float32(f*ln2Hi)
	r -= float32(f * ln2Lo)
	q := float32(exp5*r) + exp4
	q = float32(q*r) + exp3
	q = float32(q*r) + exp2
	q = float32(q*r) + exp1
	q = float32(q*r) + exp0
	y := float32(q*float32(r*r)) + r
	y++
	// 2^n in two factors, as it may be out of range where the result is not.
	h := n >> 1
	y *= math.Float32frombits(uint32(h+127) << 23)
	y *= math.Float32frombits(uint32(n-h+127) << 23)
	return y
}

const rounderBits = 0x4b400000

// SigmoidOf returns 1 / (1 + e^-x) with a relative error below 2e-7. NaN stays.
func SigmoidOf(x float32) float32 {
	e := ExpOf(-abs(x))
	n := float32(1)
	if x < 0 {
		n = e
	}
	return n / (1 + e)
}

// The coefficients of tanh x = x + x^3*p(x^2) near zero, from Cephes' tanhf (Moshier).
const (
	tanhSmall float32 = 0.625

	tanh0 float32 = -3.33332819422e-1
	tanh1 float32 = 1.33314422036e-1
	tanh2 float32 = -5.37397155531e-2
	tanh3 float32 = 2.06390887954e-2
	tanh4 float32 = -5.70498872745e-3
)

// TanhOf returns the hyperbolic tangent of x with a relative error below 2e-7. NaN stays.
func TanhOf(x float32) float32 {
	a := abs(x)
	var y float32
	if a < tanhSmall {
		s := float32(a * a)
		p := float32(tanh4*s) + tanh3
		p = float32(p*s) + tanh2
		p = float32(p*s) + tanh1
		p = float32(p*s) + tanh0
		y = float32(float32(p*s)*a) + a
	} else {
		y = 1 - 2/(ExpOf(a+a)+1)
	}
	return math.Float32frombits(math.Float32bits(y) | math.Float32bits(x)&(1<<31))
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// Exp computes dst[i] = ExpOf(src[i]); dst may be src.
func Exp(dst, src []float32) {
	for i := vectorExp(dst, src); i < len(src); i++ {
		dst[i] = ExpOf(src[i])
	}
}

// Sigmoid computes dst[i] = SigmoidOf(src[i]); dst may be src.
func Sigmoid(dst, src []float32) {
	for i := vectorSigmoid(dst, src); i < len(src); i++ {
		dst[i] = SigmoidOf(src[i])
	}
}

// Tanh computes dst[i] = TanhOf(src[i]); dst may be src.
func Tanh(dst, src []float32) {
	for i := vectorTanh(dst, src); i < len(src); i++ {
		dst[i] = TanhOf(src[i])
	}
}
