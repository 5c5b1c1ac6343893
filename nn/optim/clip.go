package optim

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// ClipGlobalNorm returns the L2 norm of grad. If it is above limit, which is 0
// for no clipping, grad is scaled to about that norm, as
// torch.nn.utils.clip_grad_norm_ does:
//
//	grad = grad · limit/(norm + 1e-6)
//
// A norm of NaN or Inf leaves grad alone: the caller must look at it.
func ClipGlobalNorm(pool *tensor.Pool, grad []float32, limit float64) (norm float64, clipped bool) {
	norm = math.Sqrt(tensor.SumSquaresPool(pool, grad))
	scale := float32(limit / (norm + 1e-6))
	if limit <= 0 || math.IsNaN(norm) || math.IsInf(norm, 0) || scale >= 1 {
		return norm, false
	}
	tensor.ScalePool(pool, grad, scale)
	return norm, true
}

// ClipValue limits every element of grad to [-limit, limit], as
// torch.nn.utils.clip_grad_value_ does. NaN stays NaN, so that it is seen.
func ClipValue(pool *tensor.Pool, grad []float32, limit float32) {
	pool.For(len(grad), elementGrain, func(lo, hi int) {
		for i, g := range grad[lo:hi] {
			if g > limit {
				grad[lo+i] = limit
			} else if g < -limit {
				grad[lo+i] = -limit
			}
		}
	})
}

// AddL1 adds the gradient of strength·Σ|p| to grad, of the groups that decay: a
// pull towards zero that leaves many weights there. The gradient at 0 is 0.
func AddL1(pool *tensor.Pool, grad, params []float32, groups []Group, strength float32) {
	for _, g := range groups {
		if !g.Decays || g.Rate == 0 {
			continue
		}
		pool.For(g.End-g.Begin, elementGrain, func(lo, hi int) {
			for i := g.Begin + lo; i < g.Begin+hi; i++ {
				if p := params[i]; p > 0 {
					grad[i] += strength
				} else if p < 0 {
					grad[i] -= strength
				}
			}
		})
	}
}
