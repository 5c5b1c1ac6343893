package tensor

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// convShapes are small and ragged: odd channels, strides, padding beyond need, dilation, groups, maps of one
// pixel.
var convShapes = []ConvShape{
	{InH: 5, InW: 7, Cin: 3, Cout: 5, KH: 3, KW: 3, PadH: 1, PadW: 1},
	{InH: 6, InW: 5, Cin: 17, Cout: 33, KH: 3, KW: 3, PadH: 1, PadW: 1},
	{InH: 9, InW: 8, Cin: 5, Cout: 17, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1},
	{InH: 11, InW: 13, Cin: 1, Cout: 6, KH: 5, KW: 5},
	{InH: 11, InW: 10, Cin: 3, Cout: 8, KH: 7, KW: 7, StrideH: 2, StrideW: 2, PadH: 3, PadW: 3},
	{InH: 7, InW: 7, Cin: 33, Cout: 17, KH: 1, KW: 1},
	{InH: 13, InW: 12, Cin: 32, Cout: 21, KH: 1, KW: 1},
	{InH: 7, InW: 6, Cin: 17, Cout: 20, KH: 1, KW: 1, StrideH: 2, StrideW: 2},
	{InH: 4, InW: 5, Cin: 3, Cout: 3, KH: 1, KW: 1, PadH: 1, PadW: 2},
	{InH: 10, InW: 9, Cin: 5, Cout: 3, KH: 3, KW: 2, StrideH: 3, StrideW: 3, PadH: 2, PadW: 4},
	{InH: 9, InW: 11, Cin: 4, Cout: 18, KH: 3, KW: 3, PadH: 2, PadW: 2, DilationH: 2, DilationW: 2},
	{InH: 9, InW: 12, Cin: 17, Cout: 5, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 3, PadW: 2, DilationH: 2, DilationW: 3},
	{InH: 8, InW: 8, Cin: 6, Cout: 9, KH: 3, KW: 3, StrideH: 3, PadH: 1, PadW: 1, DilationW: 2, Groups: 3},
	{InH: 5, InW: 6, Cin: 34, Cout: 40, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 2},
	{InH: 1, InW: 1, Cin: 20, Cout: 7, KH: 3, KW: 3, PadH: 1, PadW: 1},
	{InH: 2, InW: 2, Cin: 17, Cout: 17, KH: 3, KW: 3, PadH: 1, PadW: 1},
	{InH: 1, InW: 1, Cin: 5, Cout: 5, KH: 1, KW: 1},
	{InH: 6, InW: 7, Cin: 17, Cout: 17, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 17},
	{InH: 9, InW: 9, Cin: 8, Cout: 8, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1, Groups: 8},
	{InH: 8, InW: 7, Cin: 5, Cout: 5, KH: 5, KW: 5, StrideH: 2, StrideW: 1, PadH: 2, PadW: 3, Groups: 5},
	{InH: 8, InW: 7, Cin: 3, Cout: 6, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 3},
	{InH: 7, InW: 9, Cin: 9, Cout: 9, KH: 3, KW: 3, PadH: 2, PadW: 2, DilationH: 2, DilationW: 2, Groups: 9},
}

// groupedShapes have many groups of few channels.
var groupedShapes = []ConvShape{
	{InH: 5, InW: 6, Cin: 64, Cout: 64, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 16},
	{InH: 8, InW: 7, Cin: 32, Cout: 96, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1, Groups: 32},
	{InH: 6, InW: 9, Cin: 80, Cout: 16, KH: 2, KW: 3, StrideH: 1, StrideW: 3, PadH: 1, PadW: 3, DilationH: 2, DilationW: 2, Groups: 16},
	{InH: 4, InW: 4, Cin: 128, Cout: 48, KH: 4, KW: 1, StrideW: 2, PadW: 2, Groups: 16},
	{InH: 34, InW: 33, Cin: 32, Cout: 32, KH: 3, KW: 3, PadH: 1, Groups: 16},
	{InH: 13, InW: 17, Cin: 32, Cout: 40, KH: 3, KW: 2, StrideW: 2, PadH: 1, Groups: 2},
	{InH: 16, InW: 14, Cin: 27, Cout: 54, KH: 2, KW: 3, PadW: 1, DilationH: 2, Groups: 3},
}

// unevenShapes have more padding on one side than on the other.
var unevenShapes = []ConvShape{
	{InH: 8, InW: 7, Cin: 3, Cout: 5, KH: 3, KW: 3, StrideH: 2, StrideW: 2, Same: true},
	{InH: 6, InW: 8, Cin: 18, Cout: 7, KH: 4, KW: 2, Same: true},
	{InH: 8, InW: 6, Cin: 8, Cout: 8, KH: 5, KW: 5, StrideH: 2, StrideW: 3, Groups: 8, Same: true},
	{InH: 7, InW: 4, Cin: 2, Cout: 20, KH: 1, KW: 7, PadW: 3, MoreW: 2, MoreH: 1},
	{InH: 5, InW: 6, Cin: 20, Cout: 6, KH: 3, KW: 3, PadH: 2, MoreH: -2, PadW: 1, MoreW: -1, DilationH: 2, Groups: 2},
	{InH: 3, InW: 4, Cin: 5, Cout: 6, KH: 1, KW: 1, MoreH: 1, MoreW: 2},
}

func (s ConvShape) String() string {
	more := ""
	if s.MoreH|s.MoreW != 0 {
		more = fmt.Sprintf("+%dx%d", s.MoreH, s.MoreW)
	}
	return fmt.Sprintf("%dx%dx%d-%d,k%dx%d,s%dx%d,p%dx%d%s,d%dx%d,g%d", s.InH, s.InW, s.Cin, s.Cout, s.KH, s.KW,
		s.StrideH, s.StrideW, s.PadH, s.PadW, more, s.DilationH, s.DilationW, s.Groups)
}

// newConvTest is a convolution with operands for n images.
func newConvTest(t failer, shape ConvShape, n int, seed uint32) (c *Conv, x, dy Matrix, w []float32) {
	t.Helper()
	c, err := NewConv(shape)
	if err != nil {
		t.Fatalf("%v", err)
	}
	s := source{Seed: seed}
	x, dy = NewMatrix(n*c.InH*c.InW, c.Cin), NewMatrix(n*c.OutH*c.OutW, c.Cout)
	w = make([]float32, c.Weights())
	s.Fill(x.Data)
	s.Fill(dy.Data)
	s.Fill(w)
	return c, x, dy, w
}

func dot(a, b []float32) (sum, size float64) {
	for i, v := range a {
		p := float64(v) * float64(b[i])
		sum += p
		size += math.Abs(p)
	}
	return sum, size
}

// A convolution is linear in its input and in its weights, so that each of its three passes is the adjoint of
// the others: dy . conv(x, w) = dx . x = dw . w.
func TestConvAdjoint(t *testing.T) {
	for _, shape := range slices.Concat(convShapes, unevenShapes, groupedShapes) {
		c, x, dy, w := newConvTest(t, shape, 3, 1)
		var p *Pool
		var fwd, bwd ConvPanels
		fwd.Pack(p, c, w)
		bwd.PackBackward(p, c, w)
		y, dx, dw := NewMatrix(dy.Rows, dy.Cols), NewMatrix(x.Rows, x.Cols), make([]float32, len(w))
		p.Conv(y, x, &fwd, nil, Identity)
		p.ConvBackData(dx, dy, &bwd)
		p.ConvBackWeights(dw, c, x, dy)
		want, size := dot(dy.Data, y.Data)
		byData, _ := dot(dx.Data, x.Data)
		byWeights, _ := dot(dw, w)
		if math.Abs(byData-want) > 1e-5*size || math.Abs(byWeights-want) > 1e-5*size {
			t.Errorf("%v: dy.y = %v, dx.x = %v, dw.w = %v", c, want, byData, byWeights)
		}
	}
}

func TestConvShapeErrors(t *testing.T) {
	good := ConvShape{InH: 5, InW: 5, Cin: 4, Cout: 4, KH: 3, KW: 3}
	if _, err := NewConv(good); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(s *ConvShape){
		"InH": func(s *ConvShape) { s.InH = 0 }, "Cin": func(s *ConvShape) { s.Cin = -1 },
		"KW": func(s *ConvShape) { s.KW = 1 << 20 }, "PadH": func(s *ConvShape) { s.PadH = -1 },
		"StrideW": func(s *ConvShape) { s.StrideW = -2 }, "DilationH": func(s *ConvShape) { s.DilationH = -1 },
		"groups of 3": func(s *ConvShape) { s.Groups = 3 }, "too high": func(s *ConvShape) { s.KH = 6 },
		"too wide": func(s *ConvShape) { s.DilationW = 3 }, "MoreH": func(s *ConvShape) { s.MoreH = -1 },
		"padded twice": func(s *ConvShape) { s.Same, s.PadW = true, 1 },
	} {
		bad := good
		f(&bad)
		if c, err := NewConv(bad); err == nil {
			t.Errorf("%s: %+v is accepted", name, c)
		}
	}
}
