package tensor

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
	"pgregory.net/rapid"
)

// chains is c += a*b by the definition.
func chains(c, a, b Matrix) {
	for i := range c.Rows {
		row := c.Row(i)
		for j := range row {
			for k, v := range a.Row(i) {
				row[j] = FMA32(v, b.Row(k)[j], row[j])
			}
		}
	}
}

func transpose(m Matrix) Matrix {
	t := NewMatrix(m.Cols, m.Rows)
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			t.Row(j)[i] = v
		}
	}
	return t
}

// product is operands of a random shape, strided and guarded.
func product(s *source, m, k, n int) (c, a, b guarded) {
	return newGuarded(s, m, n, n+s.Below(9)), newGuarded(s, m, k, k+s.Below(9)), newGuarded(s, k, n, n+s.Below(9))
}

func TestMatMulAddAgainstDefinition(t *testing.T) {
	pools := []*Pool{nil, NewPool(1), NewPool(2), NewPool(3), NewPool(4), NewPool(5)}
	for _, p := range pools {
		defer p.Close()
	}
	eachTier(t, rapid.MakeCheck(func(t *rapid.T) {
		m, k, n := rapid.IntRange(0, 40).Draw(t, "m"), rapid.IntRange(0, 80).Draw(t, "k"), rapid.IntRange(0, 100).Draw(t, "n")
		s := source{Seed: rapid.Uint32().Draw(t, "seed")}
		c, a, b := product(&s, m, k, n)
		want := copyOf(c.Matrix)
		chains(want, a.Matrix, b.Matrix)
		bias := make([]float32, n)
		s.Fill(bias)
		biased, fromZero := NewMatrix(m, n), NewMatrix(m, n)
		BroadcastRows(biased, bias)
		chains(biased, a.Matrix, b.Matrix)
		chains(fromZero, a.Matrix, b.Matrix)
		start := slices.Clone(c.all())
		for _, p := range pools {
			copy(c.all(), start)
			var w Panels
			if n%2 == 0 {
				w.Pack(p, b.Matrix)
			} else {
				w.PackTransposed(p, transpose(b.Matrix))
			}
			if w.K() != k || w.N() != n {
				t.Fatalf("panels of %dx%d, want %dx%d", w.K(), w.N(), k, n)
			}
			p.MatMulAdd(c.Matrix, a.Matrix, &w)
			requireSame(t, fmt.Sprintf("pool of %d", p.Size()), c.Matrix, want)
			p.MatMulBias(c.Matrix, a.Matrix, &w, bias)
			requireSame(t, fmt.Sprintf("from a bias, pool of %d", p.Size()), c.Matrix, biased)
			p.MatMulBias(c.Matrix, a.Matrix, &w, nil)
			requireSame(t, fmt.Sprintf("from zero, pool of %d", p.Size()), c.Matrix, fromZero)
			c.intact(t)
		}
	}))
}

// Large enough to be cut into blocks and shared out both ways.
func TestMatMulAddLarge(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		s := source{Seed: 6}
		for _, d := range [][3]int{{40, 520, 41}, {3, 260, 600}, {200, 20, 33}, {130, 300, 150}} {
			c, a, b := product(&s, d[0], d[1], d[2])
			want := copyOf(c.Matrix)
			chains(want, a.Matrix, b.Matrix)
			start := copyOf(c.Matrix)
			for size := 1; size <= 5; size++ {
				p := NewPool(size)
				got := copyOf(start)
				var w Panels
				w.Pack(p, b.Matrix)
				p.MatMulAdd(got, a.Matrix, &w)
				requireSame(t, fmt.Sprintf("%v, pool of %d", d, size), got, want)
				p.Close()
			}
		}
	})
}

// A row's bits do not depend on the rows computed with it.
func TestMatMulAddRowsAreIndependent(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		s := source{Seed: 7}
		c, a, b := product(&s, 23, 90, 50)
		var w Panels
		w.Pack(nil, b.Matrix)
		start := copyOf(c.Matrix)
		var p *Pool
		p.MatMulAdd(c.Matrix, a.Matrix, &w)
		for round := range 60 {
			lo := s.Below(23)
			hi := lo + s.Below(24-lo)
			part := copyOf(start.Slice(lo, hi))
			p.MatMulAdd(part, a.Slice(lo, hi), &w)
			requireSame(t, fmt.Sprintf("round %d, rows [%d, %d)", round, lo, hi), part, c.Slice(lo, hi))
		}
	})
}

// Zeros are no reason to skip: 0 * NaN is NaN.
func TestMatMulAddNonFinite(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		var p *Pool
		a, b := NewMatrix(3, 4), NewMatrix(4, 5)
		b.Row(2)[3] = float32(math.NaN())
		b.Row(1)[0] = float32(math.Inf(1))
		a.Row(1)[1] = 1
		c := NewMatrix(3, 5)
		var w Panels
		w.Pack(p, b)
		p.MatMulAdd(c, a, &w)
		for i := range 3 {
			for j, v := range c.Row(i) {
				want := float32(0)
				switch {
				case j == 3 || j == 0 && i != 1:
					want = float32(math.NaN())
				case j == 0:
					want = float32(math.Inf(1))
				}
				if !kerneltest.SameBits(v, want) {
					t.Errorf("element (%d, %d) is %v, want %v", i, j, v, want)
				}
			}
		}
	})
}

func TestMatMulAddMisuse(t *testing.T) {
	var p *Pool
	var w Panels
	w.Pack(p, NewMatrix(4, 5))
	kerneltest.MustPanic(t, "c of wrong rows", func() { p.MatMulAdd(NewMatrix(2, 5), NewMatrix(3, 4), &w) })
	kerneltest.MustPanic(t, "c of wrong columns", func() { p.MatMulAdd(NewMatrix(3, 4), NewMatrix(3, 4), &w) })
	kerneltest.MustPanic(t, "a short bias", func() { p.MatMulBias(NewMatrix(3, 5), NewMatrix(3, 4), &w, make([]float32, 4)) })
	kerneltest.MustPanic(t, "a of wrong columns", func() { p.MatMulAdd(NewMatrix(3, 5), NewMatrix(3, 5), &w) })
	short := Matrix{Data: make([]float32, 14), Rows: 3, Cols: 5, Stride: 5}
	kerneltest.MustPanic(t, "c too short", func() { p.MatMulAdd(short, NewMatrix(3, 4), &w) })
	kerneltest.MustPanic(t, "b too short", func() { w.Pack(p, short) })
	huge := Matrix{Data: make([]float32, 14), Rows: math.MaxInt, Cols: 2, Stride: 2}
	kerneltest.MustPanic(t, "b too large to count", func() { w.Pack(p, huge) })
}
