package tensor

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// BenchmarkWinograd is BenchmarkConv's 3x3 layers of ResNet-18 by either method, in nominal GFLOP/s.
func BenchmarkWinograd(b *testing.B) {
	const n = 32
	for i, s := range []ConvShape{square(16, 64, 64, 3, 1, 1), square(8, 128, 128, 3, 1, 1), square(4, 256, 256, 3, 1, 1)} {
		c, x, dy, w := newConvTest(b, s, n, uint32(i))
		y, dx, dw := NewMatrix(dy.Rows, dy.Cols), NewMatrix(x.Rows, x.Cols), make([]float32, len(w))
		for _, m := range []struct {
			name string
			ConvMethod
		}{{"direct", Direct}, {"winograd", Winograd}} {
			p := NewPool(1)
			p.SetConvMethod(m.ConvMethod)
			var fwd, bwd ConvPanels
			fwd.Pack(p, c, w)
			bwd.PackBackward(p, c, w)
			for _, pass := range []struct {
				name string
				run  func()
			}{
				{"forward", func() { p.Conv(y, x, &fwd, nil, Identity) }},
				{"data", func() { p.ConvBackDataSet(dx, dy, &bwd) }},
				{"weights", func() { p.ConvBackWeightsSet(dw, c, x, dy) }},
				{"pack", func() { fwd.Pack(p, c, w) }},
			} {
				b.Run(fmt.Sprintf("%dx%d/%s/%s", s.InH, s.Cin, pass.name, m.name), func(b *testing.B) {
					kerneltest.Measure(b, c.Flops(n), pass.run)
				})
			}
		}
	}
}
