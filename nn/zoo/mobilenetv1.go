package zoo

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func init() {
	half := [3]float64{0.5, 0.5, 0.5}
	Register("mobilenetv1", Kind[MobileNetV1]{
		About:    "MobileNet (v1) of timm: depthwise separable convolutions, batch norm",
		Task:     task.Class,
		Sample:   "image",
		Defaults: MobileNetV1{asPublished(224), 0},
		Published: &Published{"Howard et al. (2017), MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
			"timm mobilenetv1_100", 4_231_976, 0.569, []Pretrained{
				{"timm mobilenetv1_100.ra4_e3600_r224_in1k", 75.388, Preset{256, 224, "bicubic", half, half, false, false}}}},
		Backbone: mobileNetV1Stages,
		New:      newMobileNetV1,
	})
}

// MobileNetV1 describes a MobileNet of 2017.
type MobileNetV1 struct {
	Scaled
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer"`
}

// mobileNetV1 is table 1 of Howard et al. (2017), as timm divides it: count blocks
// with out channels, the first with the stride.
var mobileNetV1 = []struct{ out, count, stride int }{
	{64, 1, 1},
	{128, 2, 2},
	{256, 2, 2},
	{512, 6, 2},
	{1024, 2, 2},
}

// newMobileNetV1 has timm's names:
//
//	conv_stem 3x3, 32, stride 2 – bn1 – ReLU6
//	blocks.S.I: conv_dw 3x3 – bn1 – ReLU6 – conv_pw 1x1 – bn2 – ReLU6
//	mean over the map – dropout – classifier
//
// Convolutions start as N(0, 2/(out/groups·kh·kw)), norms as 1 and 0, the linear
// layer as U(-1/√classes, 1/√classes) and 0.
func newMobileNetV1(c MobileNetV1) (Model, error) {
	return newStaged(c.Classifier,
		func(ps *nn.Params) ([]Stage, error) { return mobileNetV1Stages(ps, "", c) },
		func(ps *nn.Params, channels int) layer {
			l := nn.NewLinear(ps, "classifier", channels, c.Classes, true)
			l.Weight.StartAs(nn.UniformInit(1 / float32(math.Sqrt(float64(c.Classes)))))
			l.Bias.StartAs(nn.ConstantInit(0))
			return sequence{globalMean("global_pool"), nn.NewDropout("dropout", float32(c.Dropout), 0), l}
		})
}

// fanOutOfGroup starts a convolution by the outputs that one input reaches.
func fanOutOfGroup(s tensor.ConvShape) nn.Init {
	return nn.KaimingFanOut(s.Cout/max(1, s.Groups), s.KH, s.KW)
}

func mobileNetV1Stages(ps *nn.Params, prefix string, c MobileNetV1) ([]Stage, error) {
	if err := c.check(backboneLeast, halving("conv_stem", "blocks.1", "blocks.2", "blocks.3", "blocks.4")...); err != nil {
		return nil, err
	}
	st := style{init: fanOutOfGroup, act: (*nn.Tape).ReLU6}
	in, total := c.wide(32), 2
	stages := []Stage{stage("bn1", in, total,
		st.block(ps, prefix+"conv_stem", prefix+"bn1", prefix+"act1", square(c.Channels, in, 3, 2, 1)))}
	for i, g := range mobileNetV1 {
		var layers sequence
		stride, out := g.stride, c.wide(g.out)
		for j := range c.deep(g.count) {
			name := fmt.Sprintf("%sblocks.%d.%d", prefix, i, j)
			layers = append(layers,
				st.block(ps, name+".conv_dw", name+".bn1", name+".act1", grouped(square(in, in, 3, stride, 1), in)),
				st.block(ps, name+".conv_pw", name+".bn2", name+".act2", square(in, out, 1, 1, 0)))
			in, total, stride = out, total*stride, 1
		}
		stages = append(stages, stage(fmt.Sprintf("blocks.%d", i), in, total, layers))
	}
	return stages, nil
}
