package tensor

import "fmt"

// Transpose sets dst [n x m] to the transpose of src [m x n]. They may not overlap.
func Transpose(dst, src Matrix) {
	dst.check("Transpose", "dst")
	src.check("Transpose", "src")
	if dst.Rows != src.Cols || dst.Cols != src.Rows {
		panic(fmt.Sprintf("tensor: Transpose: %dx%d of %dx%d", dst.Rows, dst.Cols, src.Rows, src.Cols))
	}
	if src.Rows > 0 {
		transposeTo(dst.Data, src.Data, dst.Stride, src.Stride, src.Rows, src.Cols)
	}
}

// transposeTo computes dst[c*dstep + r] = src[r*sstep + c] for r < rows, c < cols.
func transposeTo(dst, src []float32, dstep, sstep, rows, cols int) {
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
