package optim

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// RMSpropConfig are the choices of [RMSprop]. PyTorch's defaults are 0.99, 1e-8,
// 0 and 0; the EfficientNets were trained with 0.9, 1e-3, 0.9 and TensorFlow.
type RMSpropConfig struct {
	Alpha       float64 // in [0, 1): memory of the mean square of the gradient
	Eps         float64 // > 0
	Momentum    float64 // in [0, 1); 0 keeps no state of it
	WeightDecay float64 // ≥ 0: L2, added to the gradient as WeightDecay·p
	Centered    bool    // divide by the deviation from the mean gradient rather than from zero
	TensorFlow  bool    // as TensorFlow computes it
}

// RMSprop is the optimizer of Hinton's lecture 6e (2012) as torch.optim.RMSprop:
//
//	d = g + WeightDecay·p
//	v = Alpha·v + (1-Alpha)·d²           from 0
//	a = a + (1-Alpha)·(d-a)              Centered alone, else a = 0
//	b = Momentum·b + d / (√(v-a²) + Eps)
//	p = p - lr·b
//
// TensorFlow's form differs in three places:
//
//	v = v + (1-Alpha)·(d²-v)             from 1
//	b = Momentum·b + lr·d / √(v-a²+Eps)
//	p = p - b
type RMSprop struct {
	elementwise
	cfg     RMSpropConfig
	v, a, b []float32 // [Size]; a and b are nil where they are not needed

	lr, decay float32 // of the group at hand
}

// NewRMSprop returns an optimizer for the groups' parameters. It panics when a
// choice is out of range.
func NewRMSprop(groups []Group, cfg RMSpropConfig) *RMSprop {
	fraction("rmsprop alpha", cfg.Alpha)
	must("rmsprop eps", cfg.Eps > 0, cfg.Eps)
	fraction("rmsprop momentum", cfg.Momentum)
	notNegative("rmsprop weight decay", cfg.WeightDecay)
	size := Size(groups)
	o := &RMSprop{cfg: cfg, v: tensor.AlignedSlice(size)}
	if cfg.TensorFlow {
		tensor.Fill(o.v, 1)
	}
	if cfg.Centered {
		o.a = tensor.AlignedSlice(size)
	}
	if cfg.Momentum != 0 {
		o.b = tensor.AlignedSlice(size)
	}
	o.init(merged(groups), o.updateRange)
	return o
}

// Name returns "rmsprop" or "rmsprop-tf".
func (o *RMSprop) Name() string {
	if o.cfg.TensorFlow {
		return "rmsprop-tf"
	}
	return "rmsprop"
}

// Step updates params; see [Optimizer].
func (o *RMSprop) Step(pool *tensor.Pool, params, grad []float32, lr float64, _ uint64) {
	o.walk(pool, params, grad, func(g *Group) {
		o.lr, o.decay = float32(lr*g.Rate), float32(g.decayOf(o.cfg.WeightDecay))
	})
}

func (o *RMSprop) updateRange(lo, hi int) {
	p, v, a, b := o.params[lo:hi], o.v[lo:hi], part(o.a, lo, hi), part(o.b, lo, hi)
	keep, fresh, eps, momentum := float32(o.cfg.Alpha), float32(1-o.cfg.Alpha), float32(o.cfg.Eps), float32(o.cfg.Momentum)
	for i, d := range o.grad[lo:hi] {
		d += float32(o.decay * p[i])
		if o.cfg.TensorFlow {
			v[i] += float32(fresh * (float32(d*d) - v[i]))
		} else {
			v[i] = float32(keep*v[i]) + float32(float32(fresh*d)*d)
		}
		spread := v[i]
		if a != nil {
			a[i] += float32(fresh * (d - a[i]))
			spread -= float32(a[i] * a[i])
		}
		if o.cfg.TensorFlow {
			d = float32(o.lr*d) / root(spread+eps)
		} else {
			d /= root(spread) + eps
		}
		if b != nil {
			b[i] = float32(momentum*b[i]) + d
			d = b[i]
		}
		if !o.cfg.TensorFlow {
			d = float32(o.lr * d)
		}
		p[i] -= d
	}
}

// root is the square root of x, correctly rounded.
func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// State returns "rmsprop.v", and where they are kept "rmsprop.a" and "rmsprop.b".
func (o *RMSprop) State() []NamedSlice {
	list := []NamedSlice{{Name: "rmsprop.v", Data: o.v}}
	if o.a != nil {
		list = append(list, NamedSlice{Name: "rmsprop.a", Data: o.a})
	}
	if o.b != nil {
		list = append(list, NamedSlice{Name: "rmsprop.b", Data: o.b})
	}
	return list
}
