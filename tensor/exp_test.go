package tensor

import (
	"math"
	"slices"
	"testing"
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
	{"Exp", Exp, ExpOf, math.Exp, 2e-7},
	{"Sigmoid", Sigmoid, SigmoidOf, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 2e-7},
	{"Tanh", Tanh, TanhOf, math.Tanh, 2e-7},
}

// laterFunctions came after the hash of TestBitsForGood was written.
var laterFunctions = []function{
	{"Erf", Erf, ErfOf, math.Erf, 3e-7},
	{"SiLU", SiLU, SiLUOf, func(x float64) float64 { return x / (1 + math.Exp(-x)) }, 3e-7},
	{"GELU", GELU, GELUOf, nil, 0}, // see TestActivationGradients
}

func allFunctions() []function { return append(slices.Clone(functions), laterFunctions...) }

// A sample of all float32 values, through every tier: the bits of the scalar twin, and as near as they
// promise wherever the result is a normal number (a few of the least subnormals more, elsewhere).
func TestFunctionsOverTheWholeRange(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, f := range allFunctions() {
			const n, step = 1000, 8011 // a prime
			src, dst := make([]float32, n), make([]float32, n)
			for b := uint64(0); b < 1<<32; b += n * step {
				for i := range src {
					src[i] = math.Float32frombits(uint32(b) + uint32(i*step))
				}
				f.slice(dst, src)
				for i, x := range src {
					if !sameBits(dst[i], f.of(x)) {
						t.Fatalf("%s(%b) is %v in a slice, %v alone", f.name, x, dst[i], f.of(x))
					}
					if f.exact == nil {
						continue
					}
					want := f.exact(float64(x))
					if x != x || want != want || want > math.MaxFloat32 {
						if !sameBits(dst[i], float32(want)) {
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
		{ExpOf, inf, inf}, {ExpOf, -inf, 0}, {ExpOf, 0, 1}, {ExpOf, negative, 1}, {ExpOf, 88.72, 3.3931806e38},
		{ExpOf, 88.73, inf}, {ExpOf, 1e30, inf}, {ExpOf, -1e30, 0}, {ExpOf, -103.9, 0x1p-149},
		{SigmoidOf, inf, 1}, {SigmoidOf, -inf, 0}, {SigmoidOf, 0, 0.5}, {SigmoidOf, 20, 1},
		{TanhOf, inf, 1}, {TanhOf, -inf, -1}, {TanhOf, 0, 0}, {TanhOf, 1e-30, 1e-30}, {TanhOf, -9.1, -1},
	} {
		if got := c.f(c.x); !sameBits(got, c.want) {
			t.Errorf("at %v: got %b, want %b", c.x, got, c.want)
		}
	}
	if got := TanhOf(math.Float32frombits(1 << 31)); math.Float32bits(got) != 1<<31 {
		t.Errorf("TanhOf(-0) = %v", got)
	}
}

// Every length, in place or not, with nothing written around it.
func TestFunctionsOfEveryLength(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		s := source{seed: 11}
		for _, f := range allFunctions() {
			for n := range 40 {
				src, dst := newGuarded(&s, 1, n, n), newGuarded(&s, 1, n, n)
				want := make([]float32, n)
				for i, x := range src.Data {
					want[i] = f.of(x)
				}
				f.slice(dst.Data, src.Data)
				f.slice(src.Data, src.Data)
				requireSame(t, f.name, dst.Matrix, Of(want, 1, n))
				requireSame(t, f.name+" in place", src.Matrix, Of(want, 1, n))
				dst.intact(t)
				src.intact(t)
			}
			mustPanic(t, f.name, func() { f.slice(make([]float32, 3), make([]float32, 4)) })
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
		{"GELU", func(dx, _, x []float32) { GELU(dx, x) }, func(_, _, x float64) float64 { return x * normal(x) }},
		{"GELUBack", GELUBack, func(dx, dy, x float64) float64 {
			return dx + dy*(normal(x)+x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
		}},
		{"SiLUBack", SiLUBack, func(dx, dy, x float64) float64 { return dx + dy*sigmoid(x)*(1+x*(1-sigmoid(x))) }},
	} {
		var want [200][]float32
		eachTier(t, func(t *testing.T) {
			s := source{seed: 22}
			for n := range want {
				dx, dy, x := newGuarded(&s, 1, n, n), newGuarded(&s, 1, n, n), newGuarded(&s, 1, n, n)
				Scale(x.Data, x.Data, 16)
				before := slices.Clone(dx.Data)
				f.slice(dx.Data, dy.Data, x.Data)
				for i, got := range dx.Data {
					exact := f.exact(float64(before[i]), float64(dy.Data[i]), float64(x.Data[i]))
					if math.Abs(float64(got)-exact) > 1e-6*max(1, math.Abs(exact)) {
						t.Fatalf("%s at %v: %v, want %v", f.name, x.Data[i], got, exact)
					}
				}
				dx.intact(t)
				if want[n] == nil { // plain Go comes first
					want[n] = slices.Clone(dx.Data)
				}
				requireSame(t, f.name, dx.Matrix, Of(want[n], 1, n))
			}
		})
		mustPanic(t, f.name, func() { f.slice(make([]float32, 3), make([]float32, 4), make([]float32, 4)) })
	}
	for _, f := range []func(float32) float32{GELUOf, SiLUOf, ErfOf} {
		if got := f(float32(math.NaN())); got == got {
			t.Errorf("NaN becomes %v", got)
		}
	}
	if got := GELUOf(-20); got != 0 {
		t.Errorf("GELUOf(-20) = %v", got)
	}
}
