package tensor

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

func BenchmarkMatMulAdd(b *testing.B) {
	for _, s := range []struct{ m, k, n int }{{1024, 1024, 1024}, {2048, 2048, 2048}, {1024, 1040, 1024}, {32, 1024, 4096}, {8, 512, 2048}, {32, 256, 1024}, {4, 512, 2048}, {512, 64, 1024}} {
		b.Run(fmt.Sprintf("%dx%dx%d", s.m, s.k, s.n), func(b *testing.B) {
			p := NewPool(1)
			c, a := NewMatrix(s.m, s.n), random(NewMatrix(s.m, s.k), 1)
			var w Panels
			w.Pack(p, random(NewMatrix(s.k, s.n), 2))
			kerneltest.Measure(b, 2*s.m*s.k*s.n, func() { p.MatMulAdd(c, a, &w) })
		})
	}
}

func BenchmarkMatMulTransAdd(b *testing.B) {
	for _, s := range []struct{ count, rows, m, n int }{{1, 1024, 1024, 1024}, {32, 8, 1024, 64}, {32, 8, 1024, 256}, {32, 8, 64, 1024}, {1, 256, 256, 1024}, {32, 8, 1020, 45}} {
		b.Run(fmt.Sprintf("%dx%d,%dx%d", s.count, s.rows, s.m, s.n), func(b *testing.B) {
			p := NewPool(1)
			step := 2 * s.rows
			blocks := func(cols int, seed uint32) Blocks {
				return Blocks{M: random(NewMatrix(step*s.count, cols), seed), Count: s.count, Rows: s.rows, Step: step}
			}
			c, x, y := NewMatrix(s.m, s.n), blocks(s.m, 1), blocks(s.n, 2)
			kerneltest.Measure(b, 2*s.m*s.count*s.rows*s.n, func() { p.MatMulTransAdd(c, x, y) })
		})
	}
}

func BenchmarkPack(b *testing.B) {
	p := NewPool(1)
	x := random(NewMatrix(1024, 1024), 1)
	var w Panels
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(8 << 20)
		for b.Loop() {
			w.Pack(p, x)
		}
	})
	b.Run("transposed", func(b *testing.B) {
		b.SetBytes(8 << 20)
		for b.Loop() {
			w.PackTransposed(p, x)
		}
	})
}
