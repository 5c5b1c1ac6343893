package kernel_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// leftOperand fills in the tile's left operand for a test: rows, k0 and k1 with any nesting of strides, or
// rows anywhere.
func leftOperand(t *kernel.Tile, s *kerneltest.Source, m, k0, k1 int) {
	var ars int
	switch s.Below(4) {
	case 0: // rows of k1 groups of k0 values, with gaps
		t.AK0 = 1
		t.AK1 = k0 + s.Below(3)
		ars = k1*t.AK1 + s.Below(5)
	case 1: // transposed
		ars = 1
		t.AK0 = m + s.Below(9)
		t.AK1 = k0*t.AK0 + s.Below(9)
	default: // overlapping rows, as in a convolution
		t.AK0 = 1
		ars = 1 + s.Below(4)
		t.AK1 = m*ars + k0 + s.Below(4)
	}
	last := 0
	for i := range m {
		t.ARow[i] = i * ars
		if ars != 1 && s.Below(4) == 0 {
			t.ARow[i] = s.Below(50)
		}
		last = max(last, t.ARow[i])
	}
	t.A = make([]float32, last+max(0, k0-1)*t.AK0+max(0, k1-1)*t.AK1+1)
	s.Fill(t.A)
}

// naive is the definition: one chain for each element.
func naive(t *kernel.Tile, cols int, fma func(x, y, z float32) float32) {
	if t.K0 == 0 || t.K1 == 0 {
		return
	}
	for p := range max(1, t.Panels) {
		for i := range t.Rows {
			for j := range cols {
				at := t.CRow[i] + p*cols + j
				if t.Start != nil {
					t.C[at] = t.Start[p*cols+j]
				}
				for k1 := range t.K1 {
					for k0 := range t.K0 {
						a, b := t.A[t.ARow[i]+k0*t.AK0+k1*t.AK1], t.B[p*t.BPanel+k0*t.BK0+k1*t.BK1+j]
						t.C[at] = fma(a, b, t.C[at])
					}
				}
			}
		}
	}
}

func TestTileAgainstDefinition(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) { checkTile(t, kernel.Plain, kernel.FMA32) })
}

func TestTileFlushesSubnormals(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) { checkTile(t, kernel.Swapped, kernel.FMAFlushed) })
}

// The tier that rounds products does so everywhere, in order.
func TestTileGoFast(t *testing.T) {
	defer func(old kernel.Tier) { kernel.Active = old }(kernel.Active)
	kernel.Active = kernel.GoFast
	checkTile(t, kernel.Plain, func(x, y, z float32) float32 { return z + float32(x*y) })
}

// checkTile compares tiles of any shape with the definition.
func checkTile(t *testing.T, l kernel.Layout, fma func(x, y, z float32) float32) {
	mr, nr := kernel.Active.Shape()
	s := kerneltest.Source{Seed: 4}
	for round := range 900 {
		m, k0, k1, panels := 1+round%mr, s.Below(12), s.Below(4), s.Below(4)
		u := kernel.Tile{Rows: m, K0: k0, K1: k1, Panels: panels, Layout: l, AheadC: s.Below(1 << 20)}
		panels = max(1, panels)
		leftOperand(&u, &s, m, k0, k1)
		u.BK0 = nr + s.Below(3)
		u.BK1 = k0*u.BK0 + s.Below(3)
		u.BPanel = k1*u.BK1 + s.Below(5)
		u.B = make([]float32, max(0, k0-1)*u.BK0+max(0, k1-1)*u.BK1+(panels-1)*u.BPanel+nr)
		s.Fill(u.B)
		c := kerneltest.NewGuarded(&s, 2*m, panels*nr, panels*nr+s.Below(20))
		u.C = c.Data
		first, by := s.Below(m+1), 1
		if s.Below(2) == 0 { // rows of C from the last on
			first, by = 2*m-1, -1
		}
		for i := range m {
			u.CRow[i] = (first + i*by) * c.Stride
		}
		if s.Below(2) == 0 {
			u.Start = make([]float32, panels*nr)
			s.Fill(u.Start)
		}
		if round%10 == 0 && k0*k1 > 0 { // something that must spread
			u.A[s.Below(len(u.A))] = float32(math.Inf(1))
			u.B[s.Below(len(u.B))] = float32(math.NaN())
		}
		want := kerneltest.GridOf(make([]float32, len(c.Data)), 1, len(c.Data))
		copy(want.Data, c.Data)
		v := u
		v.C = want.Data
		naive(&v, nr, fma)
		u.Run(kernel.Active)
		kerneltest.RequireSame(t, fmt.Sprintf("m %d, k0 %d, k1 %d, %d panels", m, k0, k1, panels), kerneltest.GridOf(c.Data, 1, len(c.Data)), want)
		c.Intact(t)
	}
}

// Against float64: a chain of k additions is off by k roundings of its largest partial sum at most.
func TestTileAgainstFloat64(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		mr, nr := kernel.Active.Shape()
		s := kerneltest.Source{Seed: 5}
		const k = 500
		a, b, c := kerneltest.NewGuarded(&s, mr, k, k), kerneltest.NewGuarded(&s, k, nr, nr), kerneltest.NewGuarded(&s, mr, nr, nr)
		want := make([]float64, mr*nr)
		size := make([]float64, mr*nr)
		for i := range mr {
			for j := range nr {
				at := i*nr + j
				want[at] = float64(c.Row(i)[j])
				size[at] = math.Abs(want[at])
				for q := range k {
					p := float64(a.Row(i)[q]) * float64(b.Row(q)[j])
					want[at] += p
					size[at] += math.Abs(p)
				}
			}
		}
		u := kernel.Tile{C: c.Data, A: a.Data, AK0: 1, B: b.Data, BK0: nr, K0: k, K1: 1, Rows: mr}
		u.EvenRows(k, nr)
		u.Run(kernel.Active)
		for i, got := range c.Data {
			if off := math.Abs(float64(got) - want[i]); off > k*0x1p-24*size[i] {
				t.Fatalf("element %d is %v, want %v", i, got, want[i])
			}
		}
	})
}

func TestChooseTier(t *testing.T) {
	all := func(t kernel.Tier) bool { return t != kernel.NEON }
	noAVX512 := func(t kernel.Tier) bool { return t < kernel.AVX512 }
	for _, c := range []struct {
		name      string
		available func(kernel.Tier) bool
		want      kernel.Tier
		fails     bool
	}{
		{"", all, kernel.AVX512, false},
		{"", noAVX512, kernel.AVX2, false},
		{"go", all, kernel.Go, false},
		{"avx2", all, kernel.AVX2, false},
		{"avx512", all, kernel.AVX512, false},
		{"go-fast", all, kernel.GoFast, false},
		{"avx512", noAVX512, kernel.AVX2, true},
		{"sse", all, kernel.AVX512, true},
	} {
		got, err := kernel.ChooseTier(c.name, c.available)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("chooseTier(%q) = %v, %v; want %v, an error: %v", c.name, got, err, c.want, c.fails)
		}
	}
}
