package kernel

// SumSquares keeps four sums, so that additions need not wait for one another, and adds them in pairs.
// The square of a float32 is exact in float64.
func SumSquares(x []float32) float64 {
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

// sum is the sum of x in float64, in four chains as in SumSquares.
func sum(x []float32) float64 {
	var s [4]float64
	return sumOn(&s, x[vectorSum(&s, x):])
}

// fourSums is sum of each of the four rows that x has, side by side: the additions of one wait for those of no other.
func fourSums(x []float32) (sums [4]float64) {
	var s [4][4]float64
	n := len(x) / 4
	done := vectorFourSums(&s, x)
	for r := range s {
		sums[r] = sumOn(&s[r], x[r*n+done:(r+1)*n])
	}
	return sums
}

// sumOn is sum of what s has the chains of already, and x behind it.
func sumOn(s *[4]float64, x []float32) float64 {
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
// pairs of neighbours, those in pairs, and so on.
func Dot(a, b []float32) float64 {
	var s [dotChains]float64
	n := vectorDot(&s, a, b)
	a, b = a[n:], b[n:]
	for i := range a {
		s[i%dotChains] += float64(a[i]) * float64(b[i]) // exact, so that fusing the two changes nothing
	}
	return inPairs(&s)
}

// inPairs adds sums in pairs of neighbours, those in pairs, and so on.
func inPairs(s *[dotChains]float64) float64 {
	a := ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
	b := ((s[8] + s[9]) + (s[10] + s[11])) + ((s[12] + s[13]) + (s[14] + s[15]))
	return a + b
}

// ones is as many as WideSum takes at a time.
var ones = func() (x [256]float32) {
	for i := range x {
		x[i] = 1
	}
	return x
}()

// WideSum is the sum of x in float64: of every 256 values by the chains of Dot, and of those sums in order. It waits less for
// additions than sum does.
func WideSum(x []float32) (total float64) {
	for len(x) > 0 {
		part := x[:min(len(x), len(ones))]
		var s [dotChains]float64
		for i := vectorSums(&s, part); i < len(part); i++ {
			s[i%dotChains] += float64(part[i])
		}
		total += inPairs(&s)
		x = x[len(part):]
	}
	return total
}

// AddRows adds rows of values, stride apart, to at most eight sums.
func AddRows(dst, a []float32, rows, stride int) {
	for r := vectorColumnSums(dst, a, rows, stride); r < rows; r++ {
		for j, v := range a[r*stride:][:len(dst)] {
			dst[j] += v
		}
	}
}
