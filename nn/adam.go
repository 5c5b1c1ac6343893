package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// AdamConfig are the choices of [Adam]. There are no defaults here: PyTorch's
// are 0.9, 0.999, 1e-8 and 0.
type AdamConfig struct {
	Beta1       float64 // in [0, 1): memory of the mean gradient, about 1/(1-Beta1) steps
	Beta2       float64 // in [0, 1): memory of its mean square
	Eps         float64 // > 0: added to the root of the mean square
	WeightDecay float64 // ≥ 0: L2, added to the gradient as WeightDecay·p
}

// Adam is the optimizer of Kingma and Ba (2014) as torch.optim.Adam computes
// it. At step number s, with t = s+1:
//
//	d = g + WeightDecay·p
//	m = m + (1-Beta1)·(d-m)
//	v = Beta2·v + (1-Beta2)·d²
//	p = p - lr/(1-Beta1^t) · m / (√v/√(1-Beta2^t) + Eps)
type Adam struct {
	cfg  AdamConfig
	m, v []float32 // [Size]

	update       func(lo, hi int)
	params, grad []float32 // of the step at hand
	c            tensor.AdamCoeffs
}

// NewAdam returns an optimizer for size parameters. It panics when a choice is
// out of range.
func NewAdam(size int, cfg AdamConfig) *Adam {
	must("adam beta1", cfg.Beta1 >= 0 && cfg.Beta1 < 1, cfg.Beta1)
	must("adam beta2", cfg.Beta2 >= 0 && cfg.Beta2 < 1, cfg.Beta2)
	must("adam eps", cfg.Eps > 0, cfg.Eps)
	must("adam weight decay", cfg.WeightDecay >= 0, cfg.WeightDecay)
	o := &Adam{cfg: cfg, m: tensor.AlignedSlice(size), v: tensor.AlignedSlice(size)}
	o.update = o.updateRange
	return o
}

// must panics when a choice is out of range: those of a run file were checked
// when it was read.
func must(what string, ok bool, value float64) {
	if !ok {
		panic(fmt.Sprintf("nn: %s is %v", what, value))
	}
}

// Name returns "adam".
func (o *Adam) Name() string { return "adam" }

// Step updates params; see [Optimizer].
func (o *Adam) Step(pool *tensor.Pool, params, grad []float32, lr float64, step uint64) {
	o.params, o.grad = params, grad
	o.c = tensor.NewAdamCoeffs(int(step)+1, lr, o.cfg.Beta1, o.cfg.Beta2, o.cfg.Eps, o.cfg.WeightDecay)
	pool.For(len(params), elementGrain, o.update)
}

func (o *Adam) updateRange(lo, hi int) {
	tensor.AdamStep(o.params[lo:hi], o.m[lo:hi], o.v[lo:hi], o.grad[lo:hi], o.c)
}

// State returns "adam.m" and "adam.v".
func (o *Adam) State() []NamedSlice {
	return []NamedSlice{{Name: "adam.m", Data: o.m}, {Name: "adam.v", Data: o.v}}
}
