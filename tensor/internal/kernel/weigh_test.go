package kernel_test

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

func TestWeigh(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 41}
		for n := range 110 {
			for count := 1; count < 6; count++ {
				step := n + s.Below(5)
				src, dst := kerneltest.NewGuarded(&s, count, n, step), kerneltest.NewGuarded(&s, 1, n, n)
				weights, want := make([]float32, count), kerneltest.GridOf(make([]float32, n), 1, n)
				s.Fill(weights)
				weights[count/2] = 1
				if n > 3 {
					src.Row(count - 1)[n/2], src.Row(0)[n/3] = float32(math.NaN()), float32(math.Inf(1))
				}
				for j := range want.Data {
					for i, w := range weights {
						v := float32(w * src.Data[i*step+j])
						if i > 0 {
							v += want.Data[j]
						}
						want.Data[j] = v
					}
				}
				kernel.Weigh(dst.Data, src.Data, step, weights)
				kerneltest.RequireSame(t, "sums", dst.Grid, want)
				dst.Intact(t)
			}
		}
	})
}
