package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Activation is an element-wise function as a module is given it: (*Tape).ReLU,
// (*Tape).SiLU, (*Tape).HardSigmoid.
type Activation = func(t *Tape, name string, x *Node) *Node

// SqueezeExcitation weighs the channels of an image by what all of its pixels say
// (Hu, Shen and Sun, 2018):
//
//	s = Gate(fc2(Activation(fc1(mean of x over pixels)))),  y = x·s
type SqueezeExcitation struct {
	Name             string
	FC1, FC2         *Conv2d
	Activation, Gate Activation
}

// NewSqueezeExcitation registers the 1x1 convolutions name.fc1 [squeezed, channels, 1, 1]
// and name.fc2 [channels, squeezed, 1, 1], with biases, as torchvision does. A nil
// activation is ReLU, a nil gate Sigmoid: EfficientNet has SiLU and Sigmoid,
// MobileNetV3 ReLU and HardSigmoid. It panics unless squeezed is at least 1.
func NewSqueezeExcitation(ps *Params, name string, channels, squeezed int, activation, gate Activation) *SqueezeExcitation {
	if channels < 1 || squeezed < 1 {
		panic(fmt.Sprintf("nn: %s squeezes %d channels to %d; at least one is needed", name, channels, squeezed))
	}
	if activation == nil {
		activation = (*Tape).ReLU
	}
	if gate == nil {
		gate = (*Tape).Sigmoid
	}
	return &SqueezeExcitation{
		Name:       name,
		FC1:        NewConv2d(ps, name+".fc1", tensor.ConvShape{Cin: channels, Cout: squeezed, KH: 1, KW: 1}, true, nil),
		FC2:        NewConv2d(ps, name+".fc2", tensor.ConvShape{Cin: squeezed, Cout: channels, KH: 1, KW: 1}, true, nil),
		Activation: activation, Gate: gate,
	}
}

// Forward records y, of x's shape. It panics unless x is images of the module's
// channels.
func (s *SqueezeExcitation) Forward(t *Tape, x *Node) *Node {
	h := t.GlobalAvgImages(s.Name+".avgpool", x)
	h = s.Activation(t, s.Name+".activation", s.FC1.Forward(t, h))
	h = s.Gate(t, s.Name+".scale_activation", s.FC2.Forward(t, h))
	return t.ScaleChannels(s.Name, x, h)
}

// GlobalAvgImages records the mean of every channel of every image as images of one
// pixel: torch.nn.AdaptiveAvgPool2d(1). [Tape.GlobalAvgPool] yields rows.
func (t *Tape) GlobalAvgImages(name string, x *Node) *Node {
	return t.AvgPool(name, x, tensor.PoolShape{KH: x.Layout.Height, KW: x.Layout.Width}, false)
}
