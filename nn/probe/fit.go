package probe

import (
	"context"
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Model is a logistic regression: a text is positive when x·Weights + Bias > 0.
type Model struct {
	C       float64   `json:"c"`
	Weights []float64 `json:"weights"`
	Bias    float64   `json:"bias"`

	Violation float64 `json:"violation"` // of the optimality conditions that is left, the penalty's slope being 1
	Rounds    int     `json:"rounds"`    // of Newton's method that it took
}

// Options say when a fit is done.
type Options struct {
	Tolerance float64 // the violation that is left at most; 0: 1e-6
	Rounds    int     // of Newton's method at most; 0: 200
}

// Fit minimizes the objective of the package's description for labels that are true where a text is positive, from
// the weights of a model on, or from zeros if that is nil. It says when it has not converged. A pool may be nil.
//
// A round of Newton's method takes the gradient g over all texts, the Hessian H over the units that count or would, and
// minimizes
//
//	g·δ + ½·δᵀHδ + ‖w + δ‖₁
//
// by coordinate descent, and by leaps to the minimum for given signs, as feature-sign search does (Lee et al. 2007), since
// units are so alike that descent alone takes minutes. [Dense] features have H formed, as glmnet's covariance updates do
// (Friedman, Hastie and Tibshirani 2010): a round reads the features a few times however long that takes, and H is kept
// while the violation shrinks well with an old one. [Sparse] ones are gone through column by column, as newGLMNET does
// (Yuan, Ho and Lin 2012), and leap by conjugate gradients: thousands of words have a weight, too many for their H.
func Fit(ctx context.Context, pool *tensor.Pool, x Table, positive []bool, c float64, from *Model, opt Options) (*Model, error) {
	n, d := x.Size()
	if n != len(positive) {
		panic(fmt.Sprintf("probe: %d labels of %d texts", len(positive), n))
	}
	if err := bothClasses(positive); err != nil {
		return nil, err
	}
	if !(c > 0) || math.IsInf(c, 0) {
		return nil, fmt.Errorf("the C of a fit is %v; above 0 is wanted", c)
	}
	f := newFitting(pool, x, positive, c)
	if from != nil {
		copy(f.w, from.Weights)
		f.b = from.Bias
	} else {
		f.b = startBias(positive)
	}
	return f.run(ctx, Model{C: c, Weights: f.w[:d]}, opt)
}

// startBias is that of a model that knows how often a text is positive, and nothing else.
func startBias(positive []bool) float64 {
	k := 0
	for _, p := range positive {
		if p {
			k++
		}
	}
	return math.Log(float64(k) / float64(len(positive)-k))
}

func bothClasses(positive []bool) error {
	var have [2]bool
	for _, p := range positive {
		if p {
			have[1] = true
		} else {
			have[0] = true
		}
	}
	switch {
	case !have[1]:
		return fmt.Errorf("no text of %d is positive (label 1); both classes are wanted", len(positive))
	case !have[0]:
		return fmt.Errorf("no text of %d is negative (label 0); both classes are wanted", len(positive))
	}
	return nil
}

// fitting is a fit under way.
type fitting struct {
	pool     *tensor.Pool
	x        Table
	positive []bool
	c        float64

	w      []float64 // [d]
	b      float64
	margin []float64 // [n]: x·w + b
	slope  []float64 // [n]: C·(p - y)
	curve  []float64 // [n]: C·p·(1 - p)
	g      []float64 // [d]: gradient of the loss
	gb     float64

	scaling
	model quadratic
}

// quadratic is the model of the objective around the present weights that a round of Newton's method minimizes.
type quadratic interface {
	// prepare chooses the weights that may move in this round. It takes the Hessian anew if that is asked for, or needed.
	prepare(f *fitting, anew bool)
	// descend minimizes the model until its own optimality conditions hold within so much, or for so long as is worth it,
	// and returns how the weights and the intercept move.
	descend(f *fitting, within float64) (delta []float64, db float64)
	// exact says that the Hessian is of the present weights.
	exact() bool
}

func newFitting(pool *tensor.Pool, x Table, positive []bool, c float64) *fitting {
	n, d := x.Size()
	return &fitting{pool: pool, x: x, positive: positive, c: c, w: make([]float64, d), margin: make([]float64, n),
		slope: make([]float64, n), curve: make([]float64, n), g: make([]float64, d), model: x.model()}
}

func (f *fitting) run(ctx context.Context, m Model, opt Options) (*Model, error) {
	if opt.Tolerance == 0 {
		opt.Tolerance = 1e-6
	}
	if opt.Rounds == 0 {
		opt.Rounds = 200
	}
	f.begin()
	before := math.Inf(1)
	for m.Rounds = 0; ; m.Rounds++ {
		f.gradient()
		m.Violation = f.violation()
		if m.Violation <= opt.Tolerance || m.Rounds == opt.Rounds {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f.model.prepare(f, m.Violation > before/4)
		before = m.Violation
		if !f.step(f.model.descend(f, max(0.02*m.Violation, opt.Tolerance/8))) {
			if f.model.exact() {
				break // as close as numbers go
			}
			before = 0 // the next Hessian is a fresh one
		}
	}
	m.Bias = f.b
	if m.Violation > math.Max(1e-3, opt.Tolerance) {
		return nil, fmt.Errorf("the fit for C = %g has not converged in %d rounds: the optimality conditions are off by %.2g; give a smaller C",
			f.c, m.Rounds, m.Violation)
	}
	return &m, nil
}

// begin finds the scales, and moves what constant columns weigh to the intercept.
func (f *fitting) begin() {
	f.scaling = f.x.scaling(f.pool)
	for j, scale := range f.scale {
		if scale == 0 {
			f.b += f.shift[j] * f.w[j]
			f.w[j] = 0
		}
	}
	f.margins()
}

func (f *fitting) margins() {
	f.x.multiply(f.pool, f.margin, f.w)
	for i := range f.margin {
		f.margin[i] += f.b
	}
}

// gradient computes the slopes and curvatures of the loss, and their sums.
func (f *fitting) gradient() {
	f.pool.For(len(f.margin), 512, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			p := 1 / (1 + math.Exp(-f.margin[i]))
			f.curve[i] = f.c * p * (1 - p)
			if f.positive[i] {
				p = -1 / (1 + math.Exp(f.margin[i])) // p - 1 without the loss of digits
			}
			f.slope[i] = f.c * p
		}
	})
	transposed(f.pool, f.x, f.g, f.slope)
	f.gb = 0
	for _, s := range f.slope {
		f.gb += s
	}
}

// offBy is how far a coordinate is from its optimality condition.
func offBy(w, g float64) float64 {
	switch {
	case w > 0:
		return math.Abs(g + 1)
	case w < 0:
		return math.Abs(g - 1)
	}
	return max(math.Abs(g)-1, 0)
}

func (f *fitting) violation() float64 {
	most := math.Abs(f.gb)
	for j, w := range f.w {
		most = max(most, offBy(w, f.g[j]))
	}
	return most
}

// step goes along the direction that the descent found as far as the objective falls enough (Armijo's rule), and says
// whether it went.
func (f *fitting) step(delta []float64, db float64) bool {
	along := make([]float64, len(f.margin))
	f.x.multiply(f.pool, along, delta)
	slope := f.gb * db
	for j, d := range delta {
		slope += f.g[j]*d + math.Abs(f.w[j]+d) - math.Abs(f.w[j])
	}
	if !(slope < 0) {
		return false
	}
	noise := 1e-13 * f.c * float64(len(f.margin))
	for t := 1.0; t > 1e-6; t /= 2 {
		change := 0.0
		for i, m := range f.margin {
			to := m + t*(along[i]+db)
			if f.positive[i] {
				change += softplus(-to) - softplus(-m)
			} else {
				change += softplus(to) - softplus(m)
			}
		}
		change *= f.c
		for j, d := range delta {
			change += math.Abs(f.w[j]+t*d) - math.Abs(f.w[j])
		}
		if change <= 0.01*t*slope+noise {
			for j, d := range delta {
				f.w[j] += t * d
			}
			f.b += t * db
			f.margins()
			return true
		}
	}
	return false
}

// softplus is log(1 + exp(v)).
func softplus(v float64) float64 {
	if v > 0 {
		return v + math.Log1p(math.Exp(-v))
	}
	return math.Log1p(math.Exp(v))
}
