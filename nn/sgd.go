package nn

import "github.com/rondo-ml/rondo/tensor"

// SGDConfig are the choices of [SGD]. The zero value is plain gradient descent.
type SGDConfig struct {
	Momentum    float64 // in [0, 1): how much of the last update goes on; 0 keeps no state
	WeightDecay float64 // ≥ 0: L2, added to the gradient as WeightDecay·p
}

// SGD is stochastic gradient descent as torch.optim.SGD, without dampening:
//
//	d = g + WeightDecay·p
//	m = Momentum·m + d
//	p = p - lr·m
type SGD struct {
	cfg SGDConfig
	m   []float32 // [Size]; nil without momentum

	update   func(lo, hi int)
	params   []float32 // of the step at hand
	grad     []float32
	lr       float32
	momentum float32
	decay    float32
}

// NewSGD returns an optimizer for size parameters. It panics when a choice is
// out of range.
func NewSGD(size int, cfg SGDConfig) *SGD {
	must("sgd momentum", cfg.Momentum >= 0 && cfg.Momentum < 1, cfg.Momentum)
	must("sgd weight decay", cfg.WeightDecay >= 0, cfg.WeightDecay)
	o := &SGD{cfg: cfg, momentum: float32(cfg.Momentum), decay: float32(cfg.WeightDecay)}
	if cfg.Momentum != 0 {
		o.m = tensor.AlignedSlice(size)
	}
	o.update = o.updateRange
	return o
}

// Name returns "sgd".
func (o *SGD) Name() string { return "sgd" }

// Step updates params; see [Optimizer].
func (o *SGD) Step(pool *tensor.Pool, params, grad []float32, lr float64, _ uint64) {
	o.params, o.grad, o.lr = params, grad, float32(lr)
	pool.For(len(params), elementGrain, o.update)
}

func (o *SGD) updateRange(lo, hi int) {
	var m []float32
	if o.m != nil {
		m = o.m[lo:hi]
	}
	tensor.SGDStep(o.params[lo:hi], m, o.grad[lo:hi], o.lr, o.momentum, o.decay)
}

// State returns "sgd.m", or nothing without momentum.
func (o *SGD) State() []NamedSlice {
	if o.m == nil {
		return nil
	}
	return []NamedSlice{{Name: "sgd.m", Data: o.m}}
}
