package tensor

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// eachLayout runs f for every tier in BF16, in both layouts where it has a tile for both.
func eachLayout(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	defer func(old [len(tiers)]bool) { pairing = old }(pairing)
	pairing[tierGo] = true
	for _, pairs := range []bool{false, true} {
		was := pairing
		eachTier(t, func(t *testing.T) {
			if pairs && !was[active] {
				return // no tile for it
			}
			pairing[active] = pairs
			t.Run(fmt.Sprintf("pairs %v", pairs), f)
		})
		pairing = was
	}
}

// chainsBF16 is c += a*b by the definition of BF16.
func chainsBF16(c, a, b Matrix) {
	for i := range c.Rows {
		for j := range c.Cols {
			x := a.Row(i)
			z := c.Row(i)[j]
			for k := 0; k < len(x); k += 2 {
				if k+1 < len(x) {
					z = fmaFlushed(RoundBF16(x[k+1]), RoundBF16(b.Row(k + 1)[j]), z)
				}
				z = fmaFlushed(RoundBF16(x[k]), RoundBF16(b.Row(k)[j]), z)
			}
			c.Row(i)[j] = z
		}
	}
}

// pools of 1 to n goroutines in BF16.
func poolsBF16(t *testing.T, n int) []*Pool {
	var pools []*Pool
	for size := 1; size <= n; size++ {
		p := NewPool(size)
		p.SetPrecision(BF16)
		t.Cleanup(p.Close)
		pools = append(pools, p)
	}
	return pools
}

// rough fills some of x with values that are hard: tiny, zero, infinite and none.
func rough(s *source, x []float32) {
	if len(x) == 0 {
		return
	}
	hard := []float32{0, float32(math.Copysign(0, -1)), 0x1p-126, -0x1p-127, 0x1.fffffep-64, 0x1p-149, 0x1p-63, -0x1.8p-64,
		float32(math.Inf(1)), float32(math.NaN()), math.MaxFloat32}
	for range len(x) / 4 {
		x[s.below(len(x))] = hard[s.below(8)]
	}
	if s.below(4) == 0 {
		x[s.below(len(x))] = hard[8+s.below(3)]
	}
}

func TestMatMulBF16AgainstDefinition(t *testing.T) {
	pools := poolsBF16(t, 3)
	eachLayout(t, rapid.MakeCheck(func(t *rapid.T) {
		m, k, n := rapid.IntRange(0, 30).Draw(t, "m"), rapid.IntRange(0, 60).Draw(t, "k"), rapid.IntRange(0, 80).Draw(t, "n")
		s := source{seed: rapid.Uint32().Draw(t, "seed")}
		c, a, b := product(&s, m, k, n)
		if s.below(2) == 0 {
			for _, g := range []guarded{a, b, c} {
				for i := range g.Rows {
					rough(&s, g.Row(i))
				}
			}
		}
		checkBF16(t, pools, c, a.Matrix, b.Matrix, n%2 == 0)
	}))
	eachLayout(t, func(t *testing.T) {
		s := source{seed: 31}
		for _, k := range []int{255, 257, 511, 512} {
			c, a, b := product(&s, 9, k, 70)
			checkBF16(t, pools, c, a.Matrix, b.Matrix, true)
		}
		c, a, b := product(&s, 125, 258, 300) // enough panels to copy rows
		checkBF16(t, pools, c, a.Matrix, b.Matrix, false)
	})
}

func checkBF16(t failer, pools []*Pool, c guarded, a, b Matrix, transposed bool) {
	t.Helper()
	want := copyOf(c.Matrix)
	chainsBF16(want, a, b)
	start := append([]float32(nil), c.all...)
	for _, p := range pools {
		copy(c.all, start)
		var w Panels
		if transposed {
			w.PackTransposed(p, transpose(b))
		} else {
			w.Pack(p, b)
		}
		p.MatMulAdd(c.Matrix, a, &w)
		requireSame(t, fmt.Sprintf("pool of %d", p.Size()), c.Matrix, want)
		c.intact(t)
	}
}

func TestMatMulTransBF16AgainstDefinition(t *testing.T) {
	pools := poolsBF16(t, 3)
	check := func(t failer, s *source, count, rows, m, n int) {
		a, b := lane(s, count, rows, m), lane(s, count, rows, n)
		c := newGuarded(s, m, n, n+s.below(9))
		want, fresh := copyOf(c.Matrix), NewMatrix(m, n)
		chainsBF16(want, transpose(gather(a)), gather(b))
		chainsBF16(fresh, transpose(gather(a)), gather(b))
		start := append([]float32(nil), c.all...)
		for _, p := range pools {
			copy(c.all, start)
			p.MatMulTransAdd(c.Matrix, a, b)
			requireSame(t, fmt.Sprintf("pool of %d", p.Size()), c.Matrix, want)
			c.intact(t)
			p.MatMulTrans(c.Matrix, a, b)
			requireSame(t, fmt.Sprintf("from zero, pool of %d", p.Size()), c.Matrix, fresh)
		}
	}
	eachLayout(t, rapid.MakeCheck(func(t *rapid.T) {
		count, rows := rapid.IntRange(0, 6).Draw(t, "count"), rapid.IntRange(0, 12).Draw(t, "rows")
		m, n := rapid.IntRange(0, 30).Draw(t, "m"), rapid.IntRange(0, 70).Draw(t, "n")
		s := source{seed: rapid.Uint32().Draw(t, "seed")}
		check(t, &s, count, rows, m, n)
	}))
	eachLayout(t, func(t *testing.T) {
		s := source{seed: 32}
		check(t, &s, 1, 515, 20, 37) // more than are packed at a time, and an odd rest
		check(t, &s, 75, 7, 130, 5)
	})
}

// nearLeast are operands whose sums lie about the least normal value.
func nearLeast(s *source) (x, y, z float32) {
	x = math.Float32frombits(s.word()&0x807f0000 | uint32(64+s.below(4)-2)<<23)
	y = math.Float32frombits(s.word()&0x807f0000 | uint32(64+s.below(4)-2)<<23)
	z = math.Float32frombits(s.word()&0x807fffff | uint32(s.below(3))<<23)
	if s.below(3) == 0 { // x*y + z just below 2^-126
		x, y = 0x1p-75, -0x1p-75*float32(1+s.below(1<<7))/2
		z = 0x1p-126 * float32(1-2*s.below(2))
	}
	return x, y, z
}

// Against exact arithmetic, rounded to 24 bits without a least exponent.
func TestFMAFlushed(t *testing.T) {
	s := source{seed: 33}
	for range 100_000 {
		x, y, z := nearLeast(&s)
		f := func(v float32) *big.Float { return new(big.Float).SetPrec(700).SetFloat64(float64(flushed(v))) }
		sum := f(x)
		sum.Mul(sum, f(y)).Add(sum, f(z))
		r, _ := new(big.Float).SetPrec(24).Set(sum).Float64()
		if math.Abs(r) < 0x1p-126 {
			r = 0
		}
		if got := fmaFlushed(x, y, z); float64(got) != r {
			t.Fatalf("fmaFlushed(%x, %x, %x) = %x, want %x", x, y, z, got, r)
		}
	}
}

// The processor's instructions agree on every bit, the sign of zeros too.
func TestFMAFlushedAgainstTheProcessor(t *testing.T) {
	eachLayout(t, func(t *testing.T) {
		s := source{seed: 34}
		_, nr := active.shape()
		b, c, want := make([]float32, nr), make([]float32, nr), make([]float32, nr)
		l := layoutOf(BF16, active)
		for range 4000 {
			a, _, _ := nearLeast(&s)
			for j := range b {
				_, b[j], c[j] = nearLeast(&s)
				want[j] = fmaFlushed(a, b[j], c[j])
			}
			u := tile{a: []float32{a}, b: append([]float32(nil), b...), c: append([]float32(nil), c...), k0: 1, k1: 1, m: 1, layout: l}
			if l == paired {
				left, right := []float32{a, 0}, append(u.b, make([]float32, nr)...)
				l.row(left, left[:1])
				l.finish(right, 1, nr, padRight)
				u.a, u.b = left, right
			}
			u.run(active)
			for j := range c {
				if !sameBits(u.c[j], want[j]) {
					t.Fatalf("fma(%x, %x, %x) = %x, fmaFlushed says %x", a, b[j], c[j], u.c[j], want[j])
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
		if got := bf16Bits(math.Float32frombits(c.x)); got != c.want {
			t.Errorf("%08x rounds to %08x, want %08x", c.x, got, c.want)
		}
	}
	// Every tier's vectors, and nearest by exhaustion of the halves.
	eachTier(t, func(t *testing.T) {
		s := source{seed: 35}
		for _, n := range []int{0, 2, 8, 30, 64, 130} {
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i] = math.Float32frombits(s.word())
				y[i] = math.Float32frombits(s.word())
			}
			rounded, swap, pairs, rows := append([]float32(nil), x...), append([]float32(nil), x...), append([]float32(nil), x...), make([]float32, n)
			roundBF16(rounded)
			swapBF16(swap)
			pairBF16(pairs[:n/2], x)
			pairRows(rows, x, y)
			for i, v := range x {
				if bitsOf(rounded)[i] != bf16Bits(v) || bitsOf(swap)[i^1] != bf16Bits(v) ||
					bitsOf(rows)[i] != bf16Bits(v)>>16|bf16Bits(y[i]) {
					t.Fatalf("%d values: number %d, %x", n, i, math.Float32bits(v))
				}
				if i < n/2 && bitsOf(pairs)[i] != bf16Bits(x[2*i])>>16|bf16Bits(x[2*i+1]) {
					t.Fatalf("%d values: pair %d", n, i)
				}
			}
		}
	})
}

func TestSteadyBF16AllocatesNothing(t *testing.T) {
	p := poolsBF16(t, 1)[0]
	s := source{seed: 36}
	c, _, _, weights := newConvTest(t, convShapes[0], 2, 1)
	sums, a, b := product(&s, 20, 30, 40)
	var forward, backward ConvPanels
	var w Panels
	step := func() {
		w.Pack(p, b.Matrix)
		p.MatMulAdd(sums.Matrix, a.Matrix, &w)
		p.MatMulTransAdd(b.Matrix, AllRows(a.Matrix), AllRows(sums.Matrix))
		forward.Pack(p, c, weights)
		backward.PackBackward(p, c, weights)
	}
	step()
	if n := testing.AllocsPerRun(5, step); n > 0 {
		t.Errorf("a steady step allocates %v times", n)
	}
}
