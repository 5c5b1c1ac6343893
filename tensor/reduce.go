package tensor

// sumBlock is how many values are summed on their own before the sums are added: a power of two fixed for
// good, since the bits of a sum depend on it.
const sumBlock = 1 << 14

// SumSquares returns the sum of x[i]^2 in float64, formed block by block of 16384 values.
func SumSquares(x []float32) float64 {
	var total float64
	for lo := 0; lo < len(x); lo += sumBlock {
		total += sumSquares(x[lo:min(lo+sumBlock, len(x))])
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
		k.sums[i] = sumSquares(k.dst[i*sumBlock : min((i+1)*sumBlock, len(k.dst))])
	}
}

// sumSquares keeps four sums, so that additions need not wait for one another, and adds them in pairs.
// The square of a float32 is exact in float64.
func sumSquares(x []float32) float64 {
	var a, b, c, d float64
	for len(x) >= 4 {
		a += float64(float64(x[0]) * float64(x[0]))
		b += float64(float64(x[1]) * float64(x[1]))
		c += float64(float64(x[2]) * float64(x[2]))
		d += float64(float64(x[3]) * float64(x[3]))
		x = x[4:]
	}
	for _, v := range x {
		a += float64(float64(v) * float64(v))
	}
	return (a + b) + (c + d)
}

// sum is the sum of x in float64, in four chains as in sumSquares.
func sum(x []float32) float64 {
	var s [4]float64
	x = x[vectorSum(&s, x):]
	a, b, c, d := s[0], s[1], s[2], s[3]
	for len(x) >= 4 {
		a += float64(x[0])
		b += float64(x[1])
		c += float64(x[2])
		d += float64(x[3])
		x = x[4:]
	}
	for _, v := range x {
		a += float64(v)
	}
	return (a + b) + (c + d)
}

// dotChains is how many sums Dot keeps: enough to hide the latency of vector additions.
const dotChains = 16

// Dot returns the sum of a[i]*b[i] in float64: in sixteen chains, one for each i modulo 16, which are then added in
// pairs of neighbours, those in pairs, and so on. The lengths must be equal.
func Dot(a, b []float32) float64 {
	same("Dot", len(a), len(b))
	var s [dotChains]float64
	n := vectorDot(&s, a, b)
	a, b = a[n:], b[n:]
	for i := range a {
		s[i%dotChains] += float64(a[i]) * float64(b[i]) // exact, so that fusing the two changes nothing
	}
	for width := 1; width < dotChains; width *= 2 {
		for i := 0; i < dotChains; i += 2 * width {
			s[i] += s[i+width]
		}
	}
	return s[0]
}
