package kernel_test

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// BenchmarkBlockTile multiplies operands in cache.
func BenchmarkBlockTile(b *testing.B) {
	for _, on := range []kernel.Tier{kernel.AVX2, kernel.AVX512} {
		for _, l := range []kernel.Layout{kernel.Split, kernel.Tiled} {
			mr, nr := on.BlockShape(l)
			if !kernel.Available(on) || l == kernel.Tiled && on.BlockLayout() != l {
				continue
			}
			const k = 256
			u := kernel.BlockTile{C: kernel.AlignedSlice(mr * nr), A: kernel.AlignedSlice(mr * k), B: kernel.AlignedSlice(nr * k), CStride: nr, AStride: k / 2, K: k, Rows: mr}
			b.Run(on.String()+" "+string('0'+rune(l)), func(b *testing.B) {
				kerneltest.Measure(b, 2*mr*nr*k, func() { u.Run(on, l, nr) })
			})
		}
	}
}
