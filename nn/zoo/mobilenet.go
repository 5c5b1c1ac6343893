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
		Defaults: MobileNetV2{asPublished(224), 0.2},
		Published: &Published{"Sandler, Howard, Zhu, Zhmoginov and Chen (2018), MobileNetV2: Inverted Residuals and Linear Bottlenecks",
			"torchvision mobilenet_v2", 3_504_872, 0.301, []Pretrained{torchvisionV1(71.878), torchvisionV2(72.154)}},
		Rounding: "0.3.0",
		Backbone: mobileNetV2Stages,
		New:      newMobileNetV2,
	})
}

// MobileNetV2 describes a MobileNetV2.
type MobileNetV2 struct {
	Scaled
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer; torchvision has 0.2"`
}

// mobileNetV2 is table 2 of Sandler et al. (2018): so many times a block that
// widens its input.
var mobileNetV2 = []struct{ widen, out, count, stride int }{
	{1, 16, 1, 1},
	{6, 24, 2, 2},
	{6, 32, 3, 2},
	{6, 64, 4, 2},
	{6, 96, 3, 1},
	{6, 160, 3, 2},
	{6, 320, 1, 1},
}

// newMobileNetV2 has torchvision's names:
//
//	features.0       3x3, 32, stride 2 – bn – ReLU6
//	features.1 … 17  inverted residual blocks
//	features.18      1x1, 1280 – bn – ReLU6
//	mean over the map – dropout – classifier.1
//
// Convolutions start as N(0, 2/(out·kh·kw)), batch norms as 1 and 0, the linear
// layer as N(0, 0.01²) and 0.
func newMobileNetV2(c MobileNetV2) (Model, error) {
	return newStaged(c.Classifier,
		func(ps *nn.Params) ([]Stage, error) { return mobileNetV2Stages(ps, "", c) },
		func(ps *nn.Params, channels int) layer {
			return sequence{
				globalMean("pool"),
				nn.NewDropout("classifier.0", float32(c.Dropout), 0),
				normalLinear(ps, "classifier.1", channels, c.Classes),
			}
		})
}

func mobileNetV2Stages(ps *nn.Params, prefix string, c MobileNetV2) ([]Stage, error) {
	halved, at := []string{"features.0"}, 1
	for _, g := range mobileNetV2 {
		if g.stride == 2 {
			halved = append(halved, fmt.Sprintf("features.%d", at))
		}
		at += c.deep(g.count)
	}
	if err := c.check(backboneLeast, halving(halved...)...); err != nil {
		return nil, err
	}
	st := style{init: fanOut, act: (*nn.Tape).ReLU6}
	in, total := c.wide(32), 2
	var stages []Stage
	add := func(l layer) {
		stages = append(stages, stage(fmt.Sprintf("features.%d", len(stages)), in, total, l))
	}
	add(st.block(ps, prefix+"features.0.0", prefix+"features.0.1", prefix+"features.0.2", square(c.Channels, in, 3, 2, 1)))
	for _, g := range mobileNetV2 {
		stride := g.stride
		for range c.deep(g.count) {
			b := newInverted(ps, st, fmt.Sprintf("%sfeatures.%d.conv", prefix, len(stages)), in, c.wide(g.out), stride, g.widen)
			in, total, stride = c.wide(g.out), total*stride, 1
			add(b)
		}
	}
	out := max(1280, c.wide(1280))
	name := fmt.Sprintf("%sfeatures.%d", prefix, len(stages))
	head := st.block(ps, name+".0", name+".1", name+".2", square(in, out, 1, 1, 0))
	in = out
	add(head)
	return stages, nil
}

// inverted widens its input by 1x1, filters every channel by itself, narrows by
// 1x1 without a rectifier, and adds its input where the sizes are the same.
type inverted struct {
	name   string
	blocks sequence
	add    bool
}

func newInverted(ps *nn.Params, st style, name string, in, out, stride, widen int) *inverted {
	b, wide := &inverted{name: name, add: stride == 1 && in == out}, in*widen
	if widen != 1 {
		b.blocks = append(b.blocks, st.block(ps, name+".0.0", name+".0.1", name+".wide.relu6", square(in, wide, 1, 1, 0)))
	}
	at := len(b.blocks)
	deep := grouped(square(wide, wide, 3, stride, 1), wide)
	b.blocks = append(b.blocks,
		st.block(ps, fmt.Sprintf("%s.%d.0", name, at), fmt.Sprintf("%s.%d.1", name, at), name+".deep.relu6", deep),
		st.block(ps, fmt.Sprintf("%s.%d", name, at+1), fmt.Sprintf("%s.%d", name, at+2), "", square(wide, out, 1, 1, 0)))
	return b
}

func (b *inverted) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	h := b.blocks.Forward(t, x)
	if b.add {
		h = t.Add(b.name+".add", h, x)
	}
	return h
}
