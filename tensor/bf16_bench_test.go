package tensor

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// BenchmarkPrecisions multiplies the shapes of an LSTM of 1,024 units in both precisions: a step, a sequence's inputs, the
// gradient of the weights, and packing these.
func BenchmarkPrecisions(b *testing.B) {
	for i, name := range []string{"float32", "bf16"} {
		p := NewPool(1)
		p.SetPrecision(Precision(i))
		for _, s := range []struct{ m, k, n int }{{32, 1024, 4096}, {128, 1024, 4096}, {2048, 1024, 4096}, {2048, 64, 2048}} {
			left, right := random(NewMatrix(s.m, s.k), 1), random(NewMatrix(s.k, s.n), 2)
			c, flops := NewMatrix(s.m, s.n), 2*s.m*s.k*s.n
			var w Panels
			w.Pack(p, right)
			shape := fmt.Sprintf("%dx%dx%d", s.m, s.k, s.n)
			b.Run(name+"/"+shape, func(b *testing.B) {
				kerneltest.Measure(b, flops, func() { p.MatMulBias(c, left, &w, nil) })
			})
			if s.m > 1000 {
				b.Run(name+"/weights "+shape, func(b *testing.B) {
					kerneltest.Measure(b, flops, func() { p.MatMulTrans(right, AllRows(left), AllRows(c)) })
				})
				b.Run(name+"/packing "+shape, func(b *testing.B) {
					kerneltest.Measure(b, s.k*s.n, func() { w.Pack(p, right) })
				})
				b.Run(name+"/packing transposed "+shape, func(b *testing.B) {
					kerneltest.Measure(b, s.k*s.n, func() { w.PackTransposed(p, right) })
				})
			}
		}
		p.Close()
	}
}
