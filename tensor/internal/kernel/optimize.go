package kernel

import "math"

// SGDStep is tensor.SGDStep, which has its formulas.
func SGDStep(p, m, g []float32, lr, momentum, decay float32) {
	for i := vectorSGD(p, m, g, lr, momentum, decay); i < len(p); i++ {
		d := g[i]
		if decay != 0 {
			d += float32(decay * p[i])
		}
		if momentum != 0 {
			d += float32(momentum * m[i])
			m[i] = d
		}
		p[i] -= float32(lr * d)
	}
}

// AdamCoeffs is what AdamStep needs to know of one step; NewAdamCoeffs fills it.
type AdamCoeffs struct {
	StepSize float32 // lr / (1 - beta1^t)
	Weight1  float32 // 1 - beta1
	Beta2    float32
	Weight2  float32 // 1 - beta2
	Root2    float32 // sqrt(1 - beta2^t)
	Eps      float32
	Decay    float32 // added to the gradient: L2, not decoupled
}

// NewAdamCoeffs returns the coefficients of step t, counted from 1. They are formed in float64 and rounded
// once, as PyTorch does.
func NewAdamCoeffs(t int, lr, beta1, beta2, eps, decay float64) AdamCoeffs {
	return AdamCoeffs{
		StepSize: float32(lr / (1 - power(beta1, t))),
		Weight1:  float32(1 - beta1),
		Beta2:    float32(beta2),
		Weight2:  float32(1 - beta2),
		Root2:    float32(math.Sqrt(1 - power(beta2, t))),
		Eps:      float32(eps),
		Decay:    float32(decay),
	}
}

// power is x^n by squaring, the same on every processor.
func power(x float64, n int) float64 {
	y := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y *= x
		}
		x *= x
	}
	return y
}

// AdamStep is tensor.AdamStep, which has its formulas.
func AdamStep(p, m, v, g []float32, c AdamCoeffs) {
	for i := vectorAdam(p, m, v, g, &c); i < len(p); i++ {
		d := g[i]
		if c.Decay != 0 {
			d += float32(c.Decay * p[i])
		}
		m[i] += float32(c.Weight1 * (d - m[i]))
		v[i] = float32(c.Beta2*v[i]) + float32(float32(c.Weight2*d)*d)
		den := float32(math.Sqrt(float64(v[i])))/c.Root2 + c.Eps
		p[i] -= float32(c.StepSize*m[i]) / den
	}
}
