package nn

import "github.com/rondo-ml/rondo/tensor"

// elementBenches are functions of single values and rows.
func elementBenches() []layerBench {
	images := func(name string, f func(t *Tape, x *Node) *Node) layerBench {
		return benchPlain(name+"-16x28x28x128", 16, 28, 28, 128, f)
	}
	return []layerBench{
		images("relu", func(t *Tape, x *Node) *Node { return t.ReLU("op", x) }),
		images("relu6", func(t *Tape, x *Node) *Node { return t.ReLU6("op", x) }),
		images("tanh", func(t *Tape, x *Node) *Node { return t.Tanh("op", x) }),
		images("sigmoid", func(t *Tape, x *Node) *Node { return t.Sigmoid("op", x) }),
		images("gelu", func(t *Tape, x *Node) *Node { return t.GELU("op", x) }),
		images("silu", func(t *Tape, x *Node) *Node { return t.SiLU("op", x) }),
		images("leakyrelu", func(t *Tape, x *Node) *Node { return t.LeakyReLU("op", x, 0.01) }),
		images("hardsigmoid", func(t *Tape, x *Node) *Node { return t.HardSigmoid("op", x) }),
		images("hardswish", func(t *Tape, x *Node) *Node { return t.HardSwish("op", x) }),
		images("gelutanh", func(t *Tape, x *Node) *Node { return t.GELUTanh("op", x) }),
		images("elu", func(t *Tape, x *Node) *Node { return t.ELU("op", x, 1) }),
		images("softplus", func(t *Tape, x *Node) *Node { return t.Softplus("op", x, 1) }),
		benchOf("prelu-16x28x28x128", 16, 28, 28, 128, func(ps *Params) func(*Tape, *Node) *Node { return NewPReLU(ps, "op", 128).Forward }),
		images("add", func(t *Tape, x *Node) *Node { return t.Add("op", x, x) }),
		images("dropout", NewDropout("op", 0.2, 1).Forward),
		images("dropout2d", NewDropout2d("op", 0.2, 1).Forward),
		images("stochasticdepth", NewStochasticDepth("op", 0.2, 1).Forward),
		benchPlain("softmax-1024x1000", 1024, 0, 0, 1000, func(t *Tape, x *Node) *Node { return t.Softmax("op", x) }),
		benchPlain("logsoftmax-1024x1000", 1024, 0, 0, 1000, func(t *Tape, x *Node) *Node { return t.LogSoftmax("op", x) }),
		benchOf("linear-1024x768x768", 1024, 0, 0, 768, func(ps *Params) func(*Tape, *Node) *Node {
			return NewLinear(ps, "op", 768, 768, true).Forward
		}),
	}
}

// imageBenches are layers over images.
func imageBenches() []layerBench {
	conv := func(name string, s tensor.ConvShape) layerBench {
		return benchOf(name, 16, 28, 28, s.Cin, func(ps *Params) func(*Tape, *Node) *Node {
			return NewConv2d(ps, "op", s, true, nil).Forward
		})
	}
	pool := func(name string, f func(t *Tape, x *Node) *Node) layerBench {
		return benchPlain(name, 16, 56, 56, 64, f)
	}
	return []layerBench{
		conv("conv3x3-16x28x28x128", tensor.ConvShape{Cin: 128, Cout: 128, KH: 3, KW: 3, PadH: 1, PadW: 1}),
		conv("conv1x1-16x28x28x128", tensor.ConvShape{Cin: 128, Cout: 128, KH: 1, KW: 1}),
		conv("depthwise3x3-16x28x28x128", tensor.ConvShape{Cin: 128, Cout: 128, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 128}),
		benchOf("batchnorm-16x28x28x128", 16, 28, 28, 128, func(ps *Params) func(*Tape, *Node) *Node {
			return NewBatchNorm(ps, "op", 128, BatchNormOptions{}).Forward
		}),
		pool("maxpool-16x56x56x64", func(t *Tape, x *Node) *Node {
			return t.MaxPool("op", x, tensor.PoolShape{KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
		}),
		pool("avgpool-16x56x56x64", func(t *Tape, x *Node) *Node {
			return t.AvgPool("op", x, tensor.PoolShape{KH: 2, KW: 2, StrideH: 2, StrideW: 2}, true)
		}),
		pool("globalavgpool-16x56x56x64", func(t *Tape, x *Node) *Node { return t.GlobalAvgPool("op", x) }),
		benchPlain("flatten-64x7x7x512", 64, 7, 7, 512, func(t *Tape, x *Node) *Node { return t.Flatten("op", x) }),
	}
}
