package tensor

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// BenchmarkSgemm is a square product with its packing, as docs/bench/sgemm_openblas.py measures OpenBLAS's.
func BenchmarkSgemm(b *testing.B) {
	for _, n := range []int{1024, 2048} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := NewPool(1)
			c, x, y := NewMatrix(n, n), random(NewMatrix(n, n), 1), random(NewMatrix(n, n), 2)
			var w Panels
			kerneltest.Measure(b, 2*n*n*n, func() {
				w.Pack(p, y)
				p.MatMulAdd(c, x, &w)
			})
		})
	}
}
