package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// SGDStep is one step of stochastic gradient descent with momentum, as torch.optim.SGD without dampening
// and Nesterov:
//
//	d = g + decay*p;  m = momentum*m + d;  p -= lr*m
//
// m starts as zeros, which equals PyTorch's start with the first gradient. With momentum 0, m is not used
// and may be nil. The lengths must be equal.
func SGDStep(p, m, g []float32, lr, momentum, decay float32) {
	same("SGDStep", len(p), len(g))
	if momentum != 0 {
		same("SGDStep", len(p), len(m))
	}
	kernel.SGDStep(p, m, g, lr, momentum, decay)
}

// AdamCoeffs is what AdamStep needs to know of one step; NewAdamCoeffs fills it.
type AdamCoeffs = kernel.AdamCoeffs

// NewAdamCoeffs returns the coefficients of step t, counted from 1. They are formed in float64 and rounded
// once, as PyTorch does.
func NewAdamCoeffs(t int, lr, beta1, beta2, eps, decay float64) AdamCoeffs {
	return kernel.NewAdamCoeffs(t, lr, beta1, beta2, eps, decay)
}

// AdamStep is one step of Adam (Kingma and Ba, 2014) as torch.optim.Adam computes it:
//
//	d = g + decay*p;  m += (1-beta1)*(d-m);  v = beta2*v + (1-beta2)*d*d
//	p -= lr/(1-beta1^t) * m / (sqrt(v)/sqrt(1-beta2^t) + eps)
//
// m and v start as zeros. The lengths must be equal.
func AdamStep(p, m, v, g []float32, c AdamCoeffs) {
	same("AdamStep", len(p), len(m))
	same("AdamStep", len(p), len(v))
	same("AdamStep", len(p), len(g))
	kernel.AdamStep(p, m, v, g, c)
}
