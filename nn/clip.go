package nn

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// normBlock is the number of elements whose squares are added up by themselves,
// so that the norm does not depend on the number of goroutines.
const normBlock = 1 << 15

// ClipGlobalNorm returns the L2 norm of grad. If it is above limit, which is 0
// for no clipping, grad is scaled to about that norm, as
// torch.nn.utils.clip_grad_norm_ does:
//
//	grad = grad · limit/(norm + 1e-6)
//
// A norm of NaN or Inf leaves grad alone: the caller must look at it.
func ClipGlobalNorm(pool *tensor.Pool, grad []float32, limit float64) (norm float64, clipped bool) {
	blocks := make([]float64, (len(grad)+normBlock-1)/normBlock)
	pool.For(len(blocks), 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			blocks[b] = tensor.SumSquares(grad[b*normBlock : min((b+1)*normBlock, len(grad))])
		}
	})
	sum := 0.0
	for _, s := range blocks {
		sum += s
	}
	norm = math.Sqrt(sum)
	scale := float32(limit / (norm + 1e-6))
	if limit <= 0 || math.IsNaN(norm) || math.IsInf(norm, 0) || scale >= 1 {
		return norm, false
	}
	pool.For(len(grad), elementGrain, func(lo, hi int) {
		tensor.Scale(grad[lo:hi], grad[lo:hi], scale)
	})
	return norm, true
}
