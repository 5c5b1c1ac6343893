package kernel_test

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// function is an element-wise function: over slices, of one value, and in float64.
type function struct {
	name  string
	slice func(dst, src []float32)
	of    func(float32) float32
	exact func(float64) float64 // nil where cancellation makes a relative error meaningless
	off   float64               // relative error allowed
}

var functions = []function{
	{"Exp", kernel.Exp, kernel.ExpOf, math.Exp, 2e-7},
	{"Sigmoid", kernel.Sigmoid, kernel.SigmoidOf, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 2e-7},
	{"Tanh", kernel.Tanh, kernel.TanhOf, math.Tanh, 2e-7},
}

// laterFunctions came after the hash of TestBitsForGood was written.
var laterFunctions = []function{
	{"Erf", kernel.Erf, kernel.ErfOf, math.Erf, 3e-7},
	{"SiLU", kernel.SiLU, kernel.SiLUOf, func(x float64) float64 { return x / (1 + math.Exp(-x)) }, 3e-7},
	{"GELU", kernel.GELU, kernel.GELUOf, nil, 0}, // see TestActivationGradients
}

func allFunctions() []function { return append(slices.Clone(functions), laterFunctions...) }

// A sample of all float32 values, through every tier: the bits of the scalar twin, and as near as they
// promise wherever the result is a normal number (a few of the least subnormals more, elsewhere).
func TestFunctionsOverTheWholeRange(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		for _, f := range allFunctions() {
			const n, step = 1000, 8011 // a prime
			src, dst := make([]float32, n), make([]float32, n)
			for b := uint64(0); b < 1<<32; b += n * step {
				for i := range src {
					src[i] = math.Float32frombits(uint32(b) + uint32(i*step))
				}
				f.slice(dst, src)
				for i, x := range src {
					if !kerneltest.SameBits(dst[i], f.of(x)) {
						t.Fatalf("%s(%b) is %v in a slice, %v alone", f.name, x, dst[i], f.of(x))
					}
					if f.exact == nil {
						continue
					}
					want := f.exact(float64(x))
					if x != x || want != want || want > math.MaxFloat32 {
						if !kerneltest.SameBits(dst[i], float32(want)) {
							t.Fatalf("%s(%v) = %v, want %v", f.name, x, dst[i], want)
						}
						continue
					}
					if off := math.Abs(float64(dst[i]) - want); off > f.off*math.Abs(want)+max(1, min(math.Abs(float64(x)), 100))*0x1p-149 {
						t.Fatalf("%s(%v) = %v, want %v", f.name, x, dst[i], want)
					}
				}
			}
		}
	})
}

func TestFunctionsAtTheEdges(t *testing.T) {
	inf, zero := float32(math.Inf(1)), float32(0)
	negative := -zero
	for _, c := range []struct {
		f       func(float32) float32
		x, want float32
	}{
		{kernel.ExpOf, inf, inf}, {kernel.ExpOf, -inf, 0}, {kernel.ExpOf, 0, 1}, {kernel.ExpOf, negative, 1}, {kernel.ExpOf, 88.72, 3.3931806e38},
		{kernel.ExpOf, 88.73, inf}, {kernel.ExpOf, 1e30, inf}, {kernel.ExpOf, -1e30, 0}, {kernel.ExpOf, -103.9, 0x1p-149},
		{kernel.SigmoidOf, inf, 1}, {kernel.SigmoidOf, -inf, 0}, {kernel.SigmoidOf, 0, 0.5}, {kernel.SigmoidOf, 20, 1},
		{kernel.TanhOf, inf, 1}, {kernel.TanhOf, -inf, -1}, {kernel.TanhOf, 0, 0}, {kernel.TanhOf, 1e-30, 1e-30}, {kernel.TanhOf, -9.1, -1},
	} {
		if got := c.f(c.x); !kerneltest.SameBits(got, c.want) {
			t.Errorf("at %v: got %b, want %b", c.x, got, c.want)
		}
	}
	if got := kernel.TanhOf(math.Float32frombits(1 << 31)); math.Float32bits(got) != 1<<31 {
		t.Errorf("TanhOf(-0) = %v", got)
	}
}

// Every length, in place or not, with nothing written around it.
func TestFunctionsOfEveryLength(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 11}
		for _, f := range allFunctions() {
			for n := range 80 {
				src, dst := kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n)
				want := make([]float32, n)
				for i, x := range src.Data {
					want[i] = f.of(x)
				}
				f.slice(dst.Data, src.Data)
				f.slice(src.Data, src.Data)
				kerneltest.RequireSame(t, f.name, dst.Grid, kerneltest.GridOf(want, 1, n))
				kerneltest.RequireSame(t, f.name+" in place", src.Grid, kerneltest.GridOf(want, 1, n))
				dst.Intact(t)
				src.Intact(t)
			}
		}
	})
}

// GELU and the gradients of it and SiLU against their formulas in float64; every length, every tier the same bits.
func TestActivationGradients(t *testing.T) {
	normal := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, f := range []struct {
		name  string
		slice func(dx, dy, x []float32)
		exact func(dx, dy, x float64) float64
	}{
		{"GELU", func(dx, _, x []float32) { kernel.GELU(dx, x) }, func(_, _, x float64) float64 { return x * normal(x) }},
		{"GELUBack", kernel.GELUBack, func(dx, dy, x float64) float64 {
			return dx + dy*(normal(x)+x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
		}},
		{"SiLUBack", kernel.SiLUBack, func(dx, dy, x float64) float64 { return dx + dy*sigmoid(x)*(1+x*(1-sigmoid(x))) }},
	} {
		var want [200][]float32
		kerneltest.EachTier(t, func(t *testing.T) {
			s := kerneltest.Source{Seed: 22}
			for n := range want {
				dx, dy, x := kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n)
				kernel.Scale(x.Data, x.Data, 16)
				before := slices.Clone(dx.Data)
				f.slice(dx.Data, dy.Data, x.Data)
				for i, got := range dx.Data {
					exact := f.exact(float64(before[i]), float64(dy.Data[i]), float64(x.Data[i]))
					if math.Abs(float64(got)-exact) > 1e-6*max(1, math.Abs(exact)) {
						t.Fatalf("%s at %v: %v, want %v", f.name, x.Data[i], got, exact)
					}
				}
				dx.Intact(t)
				if want[n] == nil { // plain Go comes first
					want[n] = slices.Clone(dx.Data)
				}
				kerneltest.RequireSame(t, f.name, dx.Grid, kerneltest.GridOf(want[n], 1, n))
			}
		})
	}
	for _, f := range []func(float32) float32{kernel.GELUOf, kernel.SiLUOf, kernel.ErfOf} {
		if got := f(float32(math.NaN())); got == got {
			t.Errorf("NaN becomes %v", got)
		}
	}
	if got := kernel.GELUOf(-20); got != 0 {
		t.Errorf("GELUOf(-20) = %v", got)
	}
}
