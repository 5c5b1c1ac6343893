package kernel_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// Tiles of less than a panel are the definition in the columns that there are, and leave all others alone.
func TestEdgeAgainstDefinition(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		checkEdge(t, kernel.Plain, kernel.FMA32)
		checkEdge(t, kernel.Swapped, kernel.FMAFlushed)
	})
}

func checkEdge(t *testing.T, l kernel.Layout, fma func(x, y, z float32) float32) {
	_, nr := kernel.Active.Shape()
	s := kerneltest.Source{Seed: 41}
	for round := range 1500 {
		width := 1 + round%(nr-1)
		m, k0, k1 := 1+s.Below(kernel.Active.EdgeRows(width, l)), s.Below(12), s.Below(4)
		u := kernel.Tile{Rows: m, K0: k0, K1: k1, Layout: l}
		leftOperand(&u, &s, m, k0, k1)
		columns := nr // of B: a narrow tile reads no others than its own
		if width <= kernel.Active.Narrow(l) {
			columns = width
		}
		u.BK0 = columns + s.Below(3)
		u.BK1 = k0*u.BK0 + s.Below(3)
		b := kerneltest.NewGuarded(&s, 1, max(0, k0-1)*u.BK0+max(0, k1-1)*u.BK1+columns, 0)
		u.B = b.Data
		c := kerneltest.NewGuarded(&s, 2*m, width, width+s.Below(20))
		u.C = c.Data
		first, by := s.Below(m+1), 1
		if s.Below(2) == 0 { // rows of C from the last on
			first, by = 2*m-1, -1
		}
		for i := range m {
			u.CRow[i] = (first + i*by) * c.Stride
		}
		if s.Below(2) == 0 {
			u.Start = make([]float32, width)
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
		naive(&v, width, fma)
		u.RunEdge(kernel.Active, width)
		kerneltest.RequireSame(t, fmt.Sprintf("m %d, k0 %d, k1 %d, %d columns", m, k0, k1, width), kerneltest.GridOf(c.Data, 1, len(c.Data)), want)
		c.Intact(t)
	}
}

// BenchmarkEdge is a tile of fewer columns than a panel has.
func BenchmarkEdge(b *testing.B) {
	const k = 256
	_, nr := kernel.Active.Shape()
	for _, width := range []int{6, 8, 12} {
		b.Run(fmt.Sprintf("%d", width), func(b *testing.B) {
			m := kernel.Active.EdgeRows(width, kernel.Plain)
			c := kerneltest.Random(m*width, 1)
			t := kernel.Tile{C: c, A: kerneltest.Random(m*k, 2), AK0: 1,
				B: kerneltest.Random(k*nr, 3), BK0: nr, K0: k, K1: 1, Rows: m}
			t.EvenRows(k, width)
			kerneltest.Measure(b, 2*m*width*k, func() { t.RunEdge(kernel.Active, width) })
		})
	}
}
