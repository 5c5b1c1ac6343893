package tensor

// sumBlock is how many values are summed on their own before the sums are added: a power of two fixed for
// good, since the bits of a sum depend on it.
const sumBlock = 1 << 14

// SumSquares returns the sum of x[i]^2 in float64, formed block by block of 16384 values.
func SumSquares(x []float32) float64 {
	var sum float64
	for len(x) > sumBlock {
		sum += sumSquares(x[:sumBlock])
		x = x[sumBlock:]
	}
	return sum + sumSquares(x)
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
