package kernel

// Cut computes dst[i] = min(max(src[i], lo), hi); NaN passes.
func Cut(dst, src []float32, lo, hi float32) {
	for i := vectorCut(dst, src, lo, hi); i < len(dst); i++ {
		v := src[i]
		if v < lo {
			v = lo
		}
		if v > hi {
			v = hi
		}
		dst[i] = v
	}
}

// CutBack computes dx[i] += dy[i] unless y[i] <= lo or y[i] >= hi, and else adds zero. A bound that is NaN stops nothing.
func CutBack(dx, dy, y []float32, lo, hi float32) {
	for i := vectorCutBack(dx, dy, y, lo, hi); i < len(dx); i++ {
		var g float32
		if !(y[i] <= lo || y[i] >= hi) {
			g = dy[i]
		}
		dx[i] += g
	}
}
