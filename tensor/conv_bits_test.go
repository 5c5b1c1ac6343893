package tensor

import (
	"fmt"
	"testing"
)

// everyImageKernel runs all kernels of images once, on four images.
func everyImageKernel(t testing.TB, p *Pool, put func(name string, x []float32)) func() {
	runs := everyConv(t, p, convShapes, 4, put)
	s, err := NewPooling(PoolShape{InH: 8, InW: 9, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
	if err != nil {
		t.Fatal(err)
	}
	for cols := 5; cols < 50; cols += 28 {
		runs = append(runs, everyRowKernel(p, s, 4, cols, put)...)
	}
	return func() {
		for _, f := range runs {
			f()
		}
	}
}

// everyConv is the three passes of convolutions, on n images.
func everyConv(t testing.TB, p *Pool, shapes []ConvShape, n int, put func(name string, x []float32)) (runs []func()) {
	for i, shape := range shapes {
		c, x, dy, w := newConvTest(t, shape, n, uint32(i))
		y, dx, dw := NewMatrix(dy.Rows, dy.Cols), NewMatrix(x.Rows, x.Cols), make([]float32, len(w))
		nameY, nameDX, nameDW := "y of "+c.String(), "dx of "+c.String(), "dw of "+c.String()
		var fwd, bwd ConvPanels
		runs = append(runs, func() {
			fwd.Pack(p, c, w)
			bwd.PackBackward(p, c, w)
			p.Conv(y, x, &fwd, dy.Row(0), ReLU)
			p.ConvBackData(dx, dy, &bwd)
			p.ConvBackWeights(dw, c, x, dy)
			if p.ConvMethod() == Direct {
				p.ConvBackDataSet(dx, dy, &bwd)
				p.ConvBackWeightsSet(dw, c, x, dy)
			}
			put(nameY, y.Data)
			put(nameDX, dx.Data)
			put(nameDW, dw)
		})
	}
	return runs
}

// everyRowKernel is poolings, batch norm and rectifiers on n images of so many channels, each on what the last ones left.
func everyRowKernel(p *Pool, s *Pooling, n, cols int, put func(name string, x []float32)) (runs []func()) {
	m := func(rows int) Matrix { return random(NewMatrix(rows, cols), uint32(rows)) }
	x, z, dx, y, at := m(n*72), m(n*72), m(n*72), m(n*s.OutH*s.OutW), m(n*s.OutH*s.OutW)
	a, b, c := m(2), m(2), m(2)
	from := Normed{X: z, Width: 9, R: ReLU, Mean: a, Scale: b, Shift: c}
	plain := from
	plain.R = Identity
	for _, k := range []struct {
		name    string
		run     func()
		results []Matrix
	}{
		{"MaxPool", func() { p.MaxPool(y, at, x, s) }, []Matrix{y, at}},
		{"MaxPoolBack", func() { p.MaxPoolBack(dx, y, at, s) }, []Matrix{dx}},
		{"AvgPool", func() { p.AvgPool(y, x, s, true) }, []Matrix{y}},
		{"AvgPoolBack", func() { p.AvgPoolBack(dx, y, s, false) }, []Matrix{dx}},
		{"BatchMoments", func() { p.BatchMoments(a, b, x, 9) }, []Matrix{a, b}},
		{"BatchNorm", func() { p.BatchNorm(z, x, dx, a, b, ReLU6) }, []Matrix{z}},
		{"BatchNormSums", func() { p.BatchNormSums(a, c, x, from) }, []Matrix{a, c}},
		{"BatchNormBack", func() { p.BatchNormBack(dx, Matrix{}, true, false, x, from, b, c) }, []Matrix{dx}},
		{"BatchNormBack, added", func() { p.BatchNormBack(dx, z, false, false, x, plain, b, c) }, []Matrix{dx, z}},
		{"Rectify", func() { Rectify(x.Data, dx.Data, ReLU) }, []Matrix{x}},
		{"RectifyBack", func() { RectifyBack(dx.Data, z.Data, x.Data, ReLU6) }, []Matrix{dx}},
	} {
		var names []string
		for i := range k.results {
			names = append(names, fmt.Sprintf("%s, result %d, %d channels", k.name, i, cols))
		}
		runs = append(runs, func() {
			k.run()
			for i, r := range k.results {
				put(names[i], r.Data)
			}
		})
	}
	return runs
}
