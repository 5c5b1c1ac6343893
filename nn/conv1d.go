package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Conv1d is torch.nn.Conv1d: a convolution along lines, with weights [out,
// in/groups, k] and a bias [out] or none. A line is an image of height 1;
// [Tape.TimeToWidth] makes one of the steps of a sequence, and [Tape.Unflatten]
// of the features of a row.
type Conv1d struct{ *Conv2d }

// NewConv1d registers name.weight and, with bias, name.bias. Of the shape only
// the channels, the groups, Same and the fields of the width count: KW, StrideW,
// PadW, MoreW and DilationW. A nil init is PyTorch's.
func NewConv1d(ps *Params, name string, s tensor.ConvShape, bias bool, init Init) *Conv1d {
	c := NewConv2d(ps, name, oneLine(name, s), bias, init)
	c.Weight.Shape = []int{c.Weight.Shape[0], c.Weight.Shape[1], s.KW}
	return &Conv1d{c}
}

// oneLine returns the shape of a convolution along lines. It panics when s has a
// height.
func oneLine(name string, s tensor.ConvShape) tensor.ConvShape {
	if s.KH > 1 || s.StrideH > 1 || s.PadH|s.MoreH != 0 || s.DilationH > 1 {
		panic(fmt.Sprintf("nn: %s is along lines, but has a kernel %d high, of stride %d, padding %d and dilation %d",
			name, s.KH, s.StrideH, s.PadH, s.DilationH))
	}
	s.KH = 1
	return s
}

// Forward records y [T*L*R*w, out] for images x of one line. It panics when x is
// something else, has other channels, or the kernel does not fit.
func (l *Conv1d) Forward(t *Tape, x *Node) *Node {
	if x.Layout.Height != 1 {
		panic(fmt.Sprintf("nn: %s takes images of one line (Tape.TimeToWidth makes them of steps, Tape.Unflatten of features), got %v", l.Name, x))
	}
	return l.Conv2d.Forward(t, x)
}
