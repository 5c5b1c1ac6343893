package kernel_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// nearLeast are operands whose sums lie about the least normal value.
func nearLeast(s *kerneltest.Source) (x, y, z float32) {
	x = math.Float32frombits(s.Word()&0x807f0000 | uint32(64+s.Below(4)-2)<<23)
	y = math.Float32frombits(s.Word()&0x807f0000 | uint32(64+s.Below(4)-2)<<23)
	z = math.Float32frombits(s.Word()&0x807fffff | uint32(s.Below(3))<<23)
	if s.Below(3) == 0 { // x*y + z just below 2^-126
		x, y = 0x1p-75, -0x1p-75*float32(1+s.Below(1<<7))/2
		z = 0x1p-126 * float32(1-2*s.Below(2))
	}
	return x, y, z
}

// Against exact arithmetic, rounded to 24 bits without a least exponent.
func TestFMAFlushed(t *testing.T) {
	s := kerneltest.Source{Seed: 33}
	for range 100_000 {
		x, y, z := nearLeast(&s)
		f := func(v float32) *big.Float { return new(big.Float).SetPrec(700).SetFloat64(float64(kernel.Flushed(v))) }
		sum := f(x)
		sum.Mul(sum, f(y)).Add(sum, f(z))
		r, _ := new(big.Float).SetPrec(24).Set(sum).Float64()
		if math.Abs(r) < 0x1p-126 {
			r = 0
		}
		if got := kernel.FMAFlushed(x, y, z); float64(got) != r {
			t.Fatalf("fmaFlushed(%x, %x, %x) = %x, want %x", x, y, z, got, r)
		}
	}
}

// The processor's instructions agree on every bit, the sign of zeros too.
func TestFMAFlushedAgainstTheProcessor(t *testing.T) {
	kerneltest.EachLayout(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 34}
		_, nr := kernel.Active.Shape()
		b, c, want := make([]float32, nr), make([]float32, nr), make([]float32, nr)
		l := kernel.Active.BF16Layout()
		for range 4000 {
			a, _, _ := nearLeast(&s)
			for j := range b {
				_, b[j], c[j] = nearLeast(&s)
				want[j] = kernel.FMAFlushed(a, b[j], c[j])
			}
			u := kernel.Tile{A: []float32{a}, B: append([]float32(nil), b...), C: append([]float32(nil), c...), K0: 1, K1: 1, Rows: 1, Layout: l}
			if l == kernel.Paired {
				left, right := []float32{a, 0}, append(u.B, make([]float32, nr)...)
				l.Row(left, left[:1])
				l.Finish(right, 1, nr, kernel.PadRight)
				u.A, u.B = left, right
			}
			u.Run(kernel.Active)
			for j := range c {
				if !kerneltest.SameBits(u.C[j], want[j]) {
					t.Fatalf("fma(%x, %x, %x) = %x, fmaFlushed says %x", a, b[j], c[j], u.C[j], want[j])
				}
			}
		}
	})
}

func TestRoundBF16(t *testing.T) {
	for _, c := range []struct{ x, want uint32 }{
		{0x3f800000, 0x3f800000}, {0x3f808000, 0x3f800000}, {0x3f808001, 0x3f810000}, {0x3f818000, 0x3f820000},
		{0x7f7fffff, 0x7f800000}, {0x7f800000, 0x7f800000}, {0xff800001, 0xffc00000}, {0x80000000, 0x80000000},
		{0x7fffffff, 0x7fff0000}, {1, 0}, {0x8000ffff, 0x80010000},
	} {
		if got := kernel.BF16Bits(math.Float32frombits(c.x)); got != c.want {
			t.Errorf("%08x rounds to %08x, want %08x", c.x, got, c.want)
		}
	}
	// Every tier's vectors, and nearest by exhaustion of the halves.
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 35}
		for _, n := range []int{0, 2, 8, 30, 64, 130} {
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i] = math.Float32frombits(s.Word())
				y[i] = math.Float32frombits(s.Word())
			}
			rounded, swap, pairs, rows := append([]float32(nil), x...), append([]float32(nil), x...), append([]float32(nil), x...), make([]float32, n)
			kernel.RoundAll(rounded)
			kernel.SwapBF16(swap)
			kernel.PairBF16(pairs[:n/2], x)
			kernel.PairRows(rows, x, y)
			for i, v := range x {
				if kernel.BitsOf(rounded)[i] != kernel.BF16Bits(v) || kernel.BitsOf(swap)[i^1] != kernel.BF16Bits(v) ||
					kernel.BitsOf(rows)[i] != kernel.BF16Bits(v)>>16|kernel.BF16Bits(y[i]) {
					t.Fatalf("%d values: number %d, %x", n, i, math.Float32bits(v))
				}
				if i < n/2 && kernel.BitsOf(pairs)[i] != kernel.BF16Bits(x[2*i])>>16|kernel.BF16Bits(x[2*i+1]) {
					t.Fatalf("%d values: pair %d", n, i)
				}
			}
		}
	})
}
