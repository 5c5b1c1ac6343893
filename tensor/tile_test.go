package tensor

import (
	"fmt"
	"math"
	"testing"
)

// strided is the tile's left operand for a test: rows, k0 and k1 with any nesting of strides.
func strided(s *source, m, k0, k1 int) (data []float32, ars, acs, abs int) {
	switch s.below(3) {
	case 0: // rows of k1 groups of k0 values, with gaps
		acs = 1
		abs = k0 + s.below(3)
		ars = k1*abs + s.below(5)
	case 1: // transposed
		ars = 1
		acs = m + s.below(9)
		abs = k0*acs + s.below(9)
	default: // overlapping rows, as in a convolution
		acs = 1
		ars = 1 + s.below(4)
		abs = m*ars + k0 + s.below(4)
	}
	data = make([]float32, max(0, m-1)*ars+max(0, k0-1)*acs+max(0, k1-1)*abs+1)
	s.fill(data)
	return data, ars, acs, abs
}

// naive is the definition: one chain for each element.
func naive(t *tile, cols int, fma func(x, y, z float32) float32) {
	for i := range t.m {
		for j := range cols {
			at := i*t.cs + j
			for k1 := range t.k1 {
				for k0 := range t.k0 {
					a, b := t.a[i*t.ars+k0*t.acs+k1*t.abs], t.b[k0*t.brs+k1*t.bbs+j]
					t.c[at] = fma(a, b, t.c[at])
				}
			}
		}
	}
}

func TestTileAgainstDefinition(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		mr, nr := active.shape()
		s := source{seed: 4}
		for round := range 600 {
			m, k0, k1 := 1+round%mr, s.below(12), s.below(4)
			u := tile{m: m, k0: k0, k1: k1, ahead: s.below(1 << 20)}
			u.a, u.ars, u.acs, u.abs = strided(&s, m, k0, k1)
			u.brs = nr + s.below(3)
			u.bbs = k0*u.brs + s.below(3)
			u.b = make([]float32, max(0, k0-1)*u.brs+max(0, k1-1)*u.bbs+nr)
			s.fill(u.b)
			c := newGuarded(&s, m, nr, nr+s.below(20))
			u.c, u.cs = c.Data, c.Stride
			if round%10 == 0 && k0*k1 > 0 { // something that must spread
				u.a[s.below(len(u.a))] = float32(math.Inf(1))
				u.b[s.below(len(u.b))] = float32(math.NaN())
			}
			want := copyOf(c.Matrix)
			v := u
			v.c, v.cs = want.Data, want.Stride
			naive(&v, nr, FMA32)
			u.run(active)
			requireSame(t, fmt.Sprintf("m %d, k0 %d, k1 %d", m, k0, k1), c.Matrix, want)
			c.intact(t)
		}
	})
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
		u := tile{c: c.Data, cs: nr, a: a.Data, ars: k, acs: 1, b: b.Data, brs: nr, k0: k, k1: 1, m: mr}
		u.run(active)
		for i, got := range c.Data {
			if off := math.Abs(float64(got) - want[i]); off > k*0x1p-24*size[i] {
				t.Fatalf("element %d is %v, want %v", i, got, want[i])
			}
		}
	})
}

func TestChooseTier(t *testing.T) {
	all := func(tier) bool { return true }
	noAVX512 := func(t tier) bool { return t != tierAVX512 }
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
		{"avx512", noAVX512, tierAVX2, true},
		{"sse", all, tierAVX512, true},
	} {
		got, err := chooseTier(c.name, c.available)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("chooseTier(%q) = %v, %v; want %v, an error: %v", c.name, got, err, c.want, c.fails)
		}
	}
}
