package nn

import "github.com/rondo-ml/rondo/tensor"

// SeparableConv2d is a depthwise convolution, which has one kernel for every
// channel, and a pointwise one, of 1x1, behind it: Sifre (2014), Chollet (2017).
// Parameters are named as timm names them: name.conv1.weight [in, 1, kh, kw] and
// name.pointwise.weight [out, in, 1, 1].
type SeparableConv2d struct{ Depthwise, Pointwise *Conv2d }

// NewSeparableConv2d registers both. The shape says all but the input's size,
// and Groups; all but the channels of the output goes to the depthwise one.
func NewSeparableConv2d(ps *Params, name string, s tensor.ConvShape, bias bool, init Init) *SeparableConv2d {
	out := s.Cout
	s.Cout, s.Groups = s.Cin, s.Cin
	return &SeparableConv2d{
		Depthwise: NewConv2d(ps, name+".conv1", s, bias, init),
		Pointwise: NewConv2d(ps, name+".pointwise", tensor.ConvShape{Cin: s.Cin, Cout: out, KH: 1, KW: 1}, bias, init),
	}
}

// Forward records y [T*L*R*h*w, out] for images x.
func (l *SeparableConv2d) Forward(t *Tape, x *Node) *Node {
	return l.Pointwise.Forward(t, l.Depthwise.Forward(t, x))
}
