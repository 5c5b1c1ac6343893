package optim

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// LARSConfig are the choices of [LARS]. The paper's are 0.9, 0.001 and 0.0005.
type LARSConfig struct {
	Momentum    float64 // in [0, 1)
	Trust       float64 // > 0: an update is about lr·Trust of its parameter's norm
	Eps         float64 // ≥ 0: added to what the trust ratio divides by
	WeightDecay float64 // ≥ 0: L2, added to the gradient as WeightDecay·p
}

// LARS is stochastic gradient descent for large batches, with a rate of its own
// for each parameter (You, Gitman and Ginsburg 2017, algorithm 1):
//
//	r = Trust·‖p‖ / (‖g‖ + WeightDecay·‖p‖ + Eps)     1 where a norm is 0
//	m = Momentum·m + r·(g + WeightDecay·p)
//	p = p - lr·m
//
// Groups are parameters: one norm each. Those that do not decay (norms and biases)
// have r = 1, as in the authors' experiments.
type LARS struct {
	groups []Group
	cfg    LARSConfig
	sgd    *SGD
	decay  *adder
}

// NewLARS returns an optimizer for the groups' parameters. It panics when a
// choice is out of range.
func NewLARS(groups []Group, cfg LARSConfig) *LARS {
	fraction("lars momentum", cfg.Momentum)
	must("lars trust", cfg.Trust > 0, cfg.Trust)
	notNegative("lars eps", cfg.Eps)
	notNegative("lars weight decay", cfg.WeightDecay)
	sgd := NewSGD(groups, SGDConfig{Momentum: cfg.Momentum})
	return &LARS{groups: groups, cfg: cfg, sgd: sgd, decay: newAdder()}
}

// Name returns "lars".
func (o *LARS) Name() string { return "lars" }

// Step updates params; see [Optimizer].
func (o *LARS) Step(pool *tensor.Pool, params, grad []float32, lr float64, step uint64) {
	for _, g := range o.groups {
		if !g.Decays || g.Rate == 0 {
			continue
		}
		p, d := params[g.Begin:g.End], grad[g.Begin:g.End]
		pn, gn := norm(pool, p), norm(pool, d)
		ratio := 1.0
		if pn > 0 && gn > 0 {
			ratio = o.cfg.Trust * pn / (gn + float64(o.cfg.WeightDecay*pn) + o.cfg.Eps)
		}
		tensor.ScalePool(pool, d, float32(ratio))
		if o.cfg.WeightDecay != 0 {
			o.decay.axpy(pool, d, float32(ratio*o.cfg.WeightDecay), p)
		}
	}
	o.sgd.Step(pool, params, grad, lr, step)
}

// State returns "lars.m", or nothing without momentum.
func (o *LARS) State() []NamedSlice {
	if o.sgd.m == nil {
		return nil
	}
	return []NamedSlice{{Name: "lars.m", Data: o.sgd.m}}
}

// norm is the L2 norm of x, its sum formed in blocks of fixed size.
func norm(pool *tensor.Pool, x []float32) float64 {
	return math.Sqrt(tensor.SumSquaresPool(pool, x))
}

// adder adds multiples of slices, shared out to a pool.
type adder struct {
	dst, x []float32 // of the call at hand
	alpha  float32
	add    func(lo, hi int)
}

func newAdder() *adder {
	a := &adder{}
	a.add = func(lo, hi int) { tensor.Axpy(a.dst[lo:hi], a.alpha, a.x[lo:hi]) }
	return a
}

// axpy adds alpha·x to dst.
func (a *adder) axpy(pool *tensor.Pool, dst []float32, alpha float32, x []float32) {
	a.dst, a.alpha, a.x = dst, alpha, x
	pool.For(len(dst), elementGrain, a.add)
}
