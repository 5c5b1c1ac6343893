package tensor

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// winogradShapes are ragged: odd sizes, channels that fill no vector, none, little and much padding, and more
// squares than are summed at a time.
var winogradShapes = []ConvShape{
	{InH: 6, InW: 6, Cin: 32, Cout: 32, KH: 3, KW: 3, PadH: 1, PadW: 1},
	{InH: 7, InW: 9, Cin: 33, Cout: 49, KH: 3, KW: 3, PadH: 1, PadW: 1},
	{InH: 9, InW: 8, Cin: 71, Cout: 37, KH: 3, KW: 3},
	{InH: 6, InW: 7, Cin: 40, Cout: 32, KH: 3, KW: 3, PadH: 2, PadW: 0},
	{InH: 10, InW: 13, Cin: 32, Cout: 34, KH: 3, KW: 3, PadH: 3, PadW: 2},
	{InH: 18, InW: 16, Cin: 36, Cout: 33, KH: 3, KW: 3, PadH: 1, PadW: 1},
}

// unevenWinograd has more padding on one side than on the other.
var unevenWinograd = ConvShape{InH: 8, InW: 7, Cin: 32, Cout: 35, KH: 3, KW: 3, PadH: 1, MoreH: 1, PadW: 0, MoreW: 2}

// eachWinograd runs f for every shape, tier and a few pools and numbers of images. Some operands hold what is not
// finite.
func eachWinograd(t *testing.T, f func(t *testing.T, p *Pool, s *source, c *Conv, x, dy Matrix, w []float32)) {
	pools := []*Pool{NewPool(1), NewPool(2), NewPool(3)}
	for _, p := range pools {
		p.SetConvMethod(Winograd)
		defer p.Close()
	}
	eachTier(t, func(t *testing.T) {
		for i, shape := range kerneltest.Some(append([]ConvShape{unevenWinograd}, winogradShapes...)) {
			for _, n := range []int{0, 1, 3} {
				c, x, dy, w := newConvTest(t, shape, n, uint32(i))
				s := source{Seed: uint32(100*i + n)}
				if n == 1 {
					spread(&s, x.Data)
					spread(&s, dy.Data)
					spread(&s, w)
				}
				f(t, pools[(i+n)%3], &s, c, x, dy, w)
			}
		}
	})
}

// A product of three matrices, from the left or from the right, with the sums in the order of winograd_plain.go.
type matrix4 [4][4]float32

func (m matrix4) transposed() (t matrix4) {
	for i := range 4 {
		for j := range 4 {
			t[i][j] = m[j][i]
		}
	}
	return t
}

// both applies f to the rows and then to the columns.
func (m matrix4) both(f func([4]float32) [4]float32) matrix4 {
	for i := range m {
		m[i] = f(m[i])
	}
	m = m.transposed()
	for i := range m {
		m[i] = f(m[i])
	}
	return m.transposed()
}

func naivePatch(r [4]float32) [4]float32 {
	return [4]float32{r[0] - r[2], r[1] + r[2], r[2] - r[1], r[1] - r[3]}
}
func naiveSquare(r [4]float32) [4]float32 { return [4]float32{r[0], r[0] + r[1], r[0] - r[1], r[1]} }
func naiveOutput(r [4]float32) [4]float32 {
	return [4]float32{(r[0] + r[1]) + r[2], (r[1] - r[2]) - r[3]}
}
func naiveKernel(r [4]float32) [4]float32 {
	return [4]float32{r[0], float32(((r[0] + r[2]) + r[1]) / 2), float32(((r[0] + r[2]) - r[1]) / 2), r[2]}
}
func naiveTaps(r [4]float32) [4]float32 {
	return [4]float32{float32((r[1]+r[2])/2) + r[0], float32((r[1] - r[2]) / 2), float32((r[1]+r[2])/2) - r[3]}
}

// square is the size x size pixels of channel j from (y, x) on.
func (g naiveImages) square(size, image, y, x, j int) (m matrix4) {
	for v := range size {
		for u := range size {
			if y+v >= 0 && y+v < g.h && x+u >= 0 && x+u < g.w {
				m[v][u] = g.Row((image*g.h+y+v)*g.w + x + u)[j]
			}
		}
	}
	return m
}

type naiveImages struct {
	Matrix
	h, w int
}

// naiveWinograd adds to y the convolution of x by taps(out, in), padded so.
func naiveWinograd(y, x naiveImages, n, padH, padW int, taps func(co, ci int) matrix4) {
	us := map[[2]int]matrix4{}
	for co := range y.Cols {
		for ci := range x.Cols {
			us[[2]int{co, ci}] = taps(co, ci).both(naiveKernel)
		}
	}
	for i := range n {
		for ty := 0; ty < y.h; ty += 2 {
			for tx := 0; tx < y.w; tx += 2 {
				sums := make([]matrix4, y.Cols)
				for ci := range x.Cols {
					v := x.square(4, i, ty-padH, tx-padW, ci).both(naivePatch)
					for co := range sums {
						u := us[[2]int{co, ci}]
						for e := range 16 {
							sum := &sums[co][e/4][e%4]
							*sum = FMA32(v[e/4][e%4], u[e/4][e%4], *sum)
						}
					}
				}
				for co, m := range sums {
					m = m.both(naiveOutput)
					for e := range 4 {
						if v, u := ty+e/2, tx+e%2; v < y.h && u < y.w {
							y.Row((i*y.h+v)*y.w + u)[co] += m[e/2][e%2]
						}
					}
				}
			}
		}
	}
}

func (c *Conv) taps(w []float32, co, ci int) (m matrix4) {
	for i, v := range w[(co*c.Cin+ci)*9:][:9] {
		m[i/3][i%3] = v
	}
	return m
}

func TestWinogradAgainstDefinition(t *testing.T) {
	eachWinograd(t, func(t *testing.T, p *Pool, s *source, c *Conv, x, dy Matrix, w []float32) {
		if forward, _ := c.Suits(); !forward {
			t.Fatalf("%v does not suit", c)
		}
		var panels ConvPanels
		panels.Pack(p, c, w)
		in, out := guardedOf(s, x), guardedOf(s, dy)
		bias := make([]float32, c.Cout)
		s.Fill(bias)
		r := Rectifier(s.Below(3))
		want := NewMatrix(dy.Rows, dy.Cols)
		for i := range want.Rows {
			copy(want.Row(i), bias)
		}
		naiveWinograd(naiveImages{want, c.OutH, c.OutW}, naiveImages{x, c.InH, c.InW}, x.Rows/(c.InH*c.InW), c.PadH, c.PadW,
			func(co, ci int) matrix4 { return c.taps(w, co, ci) })
		for i, v := range want.Data {
			want.Data[i] = r.of(v)
		}
		p.Conv(out.Matrix, in.Matrix, &panels, bias, r)
		requireSame(t, c.String(), out.Matrix, want)
		out.intact(t)
	})
}

// naiveWinogradBack adds to dx the convolution of dy by the taps turned about.
func naiveWinogradBack(c *Conv, dx, dy Matrix, w []float32) {
	naiveWinograd(naiveImages{dx, c.InH, c.InW}, naiveImages{dy, c.OutH, c.OutW}, dx.Rows/(c.InH*c.InW), 2-c.PadH, 2-c.PadW,
		func(ci, co int) (m matrix4) {
			for i, v := range w[(co*c.Cin+ci)*9:][:9] {
				m[2-i/3][2-i%3] = v
			}
			return m
		})
}

func TestWinogradBackDataAgainstDefinition(t *testing.T) {
	eachWinograd(t, func(t *testing.T, p *Pool, s *source, c *Conv, x, dy Matrix, w []float32) {
		_, suits := c.Suits()
		var panels ConvPanels
		panels.PackBackward(p, c, w)
		in, out := guardedOf(s, dy), guardedOf(s, x)
		for _, set := range []bool{false, true} {
			want := copyOf(out.Matrix)
			if set {
				want.set(nil)
			}
			if suits {
				naiveWinogradBack(c, want, dy, w)
			} else { // little padding: directly, much of its multiplications would be by padding
				naiveConvBackData(c, want, dy, w)
			}
			if set {
				p.ConvBackDataSet(out.Matrix, in.Matrix, &panels)
			} else {
				p.ConvBackData(out.Matrix, in.Matrix, &panels)
			}
			requireSame(t, c.String(), out.Matrix, want)
			out.intact(t)
		}
	})
}

// naiveWinogradWeights adds the gradient of the weights.
func naiveWinogradWeights(c *Conv, dw []float32, x, dy naiveImages) {
	sums := make([]matrix4, c.Cout*c.Cin)
	for i := range x.Rows / (c.InH * c.InW) {
		for ty := 0; ty < c.OutH; ty += 2 {
			for tx := 0; tx < c.OutW; tx += 2 {
				patches := make([]matrix4, c.Cin)
				for ci := range patches {
					patches[ci] = x.square(4, i, ty-c.PadH, tx-c.PadW, ci).both(naivePatch)
				}
				for co := range c.Cout {
					g := dy.square(2, i, ty, tx, co).both(naiveSquare)
					for ci, v := range patches {
						sum := &sums[co*c.Cin+ci]
						for e := range 16 {
							sum[e/4][e%4] = FMA32(g[e/4][e%4], v[e/4][e%4], sum[e/4][e%4])
						}
					}
				}
			}
		}
	}
	for i, m := range sums {
		m = m.both(naiveTaps)
		for tap := range 9 {
			dw[9*i+tap] += m[tap/3][tap%3]
		}
	}
}

func TestWinogradBackWeightsAgainstDefinition(t *testing.T) {
	eachWinograd(t, func(t *testing.T, p *Pool, s *source, c *Conv, x, dy Matrix, w []float32) {
		in, out := guardedOf(s, x), guardedOf(s, dy)
		got := newGuarded(s, 1, len(w), len(w))
		want := copyOf(got.Matrix)
		naiveWinogradWeights(c, want.Data, naiveImages{x, c.InH, c.InW}, naiveImages{dy, c.OutH, c.OutW})
		p.ConvBackWeights(got.Data, c, in.Matrix, out.Matrix)
		requireSame(t, c.String(), got.Matrix, want)
		clear(want.Data)
		naiveWinogradWeights(c, want.Data, naiveImages{x, c.InH, c.InW}, naiveImages{dy, c.OutH, c.OutW})
		p.ConvBackWeightsSet(got.Data, c, in.Matrix, out.Matrix)
		for i, v := range got.Data { // a sum of -0 is set, but lost when it is added
			got.Data[i] = v + 0
		}
		requireSame(t, "set, "+c.String(), got.Matrix, want)
		got.intact(t)
	})
}

// everyWinograd runs all three passes on all shapes.
func everyWinograd(t testing.TB, p *Pool, put func(name string, x []float32)) func() {
	p.SetConvMethod(Winograd)
	runs := everyConv(t, p, winogradShapes, 2, put)
	return func() {
		for _, f := range runs {
			f()
		}
	}
}

// What is foretold of the packed weights is what they take, and a product's operations are those of its tiles.
func TestPackedConv(t *testing.T) {
	shapes := append([]ConvShape{square(8, 24, 40, 1, 1, 1), square(8, 24, 24, 3, 1, 24), square(9, 12, 20, 3, 2, 4)}, winogradShapes...)
	eachTier(t, func(t *testing.T) {
		for _, shape := range shapes {
			c, _, _, w := newConvTest(t, shape, 1, 1)
			for _, precision := range []Precision{Float32, BF16} {
				for _, method := range []ConvMethod{Direct, Winograd} {
					p := NewPool(1)
					p.SetPrecision(precision)
					p.SetConvMethod(method)
					var forward, backward ConvPanels
					forward.Pack(p, c, w)
					backward.PackBackward(p, c, w)
					f, b := p.PackedConv(c)
					if f != len(forward.data) || b != len(backward.data) || min(f, b) < len(w)/2 {
						t.Errorf("%v, precision %v, method %v: %d and %d values, foretold %d and %d", c, precision, method,
							len(forward.data), len(backward.data), f, b)
					}
				}
			}
		}
	})
	c, err := NewConv(ConvShape{InH: 7, InW: 8, Cin: 32, Cout: 48, KH: 3, KW: 3, PadH: 1, PadW: 1})
	if want := 2 * 3 * (4 * 4) * 16 * 32 * 48; err != nil || c.WinogradFlops(3) != want {
		t.Errorf("%d operations, want %d (%v)", c.WinogradFlops(3), want, err)
	}
}

// Convolutions that it does not suit, and products in bfloat16, are computed directly.
func TestWinogradSuits(t *testing.T) {
	ragged := ConvShape{InH: 6, InW: 6, Cin: 32, Cout: 32, KH: 3, KW: 3, PadH: 1, PadW: 1}
	for name, f := range map[string]func(s *ConvShape){
		"stride": func(s *ConvShape) { s.StrideW = 2 }, "dilation": func(s *ConvShape) { s.DilationH = 2 },
		"groups": func(s *ConvShape) { s.Groups = 2 }, "few inputs": func(s *ConvShape) { s.Cin = 31 },
		"few outputs": func(s *ConvShape) { s.Cout = 31 }, "5x3": func(s *ConvShape) { s.KH = 5 },
		"map of 2x2": func(s *ConvShape) { s.InH, s.InW = 2, 2 }, "map of 3x3": func(s *ConvShape) { s.InH, s.InW = 3, 3 },
	} {
		s := ragged
		f(&s)
		c, err := NewConv(s)
		if err != nil {
			t.Fatal(err)
		}
		if forward, backward := c.Suits(); forward || backward {
			t.Errorf("%s: %v, forward %v, backward %v", name, c, forward, backward)
		}
	}
	rounded, both := NewPool(1), NewPool(1)
	rounded.SetPrecision(BF16)
	both.SetPrecision(BF16)
	both.SetConvMethod(Winograd)
	c, x, dy, w := newConvTest(t, ragged, 1, 1)
	want, got := NewMatrix(dy.Rows, dy.Cols), NewMatrix(dy.Rows, dy.Cols)
	var panels ConvPanels
	panels.Pack(rounded, c, w)
	rounded.Conv(want, x, &panels, nil, Identity)
	panels.Pack(both, c, w)
	both.Conv(got, x, &panels, nil, Identity)
	requireSame(t, "bfloat16", got, want)
}
