package optim

import "github.com/rondo-ml/rondo/tensor"

// AdagradConfig are the choices of [Adagrad]. PyTorch's defaults are 1e-10 and 0.
type AdagradConfig struct {
	Eps         float64 // > 0
	RateDecay   float64 // ≥ 0: the rate of step s is lr/(1 + s·RateDecay)
	WeightDecay float64 // ≥ 0: L2, added to the gradient as WeightDecay·p
	Initial     float64 // ≥ 0: what the sums start from
}

// Adagrad is the optimizer of Duchi, Hazan and Singer (2011) as
// torch.optim.Adagrad. At step number s:
//
//	d = g + WeightDecay·p
//	v = v + d²
//	p = p - lr/(1 + s·RateDecay) · d / (√v + Eps)
type Adagrad struct {
	elementwise
	cfg AdagradConfig
	v   []float32 // [Size]

	lr, decay float32 // of the group at hand
}

// NewAdagrad returns an optimizer for the groups' parameters. It panics when a
// choice is out of range.
func NewAdagrad(groups []Group, cfg AdagradConfig) *Adagrad {
	must("adagrad eps", cfg.Eps > 0, cfg.Eps)
	notNegative("adagrad rate decay", cfg.RateDecay)
	notNegative("adagrad weight decay", cfg.WeightDecay)
	notNegative("adagrad initial value", cfg.Initial)
	o := &Adagrad{cfg: cfg, v: tensor.AlignedSlice(Size(groups))}
	tensor.Fill(o.v, float32(cfg.Initial))
	o.init(merged(groups), o.updateRange)
	return o
}

// Name returns "adagrad".
func (o *Adagrad) Name() string { return "adagrad" }

// Step updates params; see [Optimizer].
func (o *Adagrad) Step(pool *tensor.Pool, params, grad []float32, lr float64, step uint64) {
	lr /= 1 + float64(float64(step)*o.cfg.RateDecay)
	o.walk(pool, params, grad, func(g *Group) {
		o.lr, o.decay = float32(lr*g.Rate), float32(g.decayOf(o.cfg.WeightDecay))
	})
}

func (o *Adagrad) updateRange(lo, hi int) {
	p, v, eps := o.params[lo:hi], o.v[lo:hi], float32(o.cfg.Eps)
	for i, d := range o.grad[lo:hi] {
		d += float32(o.decay * p[i])
		v[i] += float32(d * d)
		p[i] -= float32(o.lr * (d / (root(v[i]) + eps)))
	}
}

// State returns "adagrad.v".
func (o *Adagrad) State() []NamedSlice {
	return []NamedSlice{{Name: "adagrad.v", Data: o.v}}
}
