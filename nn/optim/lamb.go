package optim

import "github.com/rondo-ml/rondo/tensor"

// LAMB is Adam for large batches, with a rate of its own for each parameter (You
// et al. 2019, algorithm 2):
//
//	u = m/(1-Beta1^t) / (√v/√(1-Beta2^t) + Eps) + WeightDecay·p
//	p = p - lr · ‖p‖/‖u‖ · u                           lr·u where a norm is 0
//
// with m, v and t of [Adam]. Groups are parameters: one norm each. Those that do
// not decay (norms and biases) are updated by lr·u.
type LAMB struct {
	groups []Group
	cfg    AdamConfig
	m, v   []float32 // [Size]
	u      []float32 // [Size] -u of the step at hand

	walk elementwise
	c    tensor.AdamCoeffs
	add  *adder
}

// NewLAMB returns an optimizer for the groups' parameters. It panics when a
// choice is out of range; Decoupled is not looked at: the decay is LAMB's own.
func NewLAMB(groups []Group, cfg AdamConfig) *LAMB {
	cfg.check("lamb")
	size := Size(groups)
	o := &LAMB{groups: groups, cfg: cfg,
		m: tensor.AlignedSlice(size), v: tensor.AlignedSlice(size), u: tensor.AlignedSlice(size), add: newAdder()}
	o.walk.init(merged(groups), o.adamRange)
	return o
}

// Name returns "lamb".
func (o *LAMB) Name() string { return "lamb" }

// Step updates params; see [Optimizer].
func (o *LAMB) Step(pool *tensor.Pool, params, grad []float32, lr float64, step uint64) {
	o.c = tensor.NewAdamCoeffs(int(step)+1, 1, o.cfg.Beta1, o.cfg.Beta2, o.cfg.Eps, 0)
	o.walk.walk(pool, params, grad, func(*Group) {})
	for _, g := range o.groups {
		if g.Rate == 0 {
			continue
		}
		p, u, rate := params[g.Begin:g.End], o.u[g.Begin:g.End], lr*g.Rate
		if g.Decays {
			o.add.axpy(pool, u, float32(-o.cfg.WeightDecay), p)
			if pn, un := norm(pool, p), norm(pool, u); pn > 0 && un > 0 {
				rate *= pn / un
			}
		}
		o.add.axpy(pool, p, float32(rate), u)
	}
}

// adamRange forms -u, without the decay: what Adam at rate 1 makes of zeros.
func (o *LAMB) adamRange(lo, hi int) {
	clear(o.u[lo:hi])
	tensor.AdamStep(o.u[lo:hi], o.m[lo:hi], o.v[lo:hi], o.walk.grad[lo:hi], o.c)
}

// State returns "lamb.m" and "lamb.v".
func (o *LAMB) State() []NamedSlice {
	return []NamedSlice{{Name: "lamb.m", Data: o.m}, {Name: "lamb.v", Data: o.v}}
}
