package tensor

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// chainsBF16 is c += a*b by the definition of BF16.
func chainsBF16(c, a, b Matrix) {
	for i := range c.Rows {
		for j := range c.Cols {
			x := a.Row(i)
			z := c.Row(i)[j]
			for k0 := 0; k0 < len(x); k0 += kernel.BlockK {
				var sums [2]float32
				for k := k0; k < min(k0+kernel.BlockK, len(x)); k++ {
					sums[k%2] = kernel.FMAFlushed(RoundBF16(x[k]), RoundBF16(b.Row(k)[j]), sums[k%2])
				}
				z = addFlushed(z, addFlushed(sums[0], sums[1]))
			}
			c.Row(i)[j] = z
		}
	}
}

// addFlushed is x + y with subnormal values taken and left as zeros.
func addFlushed(x, y float32) float32 { return kernel.FMAFlushed(x, 1, y) }

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
		x[s.Below(len(x))] = hard[s.Below(8)]
	}
	if s.Below(4) == 0 {
		x[s.Below(len(x))] = hard[8+s.Below(3)]
	}
}

func TestMatMulBF16AgainstDefinition(t *testing.T) {
	pools := poolsBF16(t, 3)
	kerneltest.EachBlockLayout(t, rapid.MakeCheck(func(t *rapid.T) {
		m, k, n := rapid.IntRange(0, 30).Draw(t, "m"), rapid.IntRange(0, 60).Draw(t, "k"), rapid.IntRange(0, 80).Draw(t, "n")
		s := source{Seed: rapid.Uint32().Draw(t, "seed")}
		c, a, b := product(&s, m, k, n)
		if s.Below(2) == 0 {
			for _, g := range []guarded{a, b, c} {
				for i := range g.Rows {
					rough(&s, g.Row(i))
				}
			}
		}
		checkBF16(t, pools, c, a.Matrix, b.Matrix, n%2 == 0)
	}))
	kerneltest.EachBlockLayout(t, func(t *testing.T) {
		s := source{Seed: 31}
		for _, k := range kerneltest.Some([]int{257, 255, 511, 512}) {
			c, a, b := product(&s, 9, k, 70)
			checkBF16(t, pools, c, a.Matrix, b.Matrix, true)
		}
		c, a, b := product(&s, 3, 1090, 33) // deeper than any block of k
		checkBF16(t, pools[:1], c, a.Matrix, b.Matrix, false)
		checkBF16(t, pools[:1], c, a.Matrix, b.Matrix, true)
		c, a, b = product(&s, 125, 258, 300) // enough panels to copy rows
		if testing.Short() {
			checkBF16(t, pools[2:], c, a.Matrix, b.Matrix, false)
		} else {
			checkBF16(t, pools, c, a.Matrix, b.Matrix, false)
		}
	})
}

func checkBF16(t failer, pools []*Pool, c guarded, a, b Matrix, transposed bool) {
	t.Helper()
	want := copyOf(c.Matrix)
	chainsBF16(want, a, b)
	var bias []float32     // as in the first row; without one zeros
	some := min(9, c.Rows) // more than a tile of vectors has
	biased := NewMatrix(some, c.Cols)
	if a.Cols%3 > 0 && some > 0 {
		bias = append(bias, c.Row(0)...)
		for i := range some {
			copy(biased.Row(i), bias)
		}
	}
	chainsBF16(biased, a.Slice(0, some), b)
	start := append([]float32(nil), c.all()...)
	for _, p := range pools {
		copy(c.all(), start)
		var w Panels
		if transposed {
			w.PackTransposed(p, transpose(b))
		} else {
			w.Pack(p, b)
		}
		p.MatMulAdd(c.Matrix, a, &w)
		requireSame(t, fmt.Sprintf("pool of %d", p.Size()), c.Matrix, want)
		c.intact(t)
		p.MatMulBias(c.Slice(0, some), a.Slice(0, some), &w, bias)
		requireSame(t, fmt.Sprintf("with a bias, pool of %d", p.Size()), c.Slice(0, some), biased)
		c.intact(t)
	}
}

func TestMatMulTransBF16AgainstDefinition(t *testing.T) {
	pools := poolsBF16(t, 3)
	check := func(t failer, s *source, count, rows, m, n int) {
		a, b := lane(s, count, rows, m), lane(s, count, rows, n)
		c := newGuarded(s, m, n, n+s.Below(9))
		want, fresh := copyOf(c.Matrix), NewMatrix(m, n)
		chainsBF16(want, transpose(gather(a)), gather(b))
		chainsBF16(fresh, transpose(gather(a)), gather(b))
		start := append([]float32(nil), c.all()...)
		for _, p := range pools {
			copy(c.all(), start)
			p.MatMulTransAdd(c.Matrix, a, b)
			requireSame(t, fmt.Sprintf("pool of %d", p.Size()), c.Matrix, want)
			c.intact(t)
			p.MatMulTrans(c.Matrix, a, b)
			requireSame(t, fmt.Sprintf("from zero, pool of %d", p.Size()), c.Matrix, fresh)
		}
	}
	kerneltest.EachBlockLayout(t, rapid.MakeCheck(func(t *rapid.T) {
		count, rows := rapid.IntRange(0, 6).Draw(t, "count"), rapid.IntRange(0, 12).Draw(t, "rows")
		m, n := rapid.IntRange(0, 30).Draw(t, "m"), rapid.IntRange(0, 70).Draw(t, "n")
		s := source{Seed: rapid.Uint32().Draw(t, "seed")}
		check(t, &s, count, rows, m, n)
	}))
	kerneltest.EachBlockLayout(t, func(t *testing.T) {
		s := source{Seed: 32}
		check(t, &s, 1, 515, 20, 37) // more than are packed at a time, and an odd rest
		check(t, &s, 75, 7, 130, 5)
		check(t, &s, 1, 1029, 3, 5)
		check(t, &s, 1, 3, 2, 1030)
	})
}

func TestSteadyBF16AllocatesNothing(t *testing.T) {
	p := poolsBF16(t, 1)[0]
	s := source{Seed: 36}
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
