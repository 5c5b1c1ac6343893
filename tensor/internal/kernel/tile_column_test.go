package kernel_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// A column of tiles is tiles one below the other, wherever C's rows lie.
func TestColumnOfTiles(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		mr, nr := kernel.Active.Shape()
		s := kerneltest.Source{Seed: 31}
		for round := range 300 {
			m, n, k0, width := 1+round%mr, s.Below(5), 1+s.Below(40), nr
			if s.Below(4) == 0 {
				width = 1 + s.Below(nr)
			}
			stride := width + s.Below(20)
			if s.Below(2) == 0 {
				stride = 128 << s.Below(4)
			}
			c := kerneltest.NewGuarded(&s, m*n, width, stride)
			a, b := kerneltest.NewGuarded(&s, 1, n*(k0*mr+5), n*(k0*mr+5)), kerneltest.NewGuarded(&s, k0, nr, nr)
			u := kernel.Tile{C: c.Data, A: a.Data, AK0: mr, B: b.Data, BK0: nr, K0: k0, K1: 1, Rows: m, Held: new(kernel.HeldTile),
				ADown: k0*mr + 5, CDown: m * stride, Next: b.Data, NextDown: s.Below(30), Pace: s.Below(70)}
			u.EvenRows(1, stride)
			if s.Below(2) == 0 {
				u.Start = make([]float32, nr)
				s.Fill(u.Start)
			}
			if round%10 == 0 && n > 0 {
				u.A[s.Below(len(u.A))] = float32(math.Inf(1))
				u.B[s.Below(len(u.B))] = float32(math.NaN())
			}
			want := c.Copy()
			for i := range n {
				v := u
				v.C, v.A = want.Data[i*m*width:], u.A[i*u.ADown:]
				v.EvenRows(1, width)
				naive(&v, width, kernel.FMA32)
			}
			u.RunColumn(kernel.Active, n, width)
			kerneltest.RequireSame(t, fmt.Sprintf("%d tiles of %dx%d, k %d, C's rows %d apart", n, m, width, k0, stride), c.Grid, want)
			c.Intact(t)
			if len(u.A) != 0 || len(u.Next) != max(0, len(b.Data)-n*u.NextDown) {
				t.Fatalf("%d values of A and %d of what comes next are left", len(u.A), len(u.Next))
			}
		}
	})
}

// Several panels' columns at once, of tiles of two heights, are those columns one by one.
func TestColumnsOfPanels(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		mr, nr := kernel.Active.Shape()
		s := kerneltest.Source{Seed: 33}
		for range 200 {
			n, low, k0, panels := 1+s.Below(4), s.Below(4), 1+s.Below(20), 1+s.Below(4)
			if !kernel.ColumnsAtOnce {
				low, panels = 0, 1
			}
			m := kernel.LeastColumnRows + min(low, 1)
			m += s.Below(max(1, mr+1-m))
			rows, cols := n*m+low*(m-1), panels*nr
			stride := cols + s.Below(20)
			if s.Below(2) == 0 {
				stride = 256 << s.Below(2)
			}
			c := kerneltest.NewGuarded(&s, rows, cols, stride)
			a, b := kerneltest.NewGuarded(&s, 1, (n+low)*(k0*mr+5), (n+low)*(k0*mr+5)), kerneltest.NewGuarded(&s, panels*(k0+1), nr, nr)
			u := kernel.Tile{C: c.Data, A: a.Data, AK0: mr, B: b.Data, BK0: nr, K0: k0, K1: 1, Rows: m, Held: new(kernel.HeldTile),
				ADown: k0*mr + 5, CDown: m * stride, NextDown: s.Below(30), Pace: s.Below(70), Panels: panels, BPanel: (k0 + 1) * nr}
			u.EvenRows(1, stride)
			switch s.Below(3) {
			case 0:
				u.Start, u.StartPanel = make([]float32, cols), nr
				s.Fill(u.Start)
			case 1:
				u.Start = make([]float32, nr)
			}
			want := c.Copy()
			for i := range (n + low) * panels {
				v, tile, p := u, i%(n+low), i/(n+low)
				at := tile * m
				if v.Panels = 1; tile >= n {
					at, v.Rows = at-(tile-n), m-1
				}
				v.C, v.A, v.B = want.Data[at*cols+p*nr:], u.A[tile*u.ADown:], u.B[p*u.BPanel:]
				if u.Start != nil {
					v.Start = u.Start[p*u.StartPanel:]
				}
				v.EvenRows(1, cols)
				naive(&v, nr, kernel.FMA32)
			}
			if done := u.TryColumns(kernel.Active, n, low); done != (kernel.Active.HasColumns() && mr >= kernel.LeastColumnRows+min(low, 1)) {
				t.Fatalf("%d and %d tiles of %d rows at once: %v", n, low, m, done)
			} else if done {
				kerneltest.RequireSame(t, fmt.Sprintf("%d tiles of %d rows and %d lower ones, %d panels, k %d, C's rows %d apart", n, m, low, panels, k0, stride), c.Grid, want)
			}
			c.Intact(t)
		}
	})
}

func TestPackRows(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		mr, _ := kernel.Active.Shape()
		s := kerneltest.Source{Seed: 32}
		for round := range 200 {
			high, cols := 1+round%mr, s.Below(50)
			a := kerneltest.NewGuarded(&s, 3+high, cols, cols+s.Below(9))
			dst := kerneltest.NewGuarded(&s, 1, cols*mr+2, cols*mr+2)
			kernel.PackRows(dst.Data, a.Data[3*a.Stride:], a.Stride, high, mr, cols)
			for i := range high {
				for k, v := range a.Row(3 + i) {
					if got := dst.Data[k*mr+i]; got != v {
						t.Fatalf("row %d, column %d of %d is %v, want %v", i, k, cols, got, v)
					}
				}
			}
			dst.Intact(t)
		}
	})
}
