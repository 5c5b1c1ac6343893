package tensor

import (
	"fmt"
	"math"
	"testing"
)

// A column of tiles is tiles one below the other, wherever C's rows lie.
func TestColumnOfTiles(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		mr, nr := active.shape()
		s := source{seed: 31}
		for round := range 300 {
			m, n, k0, width := 1+round%mr, s.below(5), 1+s.below(40), nr
			if s.below(4) == 0 {
				width = 1 + s.below(nr)
			}
			stride := width + s.below(20)
			if s.below(2) == 0 {
				stride = 128 << s.below(4)
			}
			c := newGuarded(&s, m*n, width, stride)
			a, b := newGuarded(&s, 1, n*(k0*mr+5), n*(k0*mr+5)), newGuarded(&s, k0, nr, nr)
			u := tile{c: c.Data, a: a.Data, acs: mr, b: b.Data, brs: nr, k0: k0, k1: 1, m: m, hold: new(holding),
				astep: k0*mr + 5, cstep: m * stride, next: b.Data, nstep: s.below(30), pace: s.below(70)}
			u.stride(1, stride)
			if s.below(2) == 0 {
				u.start = make([]float32, nr)
				s.fill(u.start)
			}
			if round%10 == 0 && n > 0 {
				u.a[s.below(len(u.a))] = float32(math.Inf(1))
				u.b[s.below(len(u.b))] = float32(math.NaN())
			}
			want := copyOf(c.Matrix)
			for i := range n {
				v := u
				v.c, v.a = want.Data[i*m*width:], u.a[i*u.astep:]
				v.stride(1, width)
				naive(&v, width, FMA32)
			}
			u.runColumn(active, n, width)
			requireSame(t, fmt.Sprintf("%d tiles of %dx%d, k %d, C's rows %d apart", n, m, width, k0, stride), c.Matrix, want)
			c.intact(t)
			if len(u.a) != 0 || len(u.next) != max(0, len(b.Data)-n*u.nstep) {
				t.Fatalf("%d values of A and %d of what comes next are left", len(u.a), len(u.next))
			}
		}
	})
}

// Several panels' columns at once, of tiles of two heights, are those columns one by one.
func TestColumnsOfPanels(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		mr, nr := active.shape()
		s := source{seed: 33}
		for range 200 {
			n, low, k0, panels := 1+s.below(4), s.below(4), 1+s.below(20), 1+s.below(4)
			if !panelsAtOnce {
				low, panels = 0, 1
			}
			m := lowestColumn + min(low, 1)
			m += s.below(max(1, mr+1-m))
			rows, cols := n*m+low*(m-1), panels*nr
			stride := cols + s.below(20)
			if s.below(2) == 0 {
				stride = 256 << s.below(2)
			}
			c := newGuarded(&s, rows, cols, stride)
			a, b := newGuarded(&s, 1, (n+low)*(k0*mr+5), (n+low)*(k0*mr+5)), newGuarded(&s, panels*(k0+1), nr, nr)
			u := tile{c: c.Data, a: a.Data, acs: mr, b: b.Data, brs: nr, k0: k0, k1: 1, m: m, hold: new(holding),
				astep: k0*mr + 5, cstep: m * stride, nstep: s.below(30), pace: s.below(70), panels: panels, bps: (k0 + 1) * nr}
			u.stride(1, stride)
			switch s.below(3) {
			case 0:
				u.start, u.sstep = make([]float32, cols), nr
				s.fill(u.start)
			case 1:
				u.start = noBias
			}
			want := copyOf(c.Matrix)
			for i := range (n + low) * panels {
				v, tile, p := u, i%(n+low), i/(n+low)
				at := tile * m
				if v.panels = 1; tile >= n {
					at, v.m = at-(tile-n), m-1
				}
				v.c, v.a, v.b = want.Data[at*cols+p*nr:], u.a[tile*u.astep:], u.b[p*u.bps:]
				if u.start != nil {
					v.start = u.start[p*u.sstep:]
				}
				v.stride(1, cols)
				naive(&v, nr, FMA32)
			}
			if done := u.columnAtOnce(active, n, low); done != (active.columns() && mr >= lowestColumn+min(low, 1)) {
				t.Fatalf("%d and %d tiles of %d rows at once: %v", n, low, m, done)
			} else if done {
				requireSame(t, fmt.Sprintf("%d tiles of %d rows and %d lower ones, %d panels, k %d, C's rows %d apart", n, m, low, panels, k0, stride), c.Matrix, want)
			}
			c.intact(t)
		}
	})
}

func TestPackRows(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		mr, _ := active.shape()
		s := source{seed: 32}
		for round := range 200 {
			high, cols := 1+round%mr, s.below(50)
			a := newGuarded(&s, 3+high, cols, cols+s.below(9))
			dst := newGuarded(&s, 1, cols*mr+2, cols*mr+2)
			packRows(dst.Data, a.Matrix, 3, high, mr)
			for i := range high {
				for k, v := range a.Row(3 + i) {
					if got := dst.Data[k*mr+i]; got != v {
						t.Fatalf("row %d, column %d of %d is %v, want %v", i, k, cols, got, v)
					}
				}
			}
			dst.intact(t)
		}
	})
}
