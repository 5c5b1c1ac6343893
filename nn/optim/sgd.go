package optim

import "github.com/rondo-ml/rondo/tensor"

// SGDConfig are the choices of [SGD]. The zero value is plain gradient descent.
type SGDConfig struct {
	Momentum    float64 // in [0, 1): how much of the last update goes on; 0 keeps no state
	Nesterov    bool    // look ahead by the momentum; needs one
	WeightDecay float64 // ≥ 0: L2, added to the gradient as WeightDecay·p
}

// SGD is stochastic gradient descent as torch.optim.SGD, without dampening:
//
//	d = g + WeightDecay·p
//	m = Momentum·m + d
//	p = p - lr·m               or, with Nesterov, p - lr·(d + Momentum·m)
type SGD struct {
	elementwise
	cfg SGDConfig
	m   []float32 // [Size]; nil without momentum

	lr, momentum, decay float32 // of the group at hand
}

// NewSGD returns an optimizer for the groups' parameters. It panics when a choice
// is out of range.
func NewSGD(groups []Group, cfg SGDConfig) *SGD {
	fraction("sgd momentum", cfg.Momentum)
	notNegative("sgd weight decay", cfg.WeightDecay)
	must("sgd momentum, with Nesterov,", cfg.Momentum > 0 || !cfg.Nesterov, cfg.Momentum)
	o := &SGD{cfg: cfg, momentum: float32(cfg.Momentum)}
	if cfg.Momentum != 0 {
		o.m = tensor.AlignedSlice(Size(groups))
	}
	update := o.updateRange
	if cfg.Nesterov {
		update = o.nesterovRange
	}
	o.init(merged(groups), update)
	return o
}

// Name returns "sgd".
func (o *SGD) Name() string { return "sgd" }

// Step updates params; see [Optimizer].
func (o *SGD) Step(pool *tensor.Pool, params, grad []float32, lr float64, _ uint64) {
	o.walk(pool, params, grad, func(g *Group) {
		o.lr, o.decay = float32(lr*g.Rate), float32(g.decayOf(o.cfg.WeightDecay))
	})
}

func (o *SGD) updateRange(lo, hi int) {
	tensor.SGDStep(o.params[lo:hi], part(o.m, lo, hi), o.grad[lo:hi], o.lr, o.momentum, o.decay)
}

func (o *SGD) nesterovRange(lo, hi int) {
	p, m, grad := o.params[lo:hi], o.m[lo:hi], o.grad[lo:hi]
	for i, d := range grad {
		d += float32(o.decay * p[i])
		m[i] = float32(o.momentum*m[i]) + d
		p[i] -= float32(o.lr * (d + float32(o.momentum*m[i])))
	}
}

// State returns "sgd.m", or nothing without momentum.
func (o *SGD) State() []NamedSlice {
	if o.m == nil {
		return nil
	}
	return []NamedSlice{{Name: "sgd.m", Data: o.m}}
}
