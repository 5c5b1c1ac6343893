package tensor

import (
	"fmt"
	"math"
	"testing"
)

// leftOperand fills in the tile's left operand for a test: rows, k0 and k1 with any nesting of strides, or
// rows anywhere.
func (t *tile) leftOperand(s *source, m, k0, k1 int) {
	var ars int
	switch s.below(4) {
	case 0: // rows of k1 groups of k0 values, with gaps
		t.acs = 1
		t.abs = k0 + s.below(3)
		ars = k1*t.abs + s.below(5)
	case 1: // transposed
		ars = 1
		t.acs = m + s.below(9)
		t.abs = k0*t.acs + s.below(9)
	default: // overlapping rows, as in a convolution
		t.acs = 1
		ars = 1 + s.below(4)
		t.abs = m*ars + k0 + s.below(4)
	}
	last := 0
	for i := range m {
		t.arows[i] = i * ars
		if ars != 1 && s.below(4) == 0 {
			t.arows[i] = s.below(50)
		}
		last = max(last, t.arows[i])
	}
	t.a = make([]float32, last+max(0, k0-1)*t.acs+max(0, k1-1)*t.abs+1)
	s.fill(t.a)
}

// naive is the definition: one chain for each element.
func naive(t *tile, cols int, fma func(x, y, z float32) float32) {
	if t.k0 == 0 || t.k1 == 0 {
		return
	}
	for p := range max(1, t.panels) {
		for i := range t.m {
			for j := range cols {
				at := t.crows[i] + p*cols + j
				if t.start != nil {
					t.c[at] = t.start[p*cols+j]
				}
				for k1 := range t.k1 {
					for k0 := range t.k0 {
						a, b := t.a[t.arows[i]+k0*t.acs+k1*t.abs], t.b[p*t.bps+k0*t.brs+k1*t.bbs+j]
						t.c[at] = fma(a, b, t.c[at])
					}
				}
			}
		}
	}
}

func TestTileAgainstDefinition(t *testing.T) {
	eachTier(t, func(t *testing.T) { checkTile(t, plain, FMA32) })
}

func TestTileFlushesSubnormals(t *testing.T) {
	eachTier(t, func(t *testing.T) { checkTile(t, swapped, fmaFlushed) })
}

// The tier that rounds products does so everywhere, in order.
func TestTileGoFast(t *testing.T) {
	defer func(old tier) { active = old }(active)
	active = tierGoFast
	checkTile(t, plain, func(x, y, z float32) float32 { return z + float32(x*y) })
}

// checkTile compares tiles of any shape with the definition.
func checkTile(t *testing.T, l layout, fma func(x, y, z float32) float32) {
	mr, nr := active.shape()
	s := source{seed: 4}
	for round := range 900 {
		m, k0, k1, panels := 1+round%mr, s.below(12), s.below(4), s.below(4)
		u := tile{m: m, k0: k0, k1: k1, panels: panels, layout: l, ahead: s.below(1 << 20)}
		panels = max(1, panels)
		u.leftOperand(&s, m, k0, k1)
		u.brs = nr + s.below(3)
		u.bbs = k0*u.brs + s.below(3)
		u.bps = k1*u.bbs + s.below(5)
		u.b = make([]float32, max(0, k0-1)*u.brs+max(0, k1-1)*u.bbs+(panels-1)*u.bps+nr)
		s.fill(u.b)
		c := newGuarded(&s, 2*m, panels*nr, panels*nr+s.below(20))
		u.c = c.Data
		first, by := s.below(m+1), 1
		if s.below(2) == 0 { // rows of C from the last on
			first, by = 2*m-1, -1
		}
		for i := range m {
			u.crows[i] = (first + i*by) * c.Stride
		}
		if s.below(2) == 0 {
			u.start = make([]float32, panels*nr)
			s.fill(u.start)
		}
		if round%10 == 0 && k0*k1 > 0 { // something that must spread
			u.a[s.below(len(u.a))] = float32(math.Inf(1))
			u.b[s.below(len(u.b))] = float32(math.NaN())
		}
		want := NewMatrix(1, len(c.Data))
		copy(want.Data, c.Data)
		v := u
		v.c = want.Data
		naive(&v, nr, fma)
		u.run(active)
		requireSame(t, fmt.Sprintf("m %d, k0 %d, k1 %d, %d panels", m, k0, k1, panels), Of(c.Data, 1, len(c.Data)), want)
		c.intact(t)
	}
}

// Against float64: a chain of k additions is off by k roundings of its largest partial sum at most.
func TestTileAgainstFloat64(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		mr, nr := active.shape()
		s := source{seed: 5}
		const k = 500
		a, b, c := newGuarded(&s, mr, k, k), newGuarded(&s, k, nr, nr), newGuarded(&s, mr, nr, nr)
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
		u := tile{c: c.Data, a: a.Data, acs: 1, b: b.Data, brs: nr, k0: k, k1: 1, m: mr}
		u.stride(k, nr)
		u.run(active)
		for i, got := range c.Data {
			if off := math.Abs(float64(got) - want[i]); off > k*0x1p-24*size[i] {
				t.Fatalf("element %d is %v, want %v", i, got, want[i])
			}
		}
	})
}

func TestChooseTier(t *testing.T) {
	all := func(t tier) bool { return t != tierNEON }
	noAVX512 := func(t tier) bool { return t < tierAVX512 }
	for _, c := range []struct {
		name      string
		available func(tier) bool
		want      tier
		fails     bool
	}{
		{"", all, tierAVX512, false},
		{"", noAVX512, tierAVX2, false},
		{"go", all, tierGo, false},
		{"avx2", all, tierAVX2, false},
		{"avx512", all, tierAVX512, false},
		{"go-fast", all, tierGoFast, false},
		{"avx512", noAVX512, tierAVX2, true},
		{"sse", all, tierAVX512, true},
	} {
		got, err := chooseTier(c.name, c.available)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("chooseTier(%q) = %v, %v; want %v, an error: %v", c.name, got, err, c.want, c.fails)
		}
	}
}
