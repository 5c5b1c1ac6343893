package safetensors

import (
	"math"
	"testing"
)

// nearest is the number of 2¹⁶ that is nearest to x, ties to the even bits, by looking at
// all of them.
func nearest(x float64, value func(bits uint16) float32, infinite uint16) uint16 {
	if x >= 0 {
		best := uint16(0)
		for b := range infinite {
			d, least := math.Abs(float64(value(b))-x), math.Abs(float64(value(best))-x)
			if d < least || d == least && b%2 == 0 {
				best = b
			}
		}
		return best
	}
	return nearest(-x, value, infinite) | 1<<15
}

func TestHalvesThereAndBack(t *testing.T) {
	for b := range uint16(math.MaxUint16) {
		h, g := Float16(b), BFloat16(b)
		if x := float64(h.Float32()); !math.IsNaN(x) && ToFloat16(x) != h {
			t.Fatalf("float16 %#x is %v, and back %#x", b, x, ToFloat16(x))
		}
		if x := float64(g.Float32()); !math.IsNaN(x) && ToBFloat16(x) != g {
			t.Fatalf("bfloat16 %#x is %v, and back %#x", b, x, ToBFloat16(x))
		}
	}
	nan := math.NaN()
	if x := ToFloat16(nan).Float32(); x == x {
		t.Errorf("NaN as float16 is %v", x)
	}
	if x := ToBFloat16(nan).Float32(); x == x {
		t.Errorf("NaN as bfloat16 is %v", x)
	}
}

func TestHalvesRoundToNearest(t *testing.T) {
	half := func(b uint16) float32 { return Float16(b).Float32() }
	brain := func(b uint16) float32 { return BFloat16(b).Float32() }
	for _, x := range []float64{0.1, -1.0 / 3, 1 + 1.0/2048, 1 + 3.0/2048, 2047.5, 2048.5, 65504, 65519.9, 1e-7, 6.1e-5, 6.103e-5, 3e-8, 2.9e-8, -5e-39, 1 + 1.0/256, 1 + 3.0/256, 3.38e38} {
		if math.Abs(x) < 65520 {
			if got, want := uint16(ToFloat16(x)), nearest(x, half, 31<<10); got != want {
				t.Errorf("%v as float16 is %#x, want %#x", x, got, want)
			}
		}
		if got, want := uint16(ToBFloat16(x)), nearest(x, brain, 255<<7); got != want {
			t.Errorf("%v as bfloat16 is %#x, want %#x", x, got, want)
		}
	}
	for x, want := range map[float64]Float16{65520: 0x7c00, math.Inf(-1): 0xfc00, math.MaxFloat64: 0x7c00} {
		if got := ToFloat16(x); got != want {
			t.Errorf("%v as float16 is %#x, want %#x", x, got, want)
		}
	}
	for x, want := range map[float64]BFloat16{3.4e38: 0x7f80, math.Inf(-1): 0xff80, math.MaxFloat64: 0x7f80} {
		if got := ToBFloat16(x); got != want {
			t.Errorf("%v as bfloat16 is %#x, want %#x", x, got, want)
		}
	}
}
