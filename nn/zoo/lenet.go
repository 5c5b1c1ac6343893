package zoo

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func init() {
	Register("lenet5", Kind[Classifier]{
		About:     "LeNet-5 as it is built today: two convolutions, three linear layers, ReLU, maximum pooling",
		Task:      task.Class,
		Sample:    "image",
		Defaults:  Classifier{Classes: 10, Image: 28, Channels: 1},
		Rounding:  "0.3.0",
		Published: &Published{leCunGradient, "PyTorch's tutorial \"Neural Networks\"", 61_706, 0.00041652, nil},
		New:       newLeNet,
	})
}

// leNetLeast is the smallest image of which two convolutions and poolings leave
// anything.
const leNetLeast = 12

// leNet is LeCun et al. (1998) without the peculiarities of its time:
//
//	conv1 5x5, 6, padding 2 – ReLU – pool 2x2
//	conv2 5x5, 16           – ReLU – pool 2x2
//	fc1 120 – ReLU – fc2 84 – ReLU – fc3 classes
//
// At 28 pixels, one channel and ten classes it has 61,706 parameters. All start
// as PyTorch's layers do.
type leNet struct {
	Classifier
	params        *nn.Params
	conv1, conv2  *nn.Conv2d
	fc1, fc2, fc3 *nn.Linear
}

func newLeNet(c Classifier) (Model, error) {
	err := c.check(leNetLeast, narrowing{"pool1", 2, 2, 0}, narrowing{"conv2", 5, 1, 0}, narrowing{"pool2", 2, 2, 0})
	if err != nil {
		return nil, err
	}
	ps := nn.NewParams()
	side := (c.Image/2 - 4) / 2
	return &leNet{
		Classifier: c, params: ps,
		conv1: nn.NewConv2d(ps, "conv1", square(c.Channels, 6, 5, 1, 2), true, nil),
		conv2: nn.NewConv2d(ps, "conv2", square(6, 16, 5, 1, 0), true, nil),
		fc1:   nn.NewLinear(ps, "fc1", 16*side*side, 120, true),
		fc2:   nn.NewLinear(ps, "fc2", 120, 84, true),
		fc3:   nn.NewLinear(ps, "fc3", 84, c.Classes, true),
	}, nil
}

func (m *leNet) Params() *nn.Params { return m.params }

func (m *leNet) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	half := tensor.PoolShape{KH: 2, KW: 2}
	x := t.MaxPool("pool1", t.ReLU("relu1", m.conv1.Forward(t, m.image(b))), half)
	x = t.MaxPool("pool2", t.ReLU("relu2", m.conv2.Forward(t, x)), half)
	x = t.ReLU("relu3", m.fc1.Forward(t, t.Flatten("flatten", x)))
	x = t.ReLU("relu4", m.fc2.Forward(t, x))
	return m.fc3.Forward(t, x)
}
