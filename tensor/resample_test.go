package tensor

import (
	"fmt"
	"math"
	"testing"
)

// eachResizing runs f for all tiers and a few pools, with ragged numbers of channels and images.
func eachResizing(t *testing.T, f func(t *testing.T, p *Pool, r *source, n, cols int)) {
	pools := []*Pool{nil, NewPool(2), NewPool(3)}
	defer pools[1].Close()
	defer pools[2].Close()
	eachTier(t, func(t *testing.T) {
		for round := range 12 {
			r := source{Seed: uint32(round)}
			f(t, pools[round%3], &r, r.Below(4), []int{1, 5, 8, 33, 40, 72}[round%6])
		}
	})
}

// gapped is a guarded matrix with gaps between its rows now and then.
func gapped(r *source, rows, cols int) guarded {
	return newGuarded(r, rows, cols, cols+r.Below(2)*r.Below(3))
}

func TestResampleAgainstDefinition(t *testing.T) {
	shapes := []struct{ down, across Stencil }{
		{NearestStencil(3, 5, 0), NearestStencil(4, 2, 0)},
		{BilinearStencil(3, 7, 0, false), BilinearStencil(5, 4, 0, true)},
		{BicubicStencil(4, 9, 0, true), BicubicStencil(5, 3, 1.5, false)},
		{MeanStencil(5, 3), MeanStencil(1, 2)},
		{BilinearStencil(6, 3, 0, false), BilinearStencil(8, 4, 0, false)},
	}
	eachResizing(t, func(t *testing.T, p *Pool, r *source, n, cols int) {
		for i, shape := range shapes {
			s, err := NewResampling(shape.down, shape.across)
			if err != nil {
				t.Fatal(err)
			}
			x, y := gapped(r, n*s.InH*s.InW, cols), gapped(r, n*s.OutH*s.OutW, cols)
			what := fmt.Sprintf("map %d, %d images of %d", i, n, cols)
			want := copyOf(y.Matrix)
			naiveResample(&shape.down, &shape.across, want, x.Matrix, false)
			p.Resample(y.Matrix, x.Matrix, s)
			requireSame(t, what, y.Matrix, want)
			down, across := shape.down.transposed(), shape.across.transposed()
			for _, set := range []bool{false, true} {
				want := copyOf(x.Matrix)
				naiveResample(&down, &across, want, y.Matrix, !set)
				p.ResampleBack(x.Matrix, y.Matrix, s, set)
				requireSame(t, what+", gradient", x.Matrix, want)
			}
			x.intact(t)
			y.intact(t)
		}
	})
}

// naiveResample is Resample by the order that it promises.
func naiveResample(down, across *Stencil, y, x Matrix, add bool) {
	chain := func(first int, weights []float32, at func(i int) float32) (sum float32) {
		for i, w := range weights {
			if p := float32(w * at(first+i)); i == 0 {
				sum = p
			} else {
				sum += p
			}
		}
		return sum
	}
	height, width := len(down.First), len(across.First)
	for row := range y.Rows {
		img, oy, ox := row/(height*width), row/width%height, row%width
		for j := range y.Cols {
			v := chain(across.First[ox], across.Weights[ox], func(ix int) float32 {
				return chain(down.First[oy], down.Weights[oy], func(iy int) float32 { return x.Row((img*down.In+iy)*across.In + ix)[j] })
			})
			if add {
				v += y.Row(row)[j]
			}
			y.Row(row)[j] = v
		}
	}
}

func TestBinsAgainstDefinition(t *testing.T) {
	eachResizing(t, func(t *testing.T, p *Pool, r *source, n, cols int) {
		for _, shape := range []Bins{{5, 4, 3, 2}, {7, 7, 1, 1}, {2, 3, 5, 4}} {
			b, err := NewBins(shape)
			if err != nil {
				t.Fatal(err)
			}
			x, y, at := gapped(r, n*b.InH*b.InW, cols), gapped(r, n*b.OutH*b.OutW, cols), gapped(r, n*b.OutH*b.OutW, cols)
			for i := range x.Rows {
				for j, v := range x.Row(i) { // ties
					x.Row(i)[j] = float32(math.Round(float64(3*v)) + 10) // no -0, which adding zero changes
				}
			}
			if n > 0 {
				x.Row(r.Below(x.Rows))[r.Below(cols)] = float32(math.NaN())
			}
			best, pixels, sums, set := copyOf(y.Matrix), copyOf(y.Matrix), copyOf(x.Matrix), NewMatrix(x.Rows, cols)
			dy := gapped(r, y.Rows, cols)
			for row := range y.Rows {
				img, oy, ox := row/(b.OutH*b.OutW), row/b.OutW%b.OutH, row%b.OutW
				for j := range cols {
					first, place := true, 0
					var v float32
					for iy := oy * b.InH / b.OutH; iy*b.OutH < (oy+1)*b.InH; iy++ {
						for ix := ox * b.InW / b.OutW; ix*b.OutW < (ox+1)*b.InW; ix++ {
							if got := x.Row((img*b.InH+iy)*b.InW + ix)[j]; first || v == v && !(got <= v) {
								v, place, first = got, iy*b.InW+ix, false
							}
						}
					}
					best.Row(row)[j], pixels.Row(row)[j] = v, float32(place)
					sums.Row(img*b.InH*b.InW + place)[j] += dy.Row(row)[j]
					set.Row(img*b.InH*b.InW + place)[j] += dy.Row(row)[j]
				}
			}
			p.MaxBins(y.Matrix, at.Matrix, x.Matrix, b)
			requireSame(t, "maximum", y.Matrix, best)
			requireSame(t, "pixel", at.Matrix, pixels)
			p.MaxBinsBack(x.Matrix, dy.Matrix, at.Matrix, b, false)
			requireSame(t, "gradient", x.Matrix, sums)
			p.MaxBinsBack(x.Matrix, dy.Matrix, at.Matrix, b, true)
			requireSame(t, "gradient, set", x.Matrix, set)
			for _, m := range []*guarded{&x, &y, &at} {
				m.intact(t)
			}
		}
	})
}

func TestUnpoolAgainstDefinition(t *testing.T) {
	eachResizing(t, func(t *testing.T, p *Pool, r *source, n, cols int) {
		for _, shape := range []PoolShape{
			{InH: 5, InW: 6, KH: 2, KW: 2}, {InH: 5, InW: 4, KH: 3, KW: 3, StrideH: 2, StrideW: 1, PadH: 1, PadW: 1},
			{InH: 6, InW: 5, KH: 2, KW: 2, StrideH: 1, StrideW: 1, DilationH: 2, DilationW: 3, PadH: 1},
		} {
			s, err := NewPooling(shape)
			if err != nil {
				t.Fatal(err)
			}
			in, at := gapped(r, n*s.InH*s.InW, cols), gapped(r, n*s.OutH*s.OutW, cols)
			x := gapped(r, at.Rows, cols)
			p.MaxPool(x.Matrix, at.Matrix, in.Matrix, s)
			for row := range x.Rows {
				r.Fill(x.Row(row))
			}
			want := NewMatrix(in.Rows, cols)
			pixel := func(m Matrix, row, j int) *float32 {
				img, o, tap := row/(s.OutH*s.OutW), row%(s.OutH*s.OutW), int(at.Row(row)[j])
				iy := o/s.OutW*s.StrideH - s.PadH + tap/s.KW*s.DilationH
				ix := o%s.OutW*s.StrideW - s.PadW + tap%s.KW*s.DilationW
				return &m.Row((img*s.InH+iy)*s.InW + ix)[j]
			}
			for row := range x.Rows {
				for j, v := range x.Row(row) {
					*pixel(want, row, j) = v
				}
			}
			p.MaxUnpool(in.Matrix, x.Matrix, at.Matrix, s)
			requireSame(t, "unpooled", in.Matrix, want)
			for _, set := range []bool{false, true} {
				want := copyOf(x.Matrix)
				for row := range x.Rows {
					for j := range cols {
						g := *pixel(in.Matrix, row, j)
						if !set {
							g += want.Row(row)[j]
						}
						want.Row(row)[j] = g
					}
				}
				p.MaxUnpoolBack(x.Matrix, in.Matrix, at.Matrix, s, set)
				requireSame(t, "gradient", x.Matrix, want)
			}
			x.intact(t)
			in.intact(t)
		}
	})
}

func TestResampleErrors(t *testing.T) {
	good := NearestStencil(3, 4, 0)
	for what, bad := range map[string]Stencil{
		"no inputs": {First: []int{0}, Weights: [][]float32{nil}}, "no outputs": {In: 3},
		"beyond": {In: 3, First: []int{2}, Weights: [][]float32{{1, 1}}}, "before": {In: 3, First: []int{-1}, Weights: [][]float32{{1}}},
		"other lengths": {In: 3, First: []int{0}},
	} {
		if _, err := NewResampling(good, bad); err == nil {
			t.Errorf("%s: accepted across", what)
		}
		if _, err := NewResampling(bad, good); err == nil {
			t.Errorf("%s: accepted down", what)
		}
	}
	for _, b := range []Bins{{0, 1, 1, 1}, {1, 1, 1, 1 << 17}, {1 << 13, 1 << 12, 1, 1}} {
		if _, err := NewBins(b); err == nil {
			t.Errorf("%+v is accepted", b)
		}
	}
}
