package kernel_test

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

func BenchmarkTile(b *testing.B) {
	mr, nr := kernel.Active.Shape()
	for _, m := range []int{1, 2, 4, mr} {
		b.Run(fmt.Sprintf("m%d", m), func(b *testing.B) {
			const k = 256
			c := kerneltest.Random(m*nr, 1)
			t := kernel.Tile{C: c, A: kerneltest.Random(m*k, 2), AK0: 1,
				B: kerneltest.Random(k*nr, 3), BK0: nr, K0: k, K1: 1, Rows: m}
			t.EvenRows(k, nr)
			kerneltest.Measure(b, 2*m*nr*k, func() { t.Run(kernel.Active) })
		})
	}
}

func BenchmarkFunctions(b *testing.B) {
	x, y := make([]float32, 4096), make([]float32, 4096)
	(&kerneltest.Source{Seed: 1}).Fill(x)
	kernel.Scale(x, x, 20)
	for _, f := range functions {
		b.Run(f.name, func(b *testing.B) {
			speed := kerneltest.Fastest(b.Loop, func() { f.slice(y, x) })
			b.ReportMetric(1/speed/float64(len(x)), "ns/value")
		})
	}
}

func BenchmarkElementwise(b *testing.B) {
	const n = 4096
	x, y, z, w := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	coeffs := kernel.NewAdamCoeffs(1, 1e-3, 0.9, 0.999, 1e-8, 0)
	for _, f := range []struct {
		name string
		run  func()
	}{
		{"Add", func() { kernel.Add(x, y, z) }},
		{"Axpy", func() { kernel.Axpy(x, 2, y) }},
		{"SGDStep", func() { kernel.SGDStep(x, y, z, 0.1, 0.9, 0) }},
		{"AdamStep", func() { kernel.AdamStep(x, y, z, w, coeffs) }},
		{"SumSquares", func() { kernel.SumSquares(x) }},
		{"HasNonFinite", func() { kernel.HasNonFinite(x) }},
		{"SoftmaxRow", func() { kernel.SoftmaxRow(x, y) }},
	} {
		b.Run(f.name, func(b *testing.B) {
			b.ReportMetric(1/kerneltest.Fastest(b.Loop, f.run)/n, "ns/value")
		})
	}
}
