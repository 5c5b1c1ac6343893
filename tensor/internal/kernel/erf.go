package kernel

import "math"

// The coefficients of the error function, after Juffa (2018): near zero x + x*q(x²), beyond 1 - e^p(|x|) with the
// sign of x.
const (
	erfSmall float32 = 0.927734375

	erfFar0 float32 = -1.72853470e-5
	erfFar1 float32 = 3.83197126e-4
	erfFar2 float32 = -3.88396438e-3
	erfFar3 float32 = 2.42546219e-2
	erfFar4 float32 = -1.06777877e-1
	erfFar5 float32 = -6.34846687e-1
	erfFar6 float32 = -1.28717512e-1

	erfNear0 float32 = -5.96761703e-4
	erfNear1 float32 = 4.99119423e-3
	erfNear2 float32 = -2.67681349e-2
	erfNear3 float32 = 1.12819925e-1
	erfNear4 float32 = -3.76125336e-1
	erfNear5 float32 = 1.28379166e-1

	rootHalf    float32 = 0.70710678118654752 // sqrt(1/2)
	rootHalfPi1 float32 = 0.39894228040143268 // sqrt(1/(2*pi))
)

// ErfOf returns the error function of x with a relative error below 3e-7. NaN stays.
func ErfOf(x float32) float32 {
	t, s := abs(x), float32(x*x)
	if t > erfSmall {
		r := float32(erfFar0*t) + erfFar1
		u := float32(erfFar2*t) + erfFar3
		r = float32(r*s) + u
		r = float32(r*t) + erfFar4
		r = float32(r*t) + erfFar5
		r = float32(r*t) + erfFar6
		r = float32(r*t) - t
		r = 1 - ExpOf(r)
		return math.Float32frombits(math.Float32bits(r) | math.Float32bits(x)&(1<<31))
	}
	q := float32(erfNear0*s) + erfNear1
	q = float32(q*s) + erfNear2
	q = float32(q*s) + erfNear3
	q = float32(q*s) + erfNear4
	q = float32(q*s) + erfNear5
	return float32(q*x) + x
}

// Erf computes dst[i] = ErfOf(src[i]); dst may be src.
func Erf(dst, src []float32) {
	for i := vectorErf(dst, src); i < len(src); i++ {
		dst[i] = ErfOf(src[i])
	}
}

// normalBelow is the part of the standard normal distribution below x: (1 + erf(x/sqrt(2)))/2.
func normalBelow(x float32) float32 { return 0.5 * (1 + ErfOf(float32(x*rootHalf))) }

// GELUOf returns x*(1 + erf(x/sqrt(2)))/2: the exact form, which is PyTorch's default. NaN stays.
func GELUOf(x float32) float32 { return x * normalBelow(x) }

// GELU computes dst[i] = GELUOf(src[i]); dst may be src.
func GELU(dst, src []float32) {
	for i := vectorGELU(dst, src); i < len(src); i++ {
		dst[i] = GELUOf(src[i])
	}
}

// GELUBack computes dx[i] += dy[i]*(P(x[i]) + x[i]*p(x[i])), with P the normal distribution and p its density: the
// gradient through y = GELU(x). dx may be none of the others.
func GELUBack(dx, dy, x []float32) {
	for i := vectorGELUBack(dx, dy, x); i < len(dx); i++ {
		v := x[i]
		density := ExpOf(float32(float32(v*v)*-0.5)) * rootHalfPi1
		dx[i] += float32(dy[i] * (normalBelow(v) + float32(v*density)))
	}
}

// SiLUOf returns x/(1 + e^-x), also called swish. NaN stays.
func SiLUOf(x float32) float32 { return x * SigmoidOf(x) }

// SiLU computes dst[i] = SiLUOf(src[i]); dst may be src.
func SiLU(dst, src []float32) {
	for i := vectorSiLU(dst, src); i < len(src); i++ {
		dst[i] = SiLUOf(src[i])
	}
}

// SiLUBack computes dx[i] += dy[i]*s*(1 + x[i]*(1-s)) with s = SigmoidOf(x[i]): the gradient through y = SiLU(x). dx may be
// none of the others.
func SiLUBack(dx, dy, x []float32) {
	for i := vectorSiLUBack(dx, dy, x); i < len(dx); i++ {
		s := SigmoidOf(x[i])
		dx[i] += float32(dy[i] * float32(s*(1+float32(x[i]*(1-s)))))
	}
}
