package kernel

// Transpose computes dst[c*dstep + r] = src[r*sstep + c] for r < rows, c < cols.
func Transpose(dst, src []float32, dstep, sstep, rows, cols int) {
	if cols == 0 {
		return
	}
	for r := 0; r < rows; r += 8 {
		done := 0
		if r+8 <= rows {
			done = vectorTranspose8(dst[r:], src[r*sstep:], dstep, sstep, cols)
		}
		for q := r; q < min(rows, r+8); q++ {
			for c := done; c < cols; c++ {
				dst[c*dstep+q] = src[q*sstep+c]
			}
		}
	}
}
