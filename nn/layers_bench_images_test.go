package nn

import "github.com/rondo-ml/rondo/tensor"

// convolutionBenches are convolutions beyond the usual ones.
func convolutionBenches() []layerBench {
	conv := func(name string, n, height, width int, s tensor.ConvShape) layerBench {
		return benchOf(name, n, height, width, s.Cin, func(ps *Params) func(*Tape, *Node) *Node {
			return NewConv2d(ps, "op", s, true, nil).Forward
		})
	}
	up := func(name string, n, side int, s tensor.ConvShape) layerBench {
		return benchOf(name, n, side, side, s.Cin, func(ps *Params) func(*Tape, *Node) *Node {
			return NewConvTranspose2d(ps, "op", s, [2]int{}, true, nil).Forward
		})
	}
	return []layerBench{
		conv("conv3x3s2-16x56x56x64", 16, 56, 56, tensor.ConvShape{Cin: 64, Cout: 128, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}),
		conv("conv3x3s2same-16x56x56x64", 16, 56, 56, tensor.ConvShape{Cin: 64, Cout: 128, KH: 3, KW: 3, StrideH: 2, StrideW: 2, Same: true}),
		conv("conv7x7s2-16x112x112x3", 16, 112, 112, tensor.ConvShape{Cin: 3, Cout: 64, KH: 7, KW: 7, StrideH: 2, StrideW: 2, PadH: 3, PadW: 3}),
		conv("conv1x7-16x17x17x192", 16, 17, 17, tensor.ConvShape{Cin: 192, Cout: 192, KH: 1, KW: 7, PadW: 3}),
		conv("conv7x1-16x17x17x192", 16, 17, 17, tensor.ConvShape{Cin: 192, Cout: 192, KH: 7, KW: 1, PadH: 3}),
		conv("conv3x3d2-16x28x28x128", 16, 28, 28, tensor.ConvShape{Cin: 128, Cout: 128, KH: 3, KW: 3, PadH: 2, PadW: 2, DilationH: 2, DilationW: 2}),
		conv("conv3x3g32-16x28x28x128", 16, 28, 28, tensor.ConvShape{Cin: 128, Cout: 128, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 32}),
		conv("conv3x3g32-16x28x28x256", 16, 28, 28, tensor.ConvShape{Cin: 256, Cout: 256, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 32}),
		conv("conv3x3g32-16x14x14x512", 16, 14, 14, tensor.ConvShape{Cin: 512, Cout: 512, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 32}),
		conv("conv3x3g32-16x7x7x1024", 16, 7, 7, tensor.ConvShape{Cin: 1024, Cout: 1024, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 32}),
		conv("depthwise7x7-16x28x28x128", 16, 28, 28, tensor.ConvShape{Cin: 128, Cout: 128, KH: 7, KW: 7, PadH: 3, PadW: 3, Groups: 128}),
		benchOf("separable3x3-16x28x28x128", 16, 28, 28, 128, func(ps *Params) func(*Tape, *Node) *Node {
			return NewSeparableConv2d(ps, "op", tensor.ConvShape{Cin: 128, Cout: 128, KH: 3, KW: 3, PadH: 1, PadW: 1}, false, nil).Forward
		}),
		benchOf("conv1d5-32x1x100x64", 32, 1, 100, 64, func(ps *Params) func(*Tape, *Node) *Node {
			return NewConv1d(ps, "op", tensor.ConvShape{Cin: 64, Cout: 128, KW: 5, PadW: 2}, true, nil).Forward
		}),
		up("transposed2x2s2-16x28x28x128", 16, 28, tensor.ConvShape{Cin: 128, Cout: 64, KH: 2, KW: 2, StrideH: 2, StrideW: 2}),
		up("transposed3x3s2-16x28x28x64", 16, 28, tensor.ConvShape{Cin: 64, Cout: 64, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}),
		up("transposed4x4s2-16x14x14x256", 16, 14, tensor.ConvShape{Cin: 256, Cout: 128, KH: 4, KW: 4, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}),
		up("transposed16x16s8-4x28x28x21", 4, 28, tensor.ConvShape{Cin: 21, Cout: 21, KH: 16, KW: 16, StrideH: 8, StrideW: 8, PadH: 4, PadW: 4}),
	}
}

// resizingBenches are poolings and resizing.
func resizingBenches() []layerBench {
	large := func(name string, f func(t *Tape, x *Node) *Node) layerBench {
		return benchPlain(name+"-16x56x56x64", 16, 56, 56, 64, f)
	}
	small := func(name string, side, cols int, f func(t *Tape, x *Node) *Node) layerBench {
		return benchPlain(name, 16, side, side, cols, f)
	}
	resize := func(o ResizeOptions) func(t *Tape, x *Node) *Node {
		return func(t *Tape, x *Node) *Node { return t.Resize("op", x, o) }
	}
	return []layerBench{
		large("maxpool3x3s2ceil", func(t *Tape, x *Node) *Node {
			return t.MaxPool("op", x, tensor.PoolShape{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Ceil: true})
		}),
		large("maxpool2x2", func(t *Tape, x *Node) *Node { return t.MaxPool("op", x, tensor.PoolShape{KH: 2, KW: 2}) }),
		small("maxpool3x3s1-16x28x28x192", 28, 192, func(t *Tape, x *Node) *Node {
			return t.MaxPool("op", x, tensor.PoolShape{KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1})
		}),
		small("avgpool3x3s1-16x28x28x192", 28, 192, func(t *Tape, x *Node) *Node {
			return t.AvgPool("op", x, tensor.PoolShape{KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadH: 1, PadW: 1}, false)
		}),
		large("globalmaxpool", func(t *Tape, x *Node) *Node { return t.GlobalMaxPool("op", x) }),
		small("globalavgpool-16x7x7x2048", 7, 2048, func(t *Tape, x *Node) *Node { return t.GlobalAvgPool("op", x) }),
		small("adaptiveavgpool6-16x13x13x256", 13, 256, func(t *Tape, x *Node) *Node { return t.AdaptiveAvgPool("op", x, 6, 6) }),
		small("adaptivemaxpool6-16x13x13x256", 13, 256, func(t *Tape, x *Node) *Node { return t.AdaptiveMaxPool("op", x, 6, 6) }),
		large("unpool2x2", func(t *Tape, x *Node) *Node {
			y, maxima := t.MaxPoolMaxima("pool", x, tensor.PoolShape{KH: 2, KW: 2})
			return t.MaxUnpool("op", y, maxima)
		}),
		small("maxout2-16x28x28x128", 28, 128, func(t *Tape, x *Node) *Node { return t.Maxout("op", x, 2) }),
		small("nearest2-16x28x28x128", 28, 128, resize(ResizeOptions{Factor: 2})),
		small("bilinear2-16x28x28x128", 28, 128, resize(ResizeOptions{Factor: 2, By: Bilinear})),
		small("bicubic2-16x28x28x128", 28, 128, resize(ResizeOptions{Factor: 2, By: Bicubic})),
		benchPlain("bilinear8-4x28x28x21", 4, 28, 28, 21, resize(ResizeOptions{Factor: 8, By: Bilinear})),
		large("bilinear-half", resize(ResizeOptions{Factor: 0.5, By: Bilinear})),
	}
}
