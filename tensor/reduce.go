package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// sumBlock is how many values are summed on their own before the sums are added: a power of two fixed for
// good, since the bits of a sum depend on it.
const sumBlock = 1 << 14

// SumSquares returns the sum of x[i]^2 in float64, formed block by block of 16384 values.
func SumSquares(x []float32) float64 {
	var total float64
	for lo := 0; lo < len(x); lo += sumBlock {
		total += kernel.SumSquares(x[lo:min(lo+sumBlock, len(x))])
	}
	return total
}

// SumSquaresPool is SumSquares with the blocks shared out to a pool. The bits are the same.
func SumSquaresPool(pool *Pool, x []float32) float64 {
	blocks := (len(x) + sumBlock - 1) / sumBlock
	if pool.Size() == 1 || blocks < 2 {
		return SumSquares(x)
	}
	pool.begin()
	defer pool.end()
	for len(pool.sums) < blocks {
		pool.sums = append(pool.sums, 0)
	}
	pool.call = call{do: doSumSquares, dst: x, sums: pool.sums}
	pool.share(blocks, grainFor(sumBlock), pool.runCall)
	var total float64
	for _, s := range pool.sums[:blocks] {
		total += s
	}
	return total
}

// ScalePool is Scale(x, x, alpha) shared out to a pool.
func ScalePool(pool *Pool, x []float32, alpha float32) {
	job := call{do: doScale, dst: x, alpha: alpha}
	job.share(pool, len(x), 8)
}

func sumBlocks(k *call, lo, hi int) {
	for i := lo; i < hi; i++ {
		k.sums[i] = kernel.SumSquares(k.dst[i*sumBlock : min((i+1)*sumBlock, len(k.dst))])
	}
}

// Dot returns the sum of a[i]*b[i] in float64: in sixteen chains, one for each i modulo 16, which are then added in
// pairs of neighbours, those in pairs, and so on. The lengths must be equal.
func Dot(a, b []float32) float64 {
	same("Dot", len(a), len(b))
	return kernel.Dot(a, b)
}
