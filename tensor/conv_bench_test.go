package tensor

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// benchConvs are the shapes of docs/bench/conv_onednn.py.
var benchConvs = []struct {
	group string
	n     int
	shape ConvShape
}{
	{"3x3", 4, square(56, 64, 64, 3, 1, 1)},
	{"3x3", 4, square(28, 128, 128, 3, 1, 1)},
	{"3x3", 8, square(14, 256, 256, 3, 1, 1)},
	{"3x3", 16, square(7, 512, 512, 3, 1, 1)},
	{"3x3", 8, square(32, 64, 64, 3, 1, 1)},
	{"3x3", 32, square(8, 256, 256, 3, 1, 1)},
	{"resnet", 32, square(64, 3, 64, 7, 2, 1)},
	{"resnet", 32, square(16, 64, 64, 3, 1, 1)},
	{"resnet", 32, square(16, 64, 128, 3, 2, 1)},
	{"resnet", 32, square(16, 64, 128, 1, 2, 1)},
	{"resnet", 32, square(8, 128, 128, 3, 1, 1)},
	{"resnet", 32, square(4, 256, 256, 3, 1, 1)},
	{"resnet", 32, square(4, 256, 512, 3, 2, 1)},
	{"resnet", 32, square(2, 512, 512, 3, 1, 1)},
	{"mobilenet", 16, square(128, 3, 32, 3, 2, 1)},
	{"mobilenet", 16, square(64, 16, 96, 1, 1, 1)},
	{"mobilenet", 16, square(32, 144, 24, 1, 1, 1)},
	{"mobilenet", 16, square(32, 24, 144, 1, 1, 1)},
	{"mobilenet", 16, square(8, 384, 64, 1, 1, 1)},
	{"mobilenet", 16, square(4, 160, 960, 1, 1, 1)},
	{"lenet", 128, square(28, 1, 6, 5, 1, 1)},
	{"lenet", 128, ConvShape{InH: 14, InW: 14, Cin: 6, Cout: 16, KH: 5, KW: 5}},
	{"depthwise", 16, square(64, 96, 96, 3, 2, 96)},
	{"depthwise", 16, square(32, 144, 144, 3, 1, 144)},
	{"depthwise", 16, square(8, 384, 384, 3, 1, 384)},
	{"depthwise", 16, square(4, 960, 960, 3, 1, 960)},
}

// square is a square convolution that keeps its size, or divides it by the stride.
func square(hw, cin, cout, k, stride, groups int) ConvShape {
	return ConvShape{InH: hw, InW: hw, Cin: cin, Cout: cout, KH: k, KW: k, StrideH: stride, StrideW: stride,
		PadH: k / 2, PadW: k / 2, Groups: groups}
}

// BenchmarkConv reports nominal GFLOP/s: multiplications by padding count, though they are not done.
func BenchmarkConv(b *testing.B) {
	for i, s := range benchConvs {
		name := fmt.Sprintf("%s/%d,%d,%d-%d,k%ds%d", s.group, s.n, s.shape.InH, s.shape.Cin, s.shape.Cout, s.shape.KH, s.shape.StrideH)
		c, x, dy, w := newConvTest(b, s.shape, s.n, uint32(i))
		p := NewPool(1)
		var fwd, bwd ConvPanels
		fwd.Pack(p, c, w)
		bwd.PackBackward(p, c, w)
		y, dx, dw := NewMatrix(dy.Rows, dy.Cols), NewMatrix(x.Rows, x.Cols), make([]float32, len(w))
		b.Run(name+"/forward", func(b *testing.B) {
			kerneltest.Measure(b, c.Flops(s.n), func() { p.Conv(y, x, &fwd, nil, Identity) })
		})
		b.Run(name+"/data", func(b *testing.B) {
			kerneltest.Measure(b, c.Flops(s.n), func() { p.ConvBackData(dx, dy, &bwd) })
		})
		b.Run(name+"/weights", func(b *testing.B) {
			kerneltest.Measure(b, c.Flops(s.n), func() { p.ConvBackWeights(dw, c, x, dy) })
		})
	}
}

func BenchmarkConvPack(b *testing.B) {
	for _, shape := range []ConvShape{square(8, 512, 512, 3, 1, 1), square(8, 384, 64, 1, 1, 1), square(8, 384, 384, 3, 1, 384)} {
		c, _, _, w := newConvTest(b, shape, 1, 1)
		p := NewPool(1)
		var panels ConvPanels
		for name, pack := range map[string]func(*Pool, *Conv, []float32){"forward": panels.Pack, "backward": panels.PackBackward} {
			b.Run(fmt.Sprintf("%d-%d,k%d,g%d/%s", c.Cin, c.Cout, c.KH, c.Groups, name), func(b *testing.B) {
				b.ReportMetric(1/kerneltest.Fastest(b.Loop, func() { pack(p, c, w) })/float64(len(w)), "ns/weight")
			})
		}
	}
}

// BenchmarkImage is the kernels that move more than they compute, on 16 images of 32x32x144, in GB/s of what
// they must read and write.
func BenchmarkImage(b *testing.B) {
	const lanes, n, hw, cols = 2, 16, 32, 144
	m := func(rows int) Matrix { return random(NewMatrix(rows, cols), 1) }
	x, y, dx, dy, small, other := m(n*hw*hw), m(n*hw*hw), m(n*hw*hw), m(n*hw*hw), m(lanes), m(lanes)
	from := Normed{X: x, Width: hw, R: ReLU, Mean: small, Scale: small, Shift: small}
	s, err := NewPooling(PoolShape{InH: hw, InW: hw, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
	if err != nil {
		b.Fatal(err)
	}
	half, at := m(n*s.OutH*s.OutW), m(n*s.OutH*s.OutW)
	p := NewPool(1)
	for _, k := range []struct {
		name   string
		passes float64 // over all of a matrix as large as x
		run    func()
	}{
		{"BatchMoments", 1, func() { p.BatchMoments(small, small, x, hw) }},
		{"BatchNorm", 2, func() { p.BatchNorm(y, x, Matrix{}, small, small, ReLU) }},
		{"BatchNormSums", 2, func() { p.BatchNormSums(small, other, dy, from) }},
		{"BatchNormBack", 3, func() { p.BatchNormBack(dx, Matrix{}, true, false, dy, from, small, small) }},
		{"MaxPool", 1.5, func() { p.MaxPool(half, at, x, s) }},
		{"MaxPoolBack", 2.5, func() { p.MaxPoolBack(dx, half, at, s) }},
	} {
		b.Run(k.name, func(b *testing.B) {
			b.ReportMetric(4*k.passes*float64(len(x.Data))*kerneltest.Fastest(b.Loop, k.run), "GB/s")
		})
	}
}
