package tensor

import (
	"math"
	"testing"
)

var functions = []struct {
	name  string
	slice func(dst, src []float32)
	of    func(float32) float32
	exact func(float64) float64
}{
	{"Exp", Exp, ExpOf, math.Exp},
	{"Sigmoid", Sigmoid, SigmoidOf, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
	{"Tanh", Tanh, TanhOf, math.Tanh},
}

// A sample of all float32 values, through every tier: the bits of the scalar twin, and less than 2e-7 off
// wherever the result is a normal number (half the least subnormal more, elsewhere).
func TestFunctionsOverTheWholeRange(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, f := range functions {
			const n, step = 1000, 8011 // a prime
			src, dst := make([]float32, n), make([]float32, n)
			for b := uint64(0); b < 1<<32; b += n * step {
				for i := range src {
					src[i] = math.Float32frombits(uint32(b) + uint32(i*step))
				}
				f.slice(dst, src)
				for i, x := range src {
					want := f.exact(float64(x))
					if !sameBits(dst[i], f.of(x)) {
						t.Fatalf("%s(%b) is %v in a slice, %v alone", f.name, x, dst[i], f.of(x))
					}
					if x != x || want > math.MaxFloat32 {
						if !sameBits(dst[i], float32(want)) {
							t.Fatalf("%s(%v) = %v, want %v", f.name, x, dst[i], want)
						}
						continue
					}
					if off := math.Abs(float64(dst[i]) - want); off > 2e-7*math.Abs(want)+0x1p-149 {
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
		for _, f := range functions {
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
