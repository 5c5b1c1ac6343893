package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("mobilenetv2", Kind[MobileNetV2]{
		About:    "MobileNetV2 of torchvision: inverted residual blocks around depthwise convolutions, batch norm",
		Task:     task.Class,
		Sample:   "image",
		Defaults: MobileNetV2{imageNet, 0.2},
		Rounding: "0.3.0",
		New:      newMobileNetV2,
	})
}

// MobileNetV2 describes a MobileNetV2.
type MobileNetV2 struct {
	Classifier
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer; torchvision has 0.2"`
}

// mobileNet is Sandler et al. (2018) with torchvision's names:
//
//	features.0       3x3, 32, stride 2 – bn – ReLU6
//	features.1 … 17  inverted residual blocks
//	features.18      1x1, 1280 – bn – ReLU6
//	mean over the map – dropout – classifier.1
//
// Convolutions start as N(0, 2/(out·kh·kw)), batch norms as 1 and 0, the linear
// layer as N(0, 0.01²) and 0. It has 3,504,872 parameters for three channels and
// a thousand classes.
type mobileNet struct {
	Classifier
	params     *nn.Params
	stem, head normed
	blocks     []*inverted
	drop       *nn.Dropout
	classifier *nn.Linear
}

// inverted widens its input by 1x1, filters every channel by itself, narrows by
// 1x1 without a rectifier, and adds its input where the sizes are the same.
type inverted struct {
	name   string
	wide   *normed // nil where it does not widen
	deep   normed
	narrow normed
	add    bool
}

func newMobileNetV2(c MobileNetV2) (Model, error) {
	if err := c.check(backboneLeast); err != nil {
		return nil, err
	}
	ps := nn.NewParams()
	m := &mobileNet{Classifier: c.Classifier, params: ps, drop: nn.NewDropout("classifier.0", float32(c.Dropout), 0)}
	m.stem = newNormed(ps, "features.0.0", "features.0.1", square(c.Channels, 32, 3, 2, 1))
	in := 32
	for _, g := range []struct{ widen, out, count, stride int }{
		{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1},
	} {
		for i := range g.count {
			stride := 1
			if i == 0 {
				stride = g.stride
			}
			m.blocks = append(m.blocks, newInverted(ps, fmt.Sprintf("features.%d.conv", len(m.blocks)+1), in, g.out, stride, g.widen))
			in = g.out
		}
	}
	const width = 1280
	m.head = newNormed(ps, "features.18.0", "features.18.1", square(in, width, 1, 1, 0))
	m.classifier = &nn.Linear{
		Name:   "classifier.1",
		Weight: ps.Add("classifier.1.weight", nn.NormalInit(0.01), c.Classes, width),
		Bias:   ps.Add("classifier.1.bias", nn.ConstantInit(0), c.Classes),
	}
	return m, nil
}

func newInverted(ps *nn.Params, name string, in, out, stride, widen int) *inverted {
	b, wide, at := &inverted{name: name, add: stride == 1 && in == out}, in*widen, 0
	if widen != 1 {
		w := newNormed(ps, name+".0.0", name+".0.1", square(in, wide, 1, 1, 0))
		b.wide, at = &w, 1
	}
	deep := square(wide, wide, 3, stride, 1)
	deep.Groups = wide
	b.deep = newNormed(ps, fmt.Sprintf("%s.%d.0", name, at), fmt.Sprintf("%s.%d.1", name, at), deep)
	b.narrow = newNormed(ps, fmt.Sprintf("%s.%d", name, at+1), fmt.Sprintf("%s.%d", name, at+2), square(wide, out, 1, 1, 0))
	return b
}

func (b *inverted) forward(t *nn.Tape, x *nn.Node) *nn.Node {
	h := x
	if b.wide != nil {
		h = t.ReLU6(b.name+".wide.relu6", b.wide.forward(t, h))
	}
	h = b.narrow.forward(t, t.ReLU6(b.name+".deep.relu6", b.deep.forward(t, h)))
	if b.add {
		h = t.Add(b.name+".add", h, x)
	}
	return h
}

func (m *mobileNet) Params() *nn.Params { return m.params }

func (m *mobileNet) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := t.ReLU6("features.0.2", m.stem.forward(t, m.image(b)))
	for _, block := range m.blocks {
		x = block.forward(t, x)
	}
	x = t.GlobalAvgPool("pool", t.ReLU6("features.18.2", m.head.forward(t, x)))
	return m.classifier.Forward(t, m.drop.Forward(t, x))
}
