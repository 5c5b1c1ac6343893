package kernel

// What a norm does that goes along rows: of layers, not of batches. The slices of a function must be of one length, and
// every product and sum is rounded by itself, in the order written.

// rowChains is how many sums are kept of a row, one for each place modulo 16, as in Dot.
const rowChains = dotChains

// RowMoments returns the sum of x and that of its squares, in float64.
func RowMoments(x []float32) (sum, squares float64) {
	if sum, squares, ok := vectorWholeRowMoments(x); ok {
		return sum, squares
	}
	var s [2][rowChains]float64
	x = x[vectorRowMoments(&s, x):]
	for i, v := range x {
		s[0][i%rowChains] += float64(v)
		s[1][i%rowChains] += float64(v) * float64(v) // exact, so that fusing the two changes nothing
	}
	return inPairs(&s[0]), inPairs(&s[1])
}

// RowNorm computes y[j] = (x[j] - mean)*scale*weight[j] + bias[j]; y may be x.
func RowNorm(y, x, weight, bias []float32, mean, scale float32) {
	for j := vectorRowNorm(y, x, weight, bias, mean, scale); j < len(y); j++ {
		h := (x[j] - mean) * scale
		y[j] = float32(h*weight[j]) + bias[j]
	}
}

// RowNormSums adds to dweight and dbias what a row of RowNorm has of their gradients, and returns two sums of
// g = dy*weight, with h = (x-mean)*scale:
//
//	dweight[j] += dy[j]*h[j],  dbias[j] += dy[j],  sum = Σ g[j],  product = Σ g[j]*h[j]
//
// The sums have float32 chains, which are then folded in float64.
func RowNormSums(dweight, dbias, dy, x, weight []float32, mean, scale float32) (sum, product float64) {
	if sum, product, ok := vectorWholeRowNormSums(dweight, dbias, dy, x, weight, mean, scale); ok {
		return sum, product
	}
	var s [2][rowChains]float32
	n := vectorRowNormSums(&s, dweight, dbias, dy, x, weight, mean, scale)
	for j := n; j < len(dy); j++ {
		h := (x[j] - mean) * scale
		dweight[j] += float32(dy[j] * h)
		dbias[j] += dy[j]
		g := float32(dy[j] * weight[j]) // is added, and must not be fused with that
		s[0][j%rowChains] += g
		s[1][j%rowChains] += float32(g * h)
	}
	var wide [2][rowChains]float64
	for j := range rowChains {
		wide[0][j], wide[1][j] = float64(s[0][j]), float64(s[1][j])
	}
	return inPairs(&wide[0]), inPairs(&wide[1])
}

// RowNormBack computes dx[j] += scale*(dy[j]*weight[j]) + (b*(x[j] - mean) + c), or sets it; dx may be dy where it is set.
func RowNormBack(dx, dy, x, weight []float32, mean, scale, b, c float32, set bool) {
	for j := vectorRowNormBack(dx, dy, x, weight, mean, scale, b, c, set); j < len(dx); j++ {
		v := float32(scale*float32(dy[j]*weight[j])) + (float32(b*(x[j]-mean)) + c)
		if !set {
			v += dx[j]
		}
		dx[j] = v
	}
}
