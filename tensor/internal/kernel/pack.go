package kernel

// PackRow copies src to dst in pieces of full values, step values apart, the last of them padded with zeros:
//
//	dst[i*step + j] = src[i*full + j]
func PackRow(dst, src []float32, full, step int) {
	n := PackRowVectors(dst, src, full, step)
	dst, src = dst[min(len(dst), n*step):], src[n*full:]
	for ; len(src) >= full; src = src[full:] {
		copy(dst[:full], src)
		dst = dst[min(step, len(dst)):]
	}
	if len(src) > 0 {
		clear(dst[copy(dst, src):full])
	}
}

// PackColumn copies n rows of full values, stride values apart, one behind the other.
func PackColumn(dst, src []float32, n, full, stride int) {
	for r := vectorPackColumn(dst, src, n, full, stride); r < n; r++ {
		copy(dst[r*full:][:full], src[r*stride:])
	}
}

// PackRows packs rows of a left operand, stride values apart, as a column of tiles takes them: full values for every one
// of cols columns. Rows of the tile beyond these are of no matter. It may write a vector's rest behind what it packs.
//
//	dst[k*full + i] = src[i*stride + k]
func PackRows(dst, src []float32, stride, rows, full, cols int) {
	done := vectorPackRows(dst, src, stride, rows, full, cols)
	for i := range rows {
		for k, v := range src[i*stride:][done:cols] {
			dst[(done+k)*full+i] = v
		}
	}
}
