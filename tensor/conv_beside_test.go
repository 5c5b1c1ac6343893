package tensor

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// besideShapes have few channels on either side.
var besideShapes = []ConvShape{
	{InH: 9, InW: 12, Cin: 1, Cout: 6, KH: 5, KW: 5, PadH: 2, PadW: 2},
	{InH: 7, InW: 8, Cin: 3, Cout: 1, KH: 3, KW: 5, PadH: 1, PadW: 4},
	{InH: 8, InW: 7, Cin: 4, Cout: 4, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1},
	{InH: 9, InW: 9, Cin: 6, Cout: 5, KH: 4, KW: 3, StrideH: 1, StrideW: 3, DilationH: 2},
	{InH: 8, InW: 2, Cin: 2, Cout: 3, KH: 9, KW: 1, PadH: 4, PadW: 3},
}

// Convolutions to few channels have the definition's bits with any number of images side by side, whole blocks and
// parts of one, shared out in the middle of a block.
func TestConvBeside(t *testing.T) {
	pools := []*Pool{nil, NewPool(3), NewPool(7)}
	defer pools[1].Close()
	defer pools[2].Close()
	eachTier(t, func(t *testing.T) {
		for i, shape := range kerneltest.Some(besideShapes) {
			for _, n := range []int{8, 16, 21, 35} {
				s := source{Seed: uint32(n)}
				c, x, dy, w := newConvTest(t, shape, n, uint32(i))
				if n == 21 {
					spread(&s, x.Data)
					spread(&s, dy.Data)
				}
				for _, p := range pools {
					checkBeside(t, p, &s, c, x, dy, w)
				}
			}
		}
	})
}

func checkBeside(t *testing.T, p *Pool, s *source, c *Conv, x, dy Matrix, w []float32) {
	var forward, backward ConvPanels
	forward.Pack(p, c, w)
	backward.PackBackward(p, c, w)
	bias := make([]float32, c.Cout)
	s.Fill(bias)
	y, want := newGuarded(s, dy.Rows, dy.Cols, dy.Cols), NewMatrix(dy.Rows, dy.Cols)
	naiveConv(c, want, x, w, bias)
	Rectify(want.Data, want.Data, ReLU)
	p.Conv(y.Matrix, x, &forward, bias, ReLU)
	requireSame(t, "forward "+c.String(), y.Matrix, want)
	y.intact(t)

	dx := newGuarded(s, x.Rows, x.Cols, x.Cols)
	want = copyOf(dx.Matrix)
	naiveConvBackData(c, want, dy, w)
	p.ConvBackData(dx.Matrix, dy, &backward)
	requireSame(t, "backward "+c.String(), dx.Matrix, want)
	want.set(nil)
	naiveConvBackData(c, want, dy, w)
	p.ConvBackDataSet(dx.Matrix, dy, &backward)
	requireSame(t, "set, "+c.String(), dx.Matrix, want)
	dx.intact(t)
}

// Maxima of a convolution have the bits of those that are formed of its outputs afterwards, and so has each one's tap.
func TestConvMaxPool(t *testing.T) {
	pools := []*Pool{nil, NewPool(3)}
	defer pools[1].Close()
	eachTier(t, func(t *testing.T) {
		for i, shape := range []ConvShape{
			{InH: 8, InW: 12, Cin: 1, Cout: 6, KH: 5, KW: 5, PadH: 2, PadW: 2},
			{InH: 6, InW: 9, Cin: 3, Cout: 1, KH: 3, KW: 3, PadH: 1, PadW: 1},
			{InH: 6, InW: 9, Cin: 3, Cout: 8, KH: 3, KW: 3, PadH: 1, PadW: 1},
		} {
			for n := range 36 {
				s := source{Seed: uint32(n)}
				c, x, dy, w := newConvTest(t, shape, n, uint32(i))
				if n%5 == 0 {
					spread(&s, x.Data)
				}
				var panels ConvPanels
				panels.Pack(nil, c, w)
				bias := make([]float32, c.Cout)
				s.Fill(bias)
				pooling, err := NewPooling(PoolShape{InH: c.OutH, InW: c.OutW, KH: 2, KW: 2 + i})
				if err != nil {
					t.Fatal(err)
				}
				rows := n * pooling.OutH * pooling.OutW
				y, at := newGuarded(&s, rows, c.Cout, c.Cout+n%2), newGuarded(&s, rows, c.Cout, c.Cout)
				want, taps := NewMatrix(rows, c.Cout), NewMatrix(rows, c.Cout)
				z := NewMatrix(dy.Rows, dy.Cols)
				p := pools[n%2]
				p.Conv(z, x, &panels, bias, Identity)
				p.MaxPool(want, taps, z, pooling)
				Fill(z.Data, 77)
				p.ConvMaxPool(y.Matrix, at.Matrix, z, x, &panels, bias, pooling)
				requireSame(t, c.String(), y.Matrix, want)
				requireSame(t, "taps, "+c.String(), at.Matrix, taps)
				y.intact(t)
				at.intact(t)
			}
		}
	})
}
