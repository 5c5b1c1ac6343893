package tensor

import (
	"fmt"
	"math"
	"testing"
)

// Tiles of less than a panel are the definition in the columns that there are, and leave all others alone.
func TestEdgeAgainstDefinition(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		checkEdge(t, plain, FMA32)
		checkEdge(t, swapped, fmaFlushed)
	})
}

func checkEdge(t *testing.T, l layout, fma func(x, y, z float32) float32) {
	_, nr := active.shape()
	s := source{seed: 41}
	for round := range 1500 {
		width := 1 + round%(nr-1)
		m, k0, k1 := 1+s.below(active.edgeRows(width, l)), s.below(12), s.below(4)
		u := tile{m: m, k0: k0, k1: k1, layout: l}
		u.leftOperand(&s, m, k0, k1)
		columns := nr // of B: a narrow tile reads no others than its own
		if width <= active.narrow(l) {
			columns = width
		}
		u.brs = columns + s.below(3)
		u.bbs = k0*u.brs + s.below(3)
		b := newGuarded(&s, 1, max(0, k0-1)*u.brs+max(0, k1-1)*u.bbs+columns, 0)
		u.b = b.Data
		c := newGuarded(&s, 2*m, width, width+s.below(20))
		u.c = c.Data
		first, by := s.below(m+1), 1
		if s.below(2) == 0 { // rows of C from the last on
			first, by = 2*m-1, -1
		}
		for i := range m {
			u.crows[i] = (first + i*by) * c.Stride
		}
		if s.below(2) == 0 {
			u.start = make([]float32, width)
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
		naive(&v, width, fma)
		u.runEdge(active, width)
		requireSame(t, fmt.Sprintf("m %d, k0 %d, k1 %d, %d columns", m, k0, k1, width), Of(c.Data, 1, len(c.Data)), want)
		c.intact(t)
	}
}

// BenchmarkEdge is a tile of fewer columns than a panel has.
func BenchmarkEdge(b *testing.B) {
	const k = 256
	_, nr := active.shape()
	for _, width := range []int{6, 8, 12} {
		b.Run(fmt.Sprintf("%d", width), func(b *testing.B) {
			m := active.edgeRows(width, plain)
			c := random(NewMatrix(m, width), 1)
			t := tile{c: c.Data, a: random(NewMatrix(m, k), 2).Data, acs: 1,
				b: random(NewMatrix(k, nr), 3).Data, brs: nr, k0: k, k1: 1, m: m}
			t.stride(k, width)
			measure(b, 2*m*width*k, func() { t.runEdge(active, width) })
		})
	}
}
