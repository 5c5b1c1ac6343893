package tensor

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// guardedOf is a guarded copy of m, with gaps between rows now and then.
func guardedOf(s *source, m Matrix) guarded {
	g := newGuarded(s, m.Rows, m.Cols, m.Cols+s.Below(2)*s.Below(5))
	for i := range m.Rows {
		copy(g.Row(i), m.Row(i))
	}
	return g
}

// spread puts a NaN and an infinity somewhere into x.
func spread(s *source, x []float32) {
	if len(x) > 0 {
		x[s.Below(len(x))] = float32(math.Inf(1))
		x[s.Below(len(x))] = float32(math.NaN())
	}
}

// eachConv runs f for every shape, tier and a few pools and numbers of images; some operands hold what is not
// finite.
func eachConv(t *testing.T, f func(t *testing.T, p *Pool, s *source, c *Conv, x, dy Matrix, w []float32)) {
	pools := []*Pool{nil, NewPool(2), NewPool(3)}
	defer pools[1].Close()
	defer pools[2].Close()
	shared := pools
	if testing.Short() {
		shared = pools[2:]
	}
	eachTier(t, func(t *testing.T) {
		for i, shape := range kerneltest.Some(slices.Concat(convShapes, unevenShapes, groupedShapes)) {
			for n := range 4 {
				c, x, dy, w := newConvTest(t, shape, n*n, uint32(i))
				s := source{Seed: uint32(100*i + n)}
				if n == 2 {
					spread(&s, x.Data)
					spread(&s, dy.Data)
					spread(&s, w)
				}
				for _, p := range shared {
					f(t, p, &s, c, x, dy, w)
				}
			}
		}
	})
}

func TestConvAgainstDefinition(t *testing.T) {
	eachConv(t, func(t *testing.T, p *Pool, s *source, c *Conv, x, dy Matrix, w []float32) {
		var panels ConvPanels
		panels.Pack(p, c, w)
		in, out := guardedOf(s, x), guardedOf(s, dy)
		var bias []float32
		if s.Below(2) == 0 {
			bias = make([]float32, c.Cout)
			s.Fill(bias)
		}
		r := Rectifier(s.Below(3))
		want := NewMatrix(dy.Rows, dy.Cols)
		naiveConv(c, want, x, w, bias)
		for i, v := range want.Data {
			want.Data[i] = r.of(v)
		}
		p.Conv(out.Matrix, in.Matrix, &panels, bias, r)
		requireSame(t, c.String(), out.Matrix, want)
		out.intact(t)
	})
}

func TestConvBackDataAgainstDefinition(t *testing.T) {
	eachConv(t, func(t *testing.T, p *Pool, s *source, c *Conv, x, dy Matrix, w []float32) {
		var panels ConvPanels
		panels.PackBackward(p, c, w)
		in, out := guardedOf(s, dy), guardedOf(s, x)
		want := copyOf(x)
		naiveConvBackData(c, want, dy, w)
		p.ConvBackData(out.Matrix, in.Matrix, &panels)
		requireSame(t, c.String(), out.Matrix, want)
		out.intact(t)
		want.set(nil)
		naiveConvBackData(c, want, dy, w)
		p.ConvBackDataSet(out.Matrix, in.Matrix, &panels)
		requireSame(t, "set, "+c.String(), out.Matrix, want)
		out.intact(t)
	})
}

func TestConvBackWeightsAgainstDefinition(t *testing.T) {
	eachConv(t, func(t *testing.T, p *Pool, s *source, c *Conv, x, dy Matrix, w []float32) {
		in, out := guardedOf(s, x), guardedOf(s, dy)
		got := newGuarded(s, 1, len(w), len(w))
		want := copyOf(got.Matrix)
		naiveConvBackWeights(c, want.Data, x, dy)
		p.ConvBackWeights(got.Data, c, in.Matrix, out.Matrix)
		requireSame(t, c.String(), got.Matrix, want)
		got.intact(t)
		clear(want.Data)
		naiveConvBackWeights(c, want.Data, x, dy)
		p.ConvBackWeightsSet(got.Data, c, in.Matrix, out.Matrix)
		for i, v := range got.Data { // a sum of -0 is set, but lost when it is added
			got.Data[i] = v + 0
		}
		requireSame(t, "set, "+c.String(), got.Matrix, want)
		got.intact(t)

		set, bias, sums := copyOf(got.Matrix), newGuarded(s, 1, c.Cout, c.Cout), NewMatrix(1, c.Cout)
		p.ConvBackWeightsBias(got.Data, bias.Data, c, in.Matrix, out.Matrix)
		requireSame(t, "with bias, "+c.String(), got.Matrix, set)
		for i := range dy.Rows {
			Add(sums.Data, sums.Data, dy.Row(i))
		}
		requireSame(t, "bias, "+c.String(), bias.Matrix, sums)
		bias.intact(t)
	})
}

// Blocks of weights larger than the budget, and shares by panels.
func TestConvLarge(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	eachTier(t, func(t *testing.T) {
		for i, shape := range kerneltest.Some([]ConvShape{
			{InH: 3, InW: 4, Cin: 300, Cout: 290, KH: 3, KW: 3, PadH: 1, PadW: 1},
			{InH: 3, InW: 4, Cin: 110, Cout: 530, KH: 3, KW: 3, PadH: 2, PadW: 2, DilationH: 2, DilationW: 2},
			{InH: 9, InW: 9, Cin: 600, Cout: 40, KH: 1, KW: 1},
		}) {
			if kernel.Active == kernel.Go && i > 0 {
				continue // slow, and the same for all tiers
			}
			c, x, dy, w := newConvTest(t, shape, 2, uint32(i))
			var fwd, bwd ConvPanels
			fwd.Pack(p, c, w)
			bwd.PackBackward(p, c, w)
			y, want := NewMatrix(dy.Rows, dy.Cols), NewMatrix(dy.Rows, dy.Cols)
			p.Conv(y, x, &fwd, nil, Identity)
			naiveConv(c, want, x, w, nil)
			requireSame(t, "forward "+c.String(), y, want)
			dx, want := NewMatrix(x.Rows, x.Cols), NewMatrix(x.Rows, x.Cols)
			p.ConvBackData(dx, dy, &bwd)
			naiveConvBackData(c, want, dy, w)
			requireSame(t, "backward "+c.String(), dx, want)
		}
	})
}

// Several groups of images, the last one not whole, and several bands of rows.
func TestConvBackWeightsGroups(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	eachTier(t, func(t *testing.T) {
		for i, shape := range []ConvShape{
			{InH: 8, InW: 7, Cin: 17, Cout: 13, KH: 3, KW: 3, PadH: 1, PadW: 1},
			{InH: 15, InW: 16, Cin: 16, Cout: 8, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1},
			{InH: 36, InW: 31, Cin: 3, Cout: 7, KH: 5, KW: 7, StrideH: 1, StrideW: 2, PadH: 2, PadW: 3},
			{InH: 34, InW: 33, Cin: 18, Cout: 5, KH: 3, KW: 3, PadH: 1, PadW: 1},
		} {
			c, x, dy, w := newConvTest(t, shape, 41/(1+i*i), uint32(i))
			got, want := NewMatrix(1, len(w)), NewMatrix(1, len(w))
			p.ConvBackWeights(got.Data, c, x, dy)
			naiveConvBackWeights(c, want.Data, x, dy)
			requireSame(t, c.String(), got, want)
		}
	})
}
