package nn

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
