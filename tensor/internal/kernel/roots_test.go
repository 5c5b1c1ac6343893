package kernel_test

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

func TestRoots(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 91}
		for n := range 70 {
			dst, a, b := kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n)
			if n > 5 {
				a.Data[n-1], a.Data[0], b.Data[n/2] = float32(math.NaN()), 1e30, 0
			}
			want, roots := kerneltest.GridOf(make([]float32, n), 1, n), kerneltest.GridOf(make([]float32, n), 1, n)
			for i, v := range a.Data[:n] {
				want.Data[i] = v / b.Data[i]
				root := float32(math.Sqrt(float64(v)))
				roots.Data[i] = 1 / (root * float32(math.Sqrt(float64(root))))
				if exact := math.Pow(float64(v), -0.75); v > 0 && math.Abs(float64(roots.Data[i])-exact) > 3e-7*exact {
					t.Fatalf("%v^(-3/4) is %v, want %v", v, roots.Data[i], exact)
				}
			}
			kernel.Div(dst.Data[:n], a.Data[:n], b.Data[:n])
			kerneltest.RequireSame(t, "quotients", dst.Grid, want)
			kernel.Div(b.Data[:n], a.Data[:n], b.Data[:n])
			kerneltest.RequireSame(t, "quotients onto b", b.Grid, want)
			kernel.InverseRoots(dst.Data[:n], a.Data[:n])
			kerneltest.RequireSame(t, "roots", dst.Grid, roots)
			kernel.InverseRoots(a.Data[:n], a.Data[:n])
			kerneltest.RequireSame(t, "roots in place", a.Grid, roots)
			dst.Intact(t)
			a.Intact(t)
			b.Intact(t)
		}
	})
}
