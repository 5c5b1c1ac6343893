package kernel_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// A few steps against the same formulas in float64, as torch.optim documents them.
func TestSGDStep(t *testing.T) {
	const n, lr = 37, 0.1
	for _, c := range []struct{ momentum, decay float64 }{{0, 0}, {0.9, 0}, {0, 0.01}, {0.9, 0.01}} {
		kerneltest.EachTier(t, func(t *testing.T) {
			s := kerneltest.Source{Seed: 15}
			p, m, g := make([]float32, n), make([]float32, n), make([]float32, n)
			s.Fill(p)
			wp, wm := make([]float64, n), make([]float64, n)
			for i, v := range p {
				wp[i] = float64(v)
			}
			for step := range 20 {
				s.Fill(g)
				for i := range wp {
					d := float64(g[i]) + c.decay*wp[i]
					if step == 0 { // PyTorch's buffer starts as the first gradient
						wm[i] = d
					} else {
						wm[i] = c.momentum*wm[i] + d
					}
					wp[i] -= lr * wm[i]
				}
				kernel.SGDStep(p, m, g, lr, float32(c.momentum), float32(c.decay))
			}
			requireNear(t, p, wp, 1e-5)
		})
	}
	kernel.SGDStep(make([]float32, 3), nil, make([]float32, 3), 1, 0, 0)
}

func TestAdamStep(t *testing.T) {
	const n, lr, b1, b2, eps = 37, 2e-3, 0.9, 0.999, 1e-8
	for _, decay := range []float64{0, 0.01} {
		kerneltest.EachTier(t, func(t *testing.T) {
			s := kerneltest.Source{Seed: 16}
			p, m, v, g := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
			s.Fill(p)
			wp, wm, wv := make([]float64, n), make([]float64, n), make([]float64, n)
			for i, x := range p {
				wp[i] = float64(x)
			}
			for step := 1; step <= 30; step++ {
				s.Fill(g)
				for i := range wp {
					d := float64(g[i]) + decay*wp[i]
					wm[i] = b1*wm[i] + (1-b1)*d
					wv[i] = b2*wv[i] + (1-b2)*d*d
					mh, vh := wm[i]/(1-math.Pow(b1, float64(step))), wv[i]/(1-math.Pow(b2, float64(step)))
					wp[i] -= lr * mh / (math.Sqrt(vh) + eps)
				}
				kernel.AdamStep(p, m, v, g, kernel.NewAdamCoeffs(step, lr, b1, b2, eps, decay))
			}
			requireNear(t, p, wp, 1e-6)
		})
	}
}

func requireNear(t *testing.T, got []float32, want []float64, tolerance float64) {
	t.Helper()
	for i, w := range want {
		if math.Abs(float64(got[i])-w) > tolerance {
			t.Fatalf("value %d is %v, want %v", i, got[i], w)
		}
	}
}

// Every tier and every cut of the slices gives the same bits.
func TestOptimizersBitForBit(t *testing.T) {
	const n = 101
	run := func(on kernel.Tier, cut int, decay float32) kerneltest.Grid {
		defer func(old kernel.Tier) { kernel.Active = old }(kernel.Active)
		kernel.Active = on
		s := kerneltest.Source{Seed: 17}
		all := kerneltest.GridOf(make([]float32, 5*n), 5, n) // p, m, v of Adam; p, m of SGD
		s.Fill(all.Row(0))
		s.Fill(all.Row(3))
		g := make([]float32, n)
		for step := 1; step <= 5; step++ {
			s.Fill(g)
			for lo := 0; lo < n; lo += cut {
				hi := min(lo+cut, n)
				kernel.AdamStep(all.Row(0)[lo:hi], all.Row(1)[lo:hi], all.Row(2)[lo:hi], g[lo:hi],
					kernel.NewAdamCoeffs(step, 1e-2, 0.9, 0.999, 1e-8, float64(decay)))
				kernel.SGDStep(all.Row(3)[lo:hi], all.Row(4)[lo:hi], g[lo:hi], 0.1, 0.9, decay)
			}
		}
		return all
	}
	for _, decay := range []float32{0, 0.01} {
		want := run(kernel.Go, n, decay)
		kerneltest.EachTier(t, func(t *testing.T) {
			for _, cut := range []int{1, 7, 8, 50, n} {
				kerneltest.RequireSame(t, fmt.Sprintf("cut every %d", cut), run(kernel.Active, cut, decay), want)
			}
		})
	}
}
