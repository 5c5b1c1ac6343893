package optim

import "github.com/rondo-ml/rondo/tensor"

// AdamConfig are the choices of [Adam]. There are no defaults here: PyTorch's
// are 0.9, 0.999, 1e-8 and 0, and 0.01 for the decay of AdamW.
type AdamConfig struct {
	Beta1       float64 // in [0, 1): memory of the mean gradient, about 1/(1-Beta1) steps
	Beta2       float64 // in [0, 1): memory of its mean square
	Eps         float64 // > 0: added to the root of the mean square
	WeightDecay float64 // ≥ 0: L2, added to the gradient as WeightDecay·p
	Decoupled   bool    // AdamW: p shrinks by lr·WeightDecay·p instead, beside the update
}

func (c AdamConfig) check(kind string) {
	fraction(kind+" beta1", c.Beta1)
	fraction(kind+" beta2", c.Beta2)
	must(kind+" eps", c.Eps > 0, c.Eps)
	notNegative(kind+" weight decay", c.WeightDecay)
}

// Adam is the optimizer of Kingma and Ba (2014) as torch.optim.Adam computes
// it. At step number s, with t = s+1:
//
//	d = g + WeightDecay·p
//	m = m + (1-Beta1)·(d-m)
//	v = Beta2·v + (1-Beta2)·d²
//	p = p - lr/(1-Beta1^t) · m / (√v/√(1-Beta2^t) + Eps)
//
// Decoupled, it is torch.optim.AdamW (Loshchilov and Hutter, 2017): d = g, and
// first p = p·(1 - lr·WeightDecay).
type Adam struct {
	elementwise
	cfg  AdamConfig
	m, v []float32 // [Size]

	c      tensor.AdamCoeffs // of the group at hand
	shrink float32           // 1 - lr·WeightDecay where that is decoupled
}

// NewAdam returns an optimizer for the groups' parameters. It panics when a
// choice is out of range.
func NewAdam(groups []Group, cfg AdamConfig) *Adam {
	o := &Adam{cfg: cfg}
	cfg.check(o.Name())
	size := Size(groups)
	o.m, o.v = tensor.AlignedSlice(size), tensor.AlignedSlice(size)
	o.init(merged(groups), o.updateRange)
	return o
}

// Name returns "adam" or "adamw".
func (o *Adam) Name() string {
	if o.cfg.Decoupled {
		return "adamw"
	}
	return "adam"
}

// Step updates params; see [Optimizer].
func (o *Adam) Step(pool *tensor.Pool, params, grad []float32, lr float64, step uint64) {
	o.walk(pool, params, grad, func(g *Group) {
		rate, decay := lr*g.Rate, g.decayOf(o.cfg.WeightDecay)
		o.shrink = 1
		if o.cfg.Decoupled {
			o.shrink, decay = float32(1-float64(rate*decay)), 0
		}
		o.c = tensor.NewAdamCoeffs(int(step)+1, rate, o.cfg.Beta1, o.cfg.Beta2, o.cfg.Eps, decay)
	})
}

// cached is so many elements as stay in the first cache between two passes over
// them: weights, two states and the gradient.
const cached = 1024

func (o *Adam) updateRange(lo, hi int) {
	for ; lo < hi; lo += cached {
		end := min(lo+cached, hi)
		p := o.params[lo:end]
		if o.shrink != 1 {
			tensor.Scale(p, p, o.shrink)
		}
		tensor.AdamStep(p, o.m[lo:end], o.v[lo:end], o.grad[lo:end], o.c)
	}
}

// State returns "adam.m" and "adam.v".
func (o *Adam) State() []NamedSlice {
	return []NamedSlice{{Name: "adam.m", Data: o.m}, {Name: "adam.v", Data: o.v}}
}
