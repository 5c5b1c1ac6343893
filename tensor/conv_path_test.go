package tensor

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// pathsOf is the paths of Conv, ConvBackData and ConvBackWeights over n images, on the tier in use.
func pathsOf(p *Pool, c *Conv, n int) (y, dx outputPath, dw gradientPath) {
	var forward, backward ConvPanels
	forward.prepare(p, c, false)
	backward.prepare(p, c, true)
	kForward, kBackward := convCall{w: &forward, n: n}, convCall{w: &backward, n: n}
	return kForward.outputPath(false), kBackward.outputPath(false), p.gradientPath(c)
}

// eachNamedTier runs f for all tiers, whether this machine has them or not: f may ask for paths, but compute nothing.
func eachNamedTier(f func(on kernel.Tier)) {
	defer func(old kernel.Tier) { kernel.Active = old }(kernel.Active)
	for _, on := range kernel.Tiers() {
		kernel.Active = on
		f(on)
	}
}

// Which convolution takes which paths, on every tier. A change of a predicate shows here, and so does a case for which a
// test of one path was written and which has come to take another.
func TestConvPaths(t *testing.T) {
	winograd := func(p *Pool) { p.SetConvMethod(Winograd) }
	bf16 := func(p *Pool) { p.SetPrecision(BF16) }
	both := func(p *Pool) { winograd(p); bf16(p) }
	for _, k := range []struct {
		name  string
		shape ConvShape
		n     int               // images
		set   func(p *Pool)     // what the pool is told
		want  string            // of y, dx and dw: on tiers with vectors but for those of `but`
		plain string            // on tiers without, if it is not the same
		but   map[string]string // on tiers of these names
	}{
		{name: "LeNet's first", shape: square(28, 1, 6, 5, 1, 1), n: 128,
			want: "by images, by pixels, strips", plain: "by pixels, by pixels, joined"},
		{name: "of too few images for AVX-512", shape: square(28, 1, 6, 5, 1, 1), n: 15,
			want: "by images, by pixels, strips", plain: "by pixels, by pixels, joined",
			but: map[string]string{"avx512": "by pixels, by pixels, strips"}},
		{name: "of too few images", shape: square(28, 1, 6, 5, 1, 1), n: 7,
			want: "by pixels, by pixels, strips", plain: "by pixels, by pixels, joined"},
		{name: "of too large images", shape: square(64, 3, 6, 3, 1, 1), n: 64,
			want: "by pixels, by pixels, strips", plain: "by pixels, by pixels, joined"},
		{name: "LeNet's second", shape: ConvShape{InH: 14, InW: 14, Cin: 6, Cout: 16, KH: 5, KW: 5}, n: 128,
			want: "by pixels, by images, joined", plain: "by pixels, by pixels, joined"},
		{name: "as many outputs as AVX-512's tile has rows", shape: square(32, 3, 8, 3, 1, 1), n: 64,
			want: "by pixels, by pixels, joined", but: map[string]string{"avx512": "by images, by pixels, strips"}},
		{name: "few taps", shape: ConvShape{InH: 9, InW: 9, Cin: 5, Cout: 6, KH: 2, KW: 4}, n: 64,
			want: "by pixels, by pixels, strips", plain: "by pixels, by pixels, joined"},
		{name: "dilated along columns", shape: ConvShape{InH: 9, InW: 9, Cin: 6, Cout: 5, KH: 3, KW: 3, DilationH: 2}, n: 64,
			want: "by images, by images, strips", plain: "by pixels, by pixels, joined"},
		{name: "dilated along rows", shape: ConvShape{InH: 9, InW: 9, Cin: 6, Cout: 5, KH: 3, KW: 3, DilationW: 2}, n: 64,
			want: "by pixels, by pixels, packed"},
		{name: "to three colours", shape: square(8, 64, 3, 3, 1, 1), n: 64,
			want: "by images, by pixels, packed", plain: "by pixels, by pixels, packed"},
		{name: "to three colours, rounded", shape: square(8, 64, 3, 3, 1, 1), n: 64, set: bf16,
			want: "by pixels, by pixels, packed"},
		{name: "ResNet's first", shape: square(64, 3, 64, 7, 2, 1), n: 32, want: "by pixels, by pixels, joined"},
		{name: "MobileNet's first", shape: square(128, 3, 32, 3, 2, 1), n: 16, want: "by pixels, by pixels, joined"},
		{name: "15 channels", shape: square(16, 15, 32, 3, 1, 1), n: 16, want: "by pixels, by pixels, joined"},
		{name: "16 channels", shape: square(16, 16, 32, 3, 1, 1), n: 16, want: "by pixels, by pixels, packed"},
		{name: "ResNet's 3x3", shape: square(16, 64, 64, 3, 1, 1), n: 32, want: "by pixels, by pixels, packed"},
		{name: "by Winograd", shape: square(16, 64, 64, 3, 1, 1), n: 32, set: winograd,
			want: "by squares, by squares, transforms"},
		{name: "by Winograd, without padding", shape: ConvShape{InH: 8, InW: 8, Cin: 32, Cout: 32, KH: 3, KW: 3}, n: 3,
			set: winograd, want: "by squares, by squares, transforms"},
		{name: "not by Winograd, rounded", shape: square(16, 64, 64, 3, 1, 1), n: 32, set: both,
			want: "by pixels, by pixels, packed"},
		{name: "not by Winograd, strided", shape: square(16, 64, 128, 3, 2, 1), n: 32, set: winograd,
			want: "by pixels, by pixels, packed"},
		{name: "not by Winograd, small", shape: square(2, 512, 512, 3, 1, 1), n: 32, set: winograd,
			want: "by pixels, by pixels, packed"},
		{name: "ResNet's shortcut", shape: square(16, 64, 128, 1, 2, 1), n: 32, want: "by pixels, by pixels, packed"},
		{name: "ResNet's bottleneck", shape: square(16, 64, 256, 1, 1, 1), n: 32, want: "by pixels, by pixels, product"},
		{name: "MobileNet's expansion", shape: square(64, 16, 96, 1, 1, 1), n: 16, want: "by pixels, by pixels, in place"},
		{name: "that, rounded", shape: square(64, 16, 96, 1, 1, 1), n: 16, set: bf16, want: "by pixels, by pixels, product"},
		{name: "an edge of eight columns", shape: square(32, 24, 144, 1, 1, 1), n: 16, want: "by pixels, by pixels, in place",
			but: map[string]string{"neon": "by pixels, by pixels, product", "go-fast": "by pixels, by pixels, product"}},
		{name: "MobileNet's projection", shape: square(32, 144, 24, 1, 1, 1), n: 16, want: "by pixels, by pixels, in place"},
		{name: "that of many channels", shape: square(8, 384, 64, 1, 1, 1), n: 16, want: "by pixels, by pixels, product"},
		{name: "one tap of few channels", shape: square(9, 5, 5, 1, 1, 1), n: 64, want: "by pixels, by pixels, in place",
			but: map[string]string{"neon": "by pixels, by pixels, product", "go-fast": "by pixels, by pixels, product"}},
		{name: "depthwise", shape: square(32, 144, 144, 3, 1, 144), n: 16, want: "by channels, by channels, depthwise"},
		{name: "depthwise, rounded", shape: square(32, 144, 144, 3, 1, 144), n: 16, set: both,
			want: "by channels, by channels, depthwise"},
		{name: "two outputs a channel", shape: ConvShape{InH: 8, InW: 8, Cin: 6, Cout: 12, KH: 3, KW: 3, Groups: 6}, n: 16,
			want: "group by group, group by group, packed", plain: "by pixels, by pixels, packed"},
		{name: "two groups", shape: square(16, 64, 64, 3, 1, 2), n: 16,
			want: "group by group, group by group, packed", plain: "by pixels, by pixels, packed"},
		{name: "ResNeXt's 32 groups", shape: square(28, 128, 128, 3, 1, 32), n: 16,
			want: "by groups, by groups, groups", plain: "by pixels, by pixels, packed"},
		{name: "that, rounded", shape: square(28, 128, 128, 3, 1, 32), n: 16, set: bf16, want: "by pixels, by pixels, packed"},
		{name: "ResNeXt's third", shape: square(14, 512, 512, 3, 1, 32), n: 16,
			want: "group by group, group by group, packed", plain: "by pixels, by pixels, packed"},
		{name: "ResNeXt's last", shape: square(7, 1024, 1024, 3, 1, 32), n: 16,
			want: "group by group, group by group, packed", plain: "by pixels, by pixels, packed"},
		{name: "two groups of many channels", shape: square(16, 256, 256, 3, 1, 2), n: 16, want: "by pixels, by pixels, packed"},
		{name: "two groups of one tap", shape: square(16, 64, 64, 1, 1, 2), n: 16, want: "by pixels, by pixels, packed"},
		{name: "two groups, rounded", shape: square(16, 64, 64, 3, 1, 2), n: 16, set: bf16, want: "by pixels, by pixels, packed"},
		{name: "along a sentence", shape: ConvShape{InH: 60, InW: 1, Cin: 64, Cout: 100, KH: 5, KW: 1, PadH: 2}, n: 64,
			want: "by pixels, by pixels, packed"},
	} {
		c, err := NewConv(k.shape)
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		p := NewPool(1)
		if k.set != nil {
			k.set(p)
		}
		eachNamedTier(func(on kernel.Tier) {
			want := k.want
			if k.plain != "" && !on.HasVectors() {
				want = k.plain
			}
			if s, ok := k.but[on.String()]; ok {
				want = s
			}
			y, dx, dw := pathsOf(p, c, k.n)
			if got := fmt.Sprintf("%v, %v, %v", y, dx, dw); got != want {
				t.Errorf("%s, %v of %d images on %v: %s, want %s", k.name, k.shape, k.n, on, got, want)
			}
		})
	}
}

// The shapes of TestConvBeside go by images in both directions.
func TestConvBesideGoesByImages(t *testing.T) {
	eachNamedTier(func(on kernel.Tier) {
		for _, shape := range besideShapes {
			c, err := NewConv(shape)
			if err != nil {
				t.Fatal(err)
			}
			y, dx, _ := pathsOf(nil, c, 16)
			if on.HasVectors() != (y == byImages) || y != dx {
				t.Errorf("%v on %v: y %v, dx %v", c, on, y, dx)
			}
		}
	})
}

// The shapes of the tests against the definition take every path of a direct convolution.
func TestConvShapesTakeEveryPath(t *testing.T) {
	eachNamedTier(func(on kernel.Tier) {
		outputs, gradients := map[outputPath]bool{}, map[gradientPath]bool{}
		for _, shape := range append(pointwiseShapes(), convShapes...) {
			c, err := NewConv(shape)
			if err != nil {
				t.Fatal(err)
			}
			y, dx, dw := pathsOf(nil, c, 9)
			outputs[y], outputs[dx], gradients[dw] = true, true, true
		}
		for _, path := range []outputPath{byPixels, byChannels} { // besideShapes and winogradShapes have the rest
			if !outputs[path] {
				t.Errorf("%v: none goes %v", on, path)
			}
		}
		for _, path := range []gradientPath{viaPacked, viaJoined, viaStrips, viaDepthwise, viaProduct, viaInPlace} {
			has := on.HasVectors() || path != viaStrips
			if gradients[path] != has {
				t.Errorf("%v: a gradient via %v: %v", on, path, gradients[path])
			}
		}
	})
}

// Maxima are taken on the way where their windows cover the outputs side by side, and those are computed by images.
func TestPoolsOnTheWay(t *testing.T) {
	for _, k := range []struct {
		channels int
		pooling  PoolShape
		want     bool
	}{
		{6, PoolShape{InH: 28, InW: 28, KH: 2, KW: 2}, true},
		{6, PoolShape{InH: 28, InW: 28, KH: 3, KW: 3}, false},                         // a row and a column are left over
		{6, PoolShape{InH: 28, InW: 28, KH: 2, KW: 2, StrideH: 1, StrideW: 1}, false}, // windows overlap
		{16, PoolShape{InH: 28, InW: 28, KH: 2, KW: 2}, false},                        // by pixels
	} {
		s, err := NewPooling(k.pooling)
		if err != nil {
			t.Fatal(err)
		}
		c, err := NewConv(square(28, 1, k.channels, 5, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		eachNamedTier(func(on kernel.Tier) {
			var panels ConvPanels
			panels.prepare(nil, c, false)
			call := convCall{w: &panels, n: 128}
			if got := call.poolsOnTheWay(s); got != (k.want && on.FillsWindows()) {
				t.Errorf("%d channels, %+v on %v: %v", k.channels, k.pooling, on, got)
			}
		})
	}
}
