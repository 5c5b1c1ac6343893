package tensor

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// tapped calls f for every output of every image and channel with the inputs of its window, nil beside the
// image.
func tapped(s *Pooling, y, x Matrix, f func(y *float32, row, j int, taps []*float32)) {
	taps := make([]*float32, s.KH*s.KW)
	for row := range y.Rows {
		img, oy, ox := row/(s.OutH*s.OutW), row/s.OutW%s.OutH, row%s.OutW
		for j := range y.Cols {
			for t := range taps {
				iy, ix := oy*s.StrideH-s.PadH+t/s.KW*s.DilationH, ox*s.StrideW-s.PadW+t%s.KW*s.DilationW
				taps[t] = nil
				if iy >= 0 && iy < s.InH && ix >= 0 && ix < s.InW {
					taps[t] = &x.Row((img*s.InH+iy)*s.InW + ix)[j]
				}
			}
			f(&y.Row(row)[j], row, j, taps)
		}
	}
}

func TestPoolingAgainstDefinition(t *testing.T) {
	pools := []*Pool{nil, NewPool(2), NewPool(3)}
	defer pools[1].Close()
	defer pools[2].Close()
	shapes := []PoolShape{
		{InH: 4, InW: 6, KH: 2, KW: 2},
		{InH: 7, InW: 5, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1},
		{InH: 7, InW: 8, KH: 3, KW: 2, StrideH: 1, StrideW: 3, PadH: 1, PadW: 1},
		{InH: 3, InW: 3, KH: 3, KW: 3},
		{InH: 1, InW: 1, KH: 1, KW: 1},
		{InH: 8, InW: 5, KH: 3, KW: 3, StrideH: 2, StrideW: 2, Ceil: true},
		{InH: 7, InW: 5, KH: 2, KW: 2, Ceil: true},
		{InH: 1, InW: 4, KH: 2, KW: 3, StrideH: 3, StrideW: 2, Ceil: true},
		{InH: 6, InW: 2, KH: 2, KW: 3, StrideH: 3, StrideW: 2, MoreW: 1, Ceil: true},
		{InH: 6, InW: 7, KH: 3, KW: 3, StrideH: 3, StrideW: 2, PadH: 1, PadW: 1, Ceil: true},
		{InH: 8, InW: 7, KH: 3, KW: 2, StrideH: 2, StrideW: 2, Same: true},
		{InH: 4, InW: 5, KH: 2, KW: 4, StrideH: 1, StrideW: 1, Same: true},
		{InH: 9, InW: 8, KH: 3, KW: 2, StrideH: 2, StrideW: 1, PadH: 2, PadW: 1, DilationH: 2, DilationW: 3},
		{InH: 7, InW: 7, KH: 2, KW: 2, StrideH: 2, StrideW: 2, DilationH: 3, Ceil: true},
		{InH: 6, InW: 5, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1, MoreH: -1, MoreW: 1},
	}
	eachTier(t, func(t *testing.T) {
		for i, shape := range shapes {
			s, err := NewPooling(shape)
			if err != nil {
				t.Fatal(err)
			}
			for round := range 24 {
				r := source{Seed: uint32(100*i + round)}
				cols := []int{1, 5, 8, 33, 6, 7, 2, 40}[round%8]
				checkPooling(t, pools[round%3], &r, s, r.Below(4), cols, round)
			}
		}
	})
}

func checkPooling(t *testing.T, p *Pool, r *source, s *Pooling, n, cols, round int) {
	x, dx := newGuarded(r, n*s.InH*s.InW, cols, cols+r.Below(2)*r.Below(3)), newGuarded(r, n*s.InH*s.InW, cols, cols+r.Below(2)*r.Below(3))
	y, at := newGuarded(r, n*s.OutH*s.OutW, cols, cols+r.Below(2)*r.Below(3)), newGuarded(r, n*s.OutH*s.OutW, cols, cols+r.Below(2)*r.Below(3))
	for i, v := range x.all() { // ties
		if v != kerneltest.GuardValue {
			x.all()[i] = float32(math.Round(float64(4 * v)))
		}
	}
	if round%3 == 0 && n > 0 {
		x.Row(r.Below(x.Rows))[r.Below(cols)] = float32(math.NaN())
		x.Row(r.Below(x.Rows))[r.Below(cols)] = float32(math.Inf(-1))
	}
	what := fmt.Sprintf("%+v, %d images of %d", s.PoolShape, n, cols)
	best, taps := copyOf(y.Matrix), copyOf(y.Matrix)
	tapped(s, best, x.Matrix, func(y *float32, row, j int, in []*float32) {
		first := true
		for tap, v := range in {
			if v != nil && (first || *y == *y && (*v > *y || *v != *v)) {
				*y, taps.Row(row)[j], first = *v, float32(tap), false
			}
		}
	})
	p.MaxPool(y.Matrix, at.Matrix, x.Matrix, s)
	requireSame(t, "maximum, "+what, y.Matrix, best)
	requireSame(t, "tap, "+what, at.Matrix, taps)

	dy, want := newGuarded(r, y.Rows, cols, cols), copyOf(dx.Matrix)
	tapped(s, dy.Matrix, want, func(g *float32, row, j int, in []*float32) {
		for tap, to := range in {
			if to != nil && taps.Row(row)[j] == float32(tap) {
				*to += *g
			}
		}
	})
	p.MaxPoolBack(dx.Matrix, dy.Matrix, at.Matrix, s)
	requireSame(t, "gradient of the maximum, "+what, dx.Matrix, want)
	want.set(nil)
	tapped(s, dy.Matrix, want, func(g *float32, row, j int, in []*float32) {
		for tap, to := range in {
			if to != nil && taps.Row(row)[j] == float32(tap) {
				*to += *g
			}
		}
	})
	p.MaxPoolBackSet(dx.Matrix, dy.Matrix, at.Matrix, s)
	requireSame(t, "gradient of the maximum, set, "+what, dx.Matrix, want)

	countPad := round%2 == 0
	shares := func(row int, in []*float32) float32 {
		count := 0
		for tap, v := range in {
			iy := row/s.OutW%s.OutH*s.StrideH + tap/s.KW*s.DilationH - 2*s.PadH - s.MoreH
			ix := row%s.OutW*s.StrideW + tap%s.KW*s.DilationW - 2*s.PadW - s.MoreW
			if v != nil || countPad && iy < s.InH && ix < s.InW { // rounded up, a window may reach beyond the padding
				count++
			}
		}
		return 1 / float32(count)
	}
	tapped(s, best, x.Matrix, func(y *float32, row, _ int, in []*float32) {
		first := true
		for _, v := range in {
			switch {
			case v != nil && first:
				*y, first = *v, false
			case v != nil:
				*y += *v
			}
		}
		*y *= shares(row, in)
	})
	p.AvgPool(y.Matrix, x.Matrix, s, countPad)
	requireSame(t, "mean, "+what, y.Matrix, best)
	tapped(s, dy.Matrix, want, func(g *float32, row, _ int, in []*float32) {
		for _, to := range in {
			if to != nil {
				*to += float32(shares(row, in) * *g)
			}
		}
	})
	p.AvgPoolBack(dx.Matrix, dy.Matrix, s, countPad)
	requireSame(t, "gradient of the mean, "+what, dx.Matrix, want)
	want.set(nil)
	tapped(s, dy.Matrix, want, func(g *float32, row, _ int, in []*float32) {
		for _, to := range in {
			if to != nil {
				*to += float32(shares(row, in) * *g)
			}
		}
	})
	p.AvgPoolBackSet(dx.Matrix, dy.Matrix, s, countPad)
	requireSame(t, "gradient of the mean, set, "+what, dx.Matrix, want)
	for _, m := range []*guarded{&x, &dx, &y, &at} {
		m.intact(t)
	}
}

func TestPoolingErrors(t *testing.T) {
	for _, s := range []PoolShape{
		{InH: 4, InW: 4, KH: 2, KW: 2, PadH: 2}, {InH: 4, InW: 4, KH: 5, KW: 2}, {InH: 1, InW: 4, KH: 4, KW: 2, StrideH: 3, Ceil: true},
		{InH: 0, InW: 4, KH: 1, KW: 1},
		{InH: 4, InW: 4, KH: 2, KW: 2, StrideH: -1}, {InH: 4, InW: 4}, {InH: 4, InW: 4, KH: 2, KW: 2, MoreW: 4},
		{InH: 1, InW: 4, KH: 2, KW: 1, PadH: 2, DilationH: 3}, {InH: 4, InW: 4, KH: 3, KW: 3, PadH: 1, Same: true},
	} {
		if p, err := NewPooling(s); err == nil {
			t.Errorf("%+v is accepted: %+v", s, p)
		}
	}
}

func TestRectify(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		s := source{Seed: 33}
		x, y, dx, dy := make([]float32, 37), make([]float32, 37), make([]float32, 37), make([]float32, 37)
		for r := Identity; r <= ReLU6; r++ {
			s.Fill(x)
			s.Fill(dx)
			s.Fill(dy)
			Scale(x, x, 20)
			copy(x, []float32{0, float32(math.Copysign(0, -1)), 6, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))})
			Rectify(y, x, r)
			want := append([]float32(nil), dx...)
			RectifyBack(dx, dy, y, r)
			for i, v := range x {
				g := dy[i]
				if r != Identity && v < 0 {
					v = 0
				}
				if r == ReLU6 && v > 6 {
					v = 6
				}
				if r != Identity && v <= 0 || r == ReLU6 && v >= 6 {
					g = 0
				}
				if !kerneltest.SameBits(y[i], v) || !kerneltest.SameBits(dx[i], want[i]+g) {
					t.Errorf("rectifier %d of %v is %v, its gradient %v on %v to %v", r, x[i], y[i], dy[i], want[i], dx[i])
				}
			}
		}
	})
}
