package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// ExpOf returns e^x with a relative error below 2e-7. Overflow gives +Inf, underflow is gradual, NaN stays.
func ExpOf(x float32) float32 { return kernel.ExpOf(x) }

// SigmoidOf returns 1 / (1 + e^-x) with a relative error below 2e-7. NaN stays.
func SigmoidOf(x float32) float32 { return kernel.SigmoidOf(x) }

// TanhOf returns the hyperbolic tangent of x with a relative error below 2e-7. NaN stays.
func TanhOf(x float32) float32 { return kernel.TanhOf(x) }

// Exp computes dst[i] = ExpOf(src[i]). The lengths must be equal; dst may be src.
func Exp(dst, src []float32) {
	same("Exp", len(dst), len(src))
	kernel.Exp(dst, src)
}

// Sigmoid computes dst[i] = SigmoidOf(src[i]). The lengths must be equal; dst may be src.
func Sigmoid(dst, src []float32) {
	same("Sigmoid", len(dst), len(src))
	kernel.Sigmoid(dst, src)
}

// Tanh computes dst[i] = TanhOf(src[i]). The lengths must be equal; dst may be src.
func Tanh(dst, src []float32) {
	same("Tanh", len(dst), len(src))
	kernel.Tanh(dst, src)
}

// ErfOf returns the error function of x with a relative error below 3e-7. NaN stays.
func ErfOf(x float32) float32 { return kernel.ErfOf(x) }

// Erf computes dst[i] = ErfOf(src[i]). The lengths must be equal; dst may be src.
func Erf(dst, src []float32) {
	same("Erf", len(dst), len(src))
	kernel.Erf(dst, src)
}

// GELUOf returns x*(1 + erf(x/sqrt(2)))/2: the exact form, which is PyTorch's default. NaN stays.
func GELUOf(x float32) float32 { return kernel.GELUOf(x) }

// GELU computes dst[i] = GELUOf(src[i]). The lengths must be equal; dst may be src.
func GELU(dst, src []float32) {
	same("GELU", len(dst), len(src))
	kernel.GELU(dst, src)
}

// GELUBack computes dx[i] += dy[i]*(P(x[i]) + x[i]*p(x[i])), with P the normal distribution and p its density: the
// gradient through y = GELU(x). The lengths must be equal; dx may be none of the others.
func GELUBack(dx, dy, x []float32) {
	sameAll("GELUBack", dx, dy, x)
	kernel.GELUBack(dx, dy, x)
}

// SiLUOf returns x/(1 + e^-x), also called swish. NaN stays.
func SiLUOf(x float32) float32 { return kernel.SiLUOf(x) }

// SiLU computes dst[i] = SiLUOf(src[i]). The lengths must be equal; dst may be src.
func SiLU(dst, src []float32) {
	same("SiLU", len(dst), len(src))
	kernel.SiLU(dst, src)
}

// SiLUBack computes dx[i] += dy[i]*s*(1 + x[i]*(1-s)) with s = SigmoidOf(x[i]): the gradient through y = SiLU(x). The
// lengths must be equal; dx may be none of the others.
func SiLUBack(dx, dy, x []float32) {
	sameAll("SiLUBack", dx, dy, x)
	kernel.SiLUBack(dx, dy, x)
}
