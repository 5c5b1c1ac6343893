package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func init() {
	Register("resnet18", Kind[Classifier]{
		About:    "ResNet-18 of torchvision: residual blocks of two 3x3 convolutions, batch norm",
		Task:     task.Class,
		Sample:   "image",
		Defaults: imageNet,
		Rounding: "0.3.0",
		New:      newResNet18,
	})
}

// backboneLeast is the smallest image that makes sense to a network that halves
// it five times.
const backboneLeast = 16

// resNet is He et al. (2016) with torchvision's names:
//
//	conv1 7x7, 64, stride 2 – bn1 – ReLU – pool 3x3, stride 2
//	layer1 … layer4: blocks of 64, 128, 256, 512 channels; the first block of
//	layers 2, 3 and 4 has stride 2
//	mean over the map – fc classes
//
// Convolutions start as N(0, 2/(out·kh·kw)), batch norms as 1 and 0, fc as
// PyTorch's linear layers. ResNet-18 has 11,689,512 parameters for three channels
// and a thousand classes.
type resNet struct {
	Classifier
	params *nn.Params
	stem   normed
	blocks []*basicBlock
	fc     *nn.Linear
}

// basicBlock is y = ReLU(bn2(conv2(ReLU(bn1(conv1(x))))) + x), where x is
// brought to y's size by downsample if need be.
type basicBlock struct {
	name          string
	first, second normed
	downsample    *normed
	skip          *nn.Dropout // of the branch, where there is one
}

func newResNet18(c Classifier) (Model, error) {
	if err := c.check(backboneLeast); err != nil {
		return nil, err
	}
	ps := nn.NewParams()
	m := &resNet{Classifier: c, params: ps, stem: newNormed(ps, "conv1", "bn1", square(c.Channels, 64, 7, 2, 3))}
	in := 64
	for layer, out := range []int{64, 128, 256, 512} {
		for i := range 2 {
			stride := 1
			if i == 0 && layer > 0 {
				stride = 2
			}
			m.blocks = append(m.blocks, newBasicBlock(ps, fmt.Sprintf("layer%d.%d", layer+1, i), in, out, stride))
			in = out
		}
	}
	m.fc = nn.NewLinear(ps, "fc", in, c.Classes, true)
	return m, nil
}

func newBasicBlock(ps *nn.Params, name string, in, out, stride int) *basicBlock {
	b := &basicBlock{
		name:   name,
		first:  newNormed(ps, name+".conv1", name+".bn1", square(in, out, 3, stride, 1)),
		second: newNormed(ps, name+".conv2", name+".bn2", square(out, out, 3, 1, 1)),
	}
	if stride != 1 || in != out {
		d := newNormed(ps, name+".downsample.0", name+".downsample.1", square(in, out, 1, stride, 0))
		b.downsample = &d
	}
	return b
}

func (b *basicBlock) forward(t *nn.Tape, x *nn.Node) *nn.Node {
	add := x
	if b.downsample != nil {
		add = b.downsample.forward(t, x)
	}
	y := t.ReLU(b.name+".relu1", b.first.forward(t, x))
	y = b.second.forward(t, y)
	if b.skip != nil {
		y = b.skip.Forward(t, y)
	}
	return t.ReLU(b.name+".relu2", t.Add(b.name+".add", y, add))
}

func (m *resNet) Params() *nn.Params { return m.params }

func (m *resNet) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := t.ReLU("relu", m.stem.forward(t, m.image(b)))
	x = t.MaxPool("maxpool", x, tensor.PoolShape{KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
	for _, block := range m.blocks {
		x = block.forward(t, x)
	}
	return m.fc.Forward(t, t.GlobalAvgPool("avgpool", x))
}
