package kernel

// Functions of straight lines. NaN stays NaN, and passes gradients.

const sixth float32 = 1.0 / 6

// LeakyReLU computes dst[i] = src[i] where that is above zero, and slope*src[i] elsewhere; dst may be src.
func LeakyReLU(dst, src []float32, slope float32) {
	for i := vectorLeakyReLU(dst, src, slope); i < len(dst); i++ {
		v := src[i]
		if !(v > 0) {
			v = slope * v
		}
		dst[i] = v
	}
}

// LeakyReLUBack computes dx[i] += dy[i] where x[i] is above zero, and += slope*dy[i] elsewhere.
func LeakyReLUBack(dx, dy, x []float32, slope float32) {
	for i := vectorLeakyReLUBack(dx, dy, x, slope); i < len(dx); i++ {
		g := dy[i]
		if !(x[i] > 0) {
			g = float32(slope * g)
		}
		dx[i] += g
	}
}

// hardSigmoidOf returns min(max(x+3, 0), 6)/6.
func hardSigmoidOf(x float32) float32 {
	v := x + 3
	if v < 0 {
		v = 0
	}
	if v > 6 {
		v = 6
	}
	return float32(v * sixth)
}

// HardSigmoid computes dst[i] = min(max(src[i]+3, 0), 6)/6; dst may be src.
func HardSigmoid(dst, src []float32) {
	for i := vectorHardSigmoid(dst, src); i < len(dst); i++ {
		dst[i] = hardSigmoidOf(src[i])
	}
}

// HardSwish computes dst[i] = src[i] times its hard sigmoid; dst may be src.
func HardSwish(dst, src []float32) {
	for i := vectorHardSwish(dst, src); i < len(dst); i++ {
		dst[i] = src[i] * hardSigmoidOf(src[i])
	}
}

// inBend returns v where x lies between -3 and 3, and zero elsewhere.
func inBend(v, x float32) float32 {
	if x <= -3 || x >= 3 {
		return 0
	}
	return v
}

// HardSigmoidBack computes dx[i] += dy[i]/6 where x[i] lies between -3 and 3.
func HardSigmoidBack(dx, dy, x []float32) {
	for i := vectorHardSigmoidBack(dx, dy, x); i < len(dx); i++ {
		dx[i] += float32(dy[i] * inBend(sixth, x[i]))
	}
}

// HardSwishBack computes dx[i] += dy[i]*(h + x[i]/6), with h the hard sigmoid of x[i], and the second term where x[i] lies
// between -3 and 3.
func HardSwishBack(dx, dy, x []float32) {
	for i := vectorHardSwishBack(dx, dy, x); i < len(dx); i++ {
		dx[i] += float32(dy[i] * (hardSigmoidOf(x[i]) + inBend(float32(x[i]*sixth), x[i])))
	}
}
