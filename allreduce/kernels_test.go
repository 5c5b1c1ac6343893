package allreduce

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// special are numbers that rounding and addition may get wrong.
var special = []float32{0, float32(math.Copysign(0, -1)), 1, -1, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
	math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 1.1754942e-38, 1 << 24,
	math.Float32frombits(0x3f808000), math.Float32frombits(0x3f818000), math.Float32frombits(0x3f808001), // ties and beside one
	math.Float32frombits(0x7f7f8000), math.Float32frombits(0x7f800001), math.Float32frombits(0xffc12345)} // to infinity; not numbers

func randomFloats(rng *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		switch rng.IntN(4) {
		case 0:
			s[i] = special[rng.IntN(len(special))]
		case 1:
			s[i] = math.Float32frombits(rng.Uint32())
		default:
			s[i] = float32(rng.NormFloat64())
		}
	}
	return s
}

// alike says that two numbers have the same bits or are both not numbers: which
// of the many a sum is, IEEE 754 leaves open.
func alike(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

const guard = 0x7fa5a5a5

// guarded is a slice of n numbers with guard words around it, at any address.
func guarded(rng *rand.Rand, n int) (s []float32, intact func() bool) {
	at := 8 + rng.IntN(8)
	all := make([]float32, n+32)
	for i := range all {
		all[i] = math.Float32frombits(guard)
	}
	return all[at : at+n : at+n], func() bool {
		for i, v := range all {
			if (i < at || i >= at+n) && math.Float32bits(v) != guard {
				return false
			}
		}
		return true
	}
}

// Every kernel has the bits of its twin, at every length and address, and
// writes nothing beside its result.
func TestKernels(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 150 {
		in := make([][]float32, 5)
		for i := range in {
			in[i], _ = guarded(rng, n)
			copy(in[i], randomFloats(rng, n))
		}
		for _, k := range []struct {
			name       string
			fast, dumb func(dst, s []float32)
		}{
			{"add1", func(d, s []float32) { add1(d, s, in[1]) }, func(d, s []float32) { add1Go(d, s, in[1]) }},
			{"add2", func(d, s []float32) { add2(d, s, in[1], in[2]) }, func(d, s []float32) { add2Go(d, s, in[1], in[2]) }},
			{"add4", func(d, s []float32) { add4(d, s, in[1], in[2], in[3], in[4]) }, func(d, s []float32) { add4Go(d, s, in[1], in[2], in[3], in[4]) }},
			{"roundAdd", func(d, s []float32) { roundAdd(d, s, in[1]) }, func(d, s []float32) { roundAddGo(d, s, in[1]) }},
			{"round", round, roundGo},
			{"stream", stream, func(d, s []float32) { copy(d, s) }},
			{"pack and unpack", func(d, s []float32) {
				h := make([]uint16, n+1)
				pack(h[1:], s)
				unpack(d, h[1:])
			}, func(d, s []float32) {
				h := make([]uint16, n)
				packGo(h, s)
				unpackGo(d, h)
			}},
		} {
			got, intact := guarded(rng, n)
			want := make([]float32, n)
			k.fast(got, in[0])
			k.dumb(want, in[0])
			checkKernel(t, fmt.Sprintf("%s of %d", k.name, n), got, want)
			if !intact() {
				t.Errorf("%s of %d writes beside its result", k.name, n)
			}
			copy(got, in[0])
			k.fast(got, got) // in place
			checkKernel(t, fmt.Sprintf("%s of %d in place", k.name, n), got, want)
		}
	}
}

func checkKernel(t *testing.T, name string, got, want []float32) {
	t.Helper()
	for i := range want {
		if !alike(got[i], want[i]) {
			t.Errorf("%s: number %d is %x, want %x", name, i, math.Float32bits(got[i]), math.Float32bits(want[i]))
			return
		}
	}
}

// Rounding against its definition: of the two neighbours in bfloat16 the nearer
// one, and the even one of two that are as near.
func TestRoundOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, v := range append(randomFloats(rng, 100_000), special...) {
		got := roundOne(v)
		if math.Float32bits(got)&0xffff != 0 {
			t.Fatalf("round(%x) = %x has a lower half", math.Float32bits(v), math.Float32bits(got))
		}
		if v != v {
			if got == got {
				t.Fatalf("round(%x) = %v", math.Float32bits(v), got)
			}
			continue
		}
		low := math.Float32bits(v) &^ 0xffff
		// Towards zero and away from it; past the greatest lies what would be 2^128.
		a, b := exact(low), exact(low+1<<16)
		want := low
		if da, db := math.Abs(float64(v)-a), math.Abs(b-float64(v)); db < da || db == da && low>>16&1 == 1 {
			want = low + 1<<16
		}
		if math.IsInf(float64(v), 0) {
			want = low
		}
		if math.Float32bits(got) != want {
			t.Fatalf("round(%x) = %x, want %x", math.Float32bits(v), math.Float32bits(got), want)
		}
	}
}

// exact is the value of a bfloat16, with the range of a float64.
func exact(bits uint32) float64 {
	v := float64(math.Float32frombits(bits))
	if math.IsInf(v, 0) {
		return math.Copysign(math.Ldexp(1, 128), v)
	}
	return v
}
