package tensor

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Transpose sets dst [n x m] to the transpose of src [m x n]. They may not overlap.
func Transpose(dst, src Matrix) {
	dst.check("Transpose", "dst")
	src.check("Transpose", "src")
	if dst.Rows != src.Cols || dst.Cols != src.Rows {
		panic(fmt.Sprintf("tensor: Transpose: %dx%d of %dx%d", dst.Rows, dst.Cols, src.Rows, src.Cols))
	}
	if src.Rows > 0 {
		kernel.Transpose(dst.Data, src.Data, dst.Stride, src.Stride, src.Rows, src.Cols)
	}
}
