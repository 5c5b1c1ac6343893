package kernel_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// exactFMA is x*y + z in arbitrary precision, rounded once.
func exactFMA(x, y, z float32) float32 {
	const enough = 700 // from 2^-298 to 2^256
	f := func(v float32) *big.Float { return new(big.Float).SetPrec(enough).SetFloat64(float64(v)) }
	s := f(x)
	s.Mul(s, f(y)).Add(s, f(z))
	r, _ := s.Float32()
	return r
}

func finite(x float32) bool { return x-x == 0 }

// checkFMA compares with the oracle; a zero may have either sign there.
func checkFMA(t *testing.T, x, y, z float32) {
	t.Helper()
	got := kernel.FMA32(x, y, z)
	if want := exactFMA(x, y, z); got != want {
		t.Fatalf("FMA32(%b, %b, %b) = %b, want %b", x, y, z, got, want)
	}
}

func TestFMAAgainstExactArithmetic(t *testing.T) {
	s := kerneltest.Source{Seed: 1}
	for range 150_000 {
		// Any bits at all: every exponent, subnormals too.
		x, y, z := math.Float32frombits(s.Word()), math.Float32frombits(s.Word()), math.Float32frombits(s.Word())
		if finite(x) && finite(y) && finite(z) {
			checkFMA(t, x, y, z)
		}
		// Exponents near one another, so that the parts overlap.
		near := func(spread int) float32 {
			return math.Float32frombits(s.Word()&0x807fffff | uint32(127-spread/2+s.Below(spread))<<23)
		}
		checkFMA(t, near(8), near(8), near(50))
	}
}

// Sums that lie halfway between two float32 values, or next to it by less than float64 can tell.
func TestFMAHalfway(t *testing.T) {
	s := kerneltest.Source{Seed: 2}
	for range 60_000 {
		z := math.Float32frombits(s.Word()&0x807fffff | uint32(40+s.Below(200))<<23)
		half := math.Float32frombits(math.Float32bits(z)&0x7f800000) * 0x1p-24
		// (1 + 2^-a) * (1 - 2^-b) is 1 but for a little.
		x := half * (1 + float32(math.Ldexp(1, -s.Below(24))))
		y := 1 - float32(math.Ldexp(1, -s.Below(25)))
		if s.Word()&1 == 0 {
			x = half
		}
		if s.Word()&1 == 0 {
			y = -y
		}
		checkFMA(t, x, y, z)
		checkFMA(t, half, 1, z)
		checkFMA(t, -half, 1, z)
		// Subnormal results, where more bits are lost.
		checkFMA(t, math.Float32frombits(s.Word()>>(9+s.Below(15))), float32(math.Ldexp(1, -s.Below(30))), math.Float32frombits(s.Word()>>(9+s.Below(20))))
		checkFMA(t, near1(&s)*0x1p-70, near1(&s)*0x1p-70, math.Float32frombits(s.Word()>>(9+s.Below(20))))
	}
}

func near1(s *kerneltest.Source) float32 { return math.Float32frombits(s.Word()&0x807fffff | 127<<23) }

func TestFMASpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	zero, most := float32(0), float32(math.MaxFloat32)
	for _, c := range []struct{ x, y, z, want float32 }{
		{1, inf, 1, inf}, {-1, inf, 1, -inf}, {0, inf, 1, nan}, {1, inf, -inf, nan},
		{nan, 1, 1, nan}, {1, nan, 1, nan}, {1, 1, nan, nan}, {1, 1, inf, inf},
		{most, 2, 0, inf}, {most, 2, -most, most}, {most, most, -inf, -inf},
		{zero, 1, zero, zero}, {-zero, 1, -zero, -zero}, {1, -1, 1, zero},
		{most, 1, 0x1p103, inf}, {most, 1, most * 0x1p-25, most},
	} {
		if got := kernel.FMA32(c.x, c.y, c.z); !kerneltest.SameBits(got, c.want) {
			t.Errorf("FMA32(%v, %v, %v) = %v, want %v", c.x, c.y, c.z, got, c.want)
		}
	}
}

// The processor's own instruction, reached through a tile of one row and k = 1, agrees on every bit.
func TestFMAAgainstTheProcessor(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 3}
		_, nr := kernel.Active.Shape()
		b, c, want := make([]float32, nr), make([]float32, nr), make([]float32, nr)
		for range 20_000 {
			a := math.Float32frombits(s.Word())
			for j := range b {
				b[j], c[j] = math.Float32frombits(s.Word()), math.Float32frombits(s.Word())
				if j%2 == 0 { // make the product meet the sum
					p := a * b[j]
					c[j] = math.Float32frombits(math.Float32bits(p) + uint32(s.Below(64)-32)<<23)
				}
				want[j] = kernel.FMA32(a, b[j], c[j])
			}
			u := kernel.Tile{C: c, A: []float32{a}, B: b, K0: 1, K1: 1, Rows: 1}
			before := append([]float32(nil), c...)
			u.Run(kernel.Active)
			for j := range c {
				if !kerneltest.SameBits(c[j], want[j]) {
					t.Fatalf("fma(%b, %b, %b) = %b, FMA32 says %b", a, b[j], before[j], c[j], want[j])
				}
			}
		}
	})
}

func FuzzFMA32(f *testing.F) {
	f.Add(uint32(0x3f800001), uint32(0x3f800001), uint32(0xbf800002))
	f.Add(uint32(1), uint32(0x33800000), uint32(0x80000001))
	f.Fuzz(func(t *testing.T, x, y, z uint32) {
		a, b, c := math.Float32frombits(x), math.Float32frombits(y), math.Float32frombits(z)
		if finite(a) && finite(b) && finite(c) {
			checkFMA(t, a, b, c)
		}
	})
}
