package onnx

import (
	"bytes"
	"errors"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// ownModel is a network that a test writes.
type ownModel struct {
	params  *nn.Params
	forward func(t *nn.Tape, b *nn.Batch) *nn.Node
}

func (w ownModel) Params() *nn.Params                       { return w.params }
func (w ownModel) Forward(t *nn.Tape, b *nn.Batch) *nn.Node { return w.forward(t, b) }

// written are networks of what no kind of the zoo has, but a program's own may.
func written(t *testing.T) []network {
	return []network{
		{name: "functions", n: &zoo.Network{Model: manyFunctions(), Kind: "functions"}, steps: 1},
		{name: "windows", n: &zoo.Network{Model: manyWindows(), Kind: "windows"}, steps: 1},
		{name: "time", n: &zoo.Network{Model: manySteps(t), Kind: "time"}, steps: 6},
	}
}

// manyFunctions joins functions of images, and then of rows.
func manyFunctions() ownModel {
	ps := nn.NewParams()
	prelu, one := nn.NewPReLU(ps, "prelu", 6), nn.NewPReLU(ps, "one", 1)
	groups, plain, layer := nn.NewGroupNorm(ps, "groups", 3, 6, true), nn.NewGroupNorm(ps, "plain", 2, 6, false), nn.NewLayerNorm(ps, "layer", 6, false)
	norm := nn.NewBatchNorm(ps, "norm", 6, nn.BatchNormOptions{NoAffine: true})
	response := &nn.LocalResponseNorm{Name: "response", Size: 3, Alpha: 0.3, Beta: 0.6, K: 1.5}
	fc := nn.NewLinear(ps, "fc", 36, 12, true)
	return ownModel{ps, func(t *nn.Tape, b *nn.Batch) *nn.Node {
		x := b.Images("image", 5, 7, 6)
		all := []*nn.Node{
			prelu.Forward(t, x), groups.Forward(t, x), plain.Forward(t, x), layer.Forward(t, x), norm.Forward(t, x), response.Forward(t, x),
			t.ELU("elu", x, 0.7), t.SELU("selu", x), t.LeakyReLU("leaky", x, 0.2), t.Softplus("softplus", x, 1), t.GELUTanh("gelu.tanh", x),
			t.HardSigmoid("hard", t.Scale("more", x, 4)), t.ReLU6("six", t.Scale("most", x, 8)), t.HardSwish("hardswish", t.Scale("some", x, 5)),
			t.Affine("affine", x, []float32{1, 2, 3, 4, 5, 6}, []float32{6, 5, 4, 3, 2, 1}), t.Softmax("soft", x), t.LogSoftmax("log", x),
			t.Mul("product", x, t.Sub("difference", x, t.Tanh("tanh", x))),
			t.ScaleChannels("gated", x, t.GlobalAvgImages("gate", x)),
			t.WeightedAdd("weighted", []float32{0.5, -2}, x, t.Sigmoid("sigmoid", x)),
		}
		y := t.Maxout("maxout", t.Concat("all", all...), 5)
		y = t.Slice("some.channels", y, 3, 21)
		rows := t.Concat("rows", t.GlobalMaxPool("most.rows", y), t.GlobalAvgPool("mean.rows", y))
		rows = t.ScaleChannels("gated.rows", t.Unflatten("images", rows, 3, 4), t.Slice("three", rows, 0, 3))
		rows = one.Forward(t, t.Flatten("flat", rows))
		return t.LogSoftmax("answer", t.Maxout("pairs", fc.Forward(t, rows), 2))
	}}
}

// manyWindows has windows that slide in all ways, and sizes that change.
func manyWindows() ownModel {
	ps := nn.NewParams()
	up := nn.NewConvTranspose2d(ps, "up", tensor.ConvShape{Cin: 6, Cout: 4, KH: 3, KW: 4, StrideH: 2, StrideW: 3, PadH: 1, Groups: 2}, [2]int{1, 2}, true, nil)
	wide := nn.NewConvTranspose2d(ps, "wide", tensor.ConvShape{Cin: 4, Cout: 4, KH: 3, KW: 3, DilationH: 2, PadH: 3, PadW: 2}, [2]int{}, false, nil)
	conv := nn.NewConv2d(ps, "conv", tensor.ConvShape{Cin: 4, Cout: 6, KH: 3, KW: 2, StrideH: 2, StrideW: 1, DilationW: 3, PadH: 1, Groups: 2}, true, nil)
	same := nn.NewConv2d(ps, "same", tensor.ConvShape{Cin: 6, Cout: 6, KH: 4, KW: 4, StrideH: 2, StrideW: 2, Same: true, Groups: 6}, false, nil)
	return ownModel{ps, func(t *nn.Tape, b *nn.Batch) *nn.Node {
		y := wide.Forward(t, up.Forward(t, b.Images("image", 5, 4, 6)))
		y = t.ZeroPad2d("margins", y, nn.Margins{Top: 1, Left: 2, Right: 3})
		y = conv.Forward(t, y)
		y = t.Resize("bicubic", y, nn.ResizeOptions{Height: 9, Width: 11, By: nn.Bicubic})
		y = t.Resize("bilinear", y, nn.ResizeOptions{Height: 13, Width: 8, By: nn.Bilinear})
		y = t.Resize("corners", y, nn.ResizeOptions{Height: 7, Width: 12, By: nn.Bilinear, AlignCorners: true})
		y = t.Resize("nearest", y, nn.ResizeOptions{Factor: 2, By: nn.Nearest})
		y = same.Forward(t, y)
		padded := tensor.PoolShape{KH: 3, KW: 2, StrideH: 2, StrideW: 1, PadH: 1, PadW: 1}
		y = t.AdaptiveAvgPool("bins", y, 5, 9)
		return t.Concat("all", t.MaxPool("most", y, padded), t.AvgPool("mean", y, padded, false), t.AvgPool("counted", y, padded, true))
	}}
}

// TestEvenWindows wants a norm over an even number of channels refused: which of them is in the middle differs in ONNX.
func TestEvenWindows(t *testing.T) {
	m := ownModel{nn.NewParams(), func(t *nn.Tape, b *nn.Batch) *nn.Node {
		return nn.NewLocalResponseNorm("norm", 4).Forward(t, b.Images("image", 2, 2, 6))
	}}
	err := (network{name: "even", n: &zoo.Network{Model: m}, steps: 1}).write(&bytes.Buffer{})
	if refusal, ok := errors.AsType[*Unsupported](err); !ok || refusal.Layer != "norm" {
		t.Errorf("%v, want norm refused", err)
	}
}

// manySteps has layers of sequences without lengths.
func manySteps(t *testing.T) ownModel {
	ps := nn.NewParams()
	rnn, err := nn.NewStack(ps, "rnn", "mlstm", 4, 3, 1, nn.StackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fc, norm, layer := nn.NewLinear(ps, "fc", 5, 8, true), nn.NewBatchNorm(ps, "norm", 8, nn.BatchNormOptions{}), nn.NewLayerNorm(ps, "layer", 8, true)
	conv := nn.NewConv2d(ps, "conv", tensor.ConvShape{Cin: 8, Cout: 8, KH: 1, KW: 3, PadW: 1}, true, nil)
	return ownModel{ps, func(t *nn.Tape, b *nn.Batch) *nn.Node {
		x := layer.Forward(t, norm.Forward(t, fc.Forward(t, b.Values("frames", 5))))
		lines := t.ReLU("relu", conv.Forward(t, t.TimeToWidth("lines", x)))
		x = t.Add("both", t.Reverse("back", x, nil), t.WidthToTime("steps", lines))
		half := t.Maxout("halves", x, 2)
		half = rnn.Forward(t, half, nil)
		var rows []*nn.Node
		for _, take := range []func(string, *nn.Node, *nn.Lengths) *nn.Node{t.First, t.Last, t.MeanOverTime, t.MaxOverTime} {
			rows = append(rows, take(string(rune('a'+len(rows))), half, nil))
		}
		return t.Softmax("answer", t.Concat("rows", rows...))
	}}
}
