package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// resNets are the networks of table 1 of He et al. (2016), those of ResNeXt (Xie et
// al., 2017), and two of timm's.
//
//	          layer1 layer2 layer3 layer4
//	channels      64    128    256    512    four times as many behind bottlenecks
//	stride         4      8     16     32
var resNets = []resNetKind{
	{kind: "resnet18", rounding: "0.3.0", blocks: [4]int{2, 2, 2, 2},
		about: "ResNet-18 of torchvision: residual blocks of two 3x3 convolutions, batch norm",
		facts: Published{heDeep, "torchvision resnet18", 11_689_512, 1.814, []Pretrained{torchvisionV1(69.758)}}},
	{kind: "resnet34", blocks: [4]int{3, 4, 6, 3},
		about: "ResNet-34 of torchvision: residual blocks of two 3x3 convolutions, batch norm",
		facts: Published{heDeep, "torchvision resnet34", 21_797_672, 3.664, []Pretrained{torchvisionV1(73.314)}}},
	{kind: "resnet50", blocks: [4]int{3, 4, 6, 3}, bottleneck: true,
		about: "ResNet-50 of torchvision (v1.5): bottlenecks of 1x1, 3x3 and 1x1 convolutions, batch norm",
		facts: Published{heDeep, "torchvision resnet50", 25_557_032, 4.089, []Pretrained{torchvisionV1(76.130), torchvisionV2(80.858)}}},
	{kind: "resnet101", blocks: [4]int{3, 4, 23, 3}, bottleneck: true,
		about: "ResNet-101 of torchvision (v1.5): bottlenecks, batch norm",
		facts: Published{heDeep, "torchvision resnet101", 44_549_160, 7.801, []Pretrained{torchvisionV1(77.374), torchvisionV2(81.886)}}},
	{kind: "resnet152", blocks: [4]int{3, 8, 36, 3}, bottleneck: true,
		about: "ResNet-152 of torchvision (v1.5): bottlenecks, batch norm",
		facts: Published{heDeep, "torchvision resnet152", 60_192_808, 11.514, []Pretrained{torchvisionV1(78.312), torchvisionV2(82.284)}}},
	{kind: "resnext50-32x4d", blocks: [4]int{3, 4, 6, 3}, bottleneck: true, groups: 32, groupWidth: 4,
		about: "ResNeXt-50 of torchvision: bottlenecks whose 3x3 convolutions have 32 groups, batch norm",
		facts: Published{xieAggregated, "torchvision resnext50_32x4d", 25_028_904, 4.230, []Pretrained{torchvisionV1(77.618), torchvisionV2(81.198)}}},
	{kind: "resnext101-32x8d", blocks: [4]int{3, 4, 23, 3}, bottleneck: true, groups: 32, groupWidth: 8,
		about: "ResNeXt-101 of torchvision: bottlenecks whose 3x3 convolutions have 32 groups, batch norm",
		facts: Published{xieAggregated, "torchvision resnext101_32x8d", 88_791_336, 16.414, []Pretrained{torchvisionV1(79.312), torchvisionV2(82.834)}}},
	{kind: "resnext101-64x4d", blocks: [4]int{3, 4, 23, 3}, bottleneck: true, groups: 64, groupWidth: 4,
		about: "ResNeXt-101 of torchvision: bottlenecks whose 3x3 convolutions have 64 groups, batch norm",
		facts: Published{xieAggregated, "torchvision resnext101_64x4d", 83_455_272, 15.460, []Pretrained{
			{"torchvision IMAGENET1K_V1", 83.246, imageNetPreset(232, 224, "bilinear")}}}},
	{kind: "seresnet50", blocks: [4]int{3, 4, 6, 3}, bottleneck: true, squeeze: true, zeroLast: true,
		about: "SE-ResNet-50 of timm: bottlenecks with squeeze-excitation, batch norm",
		facts: Published{"Hu, Shen and Sun (2018), Squeeze-and-Excitation Networks", "timm seresnet50", 28_088_024, 4.092, []Pretrained{
			{"timm seresnet50.ra2_in1k", 80.260, imageNetPreset(256, 224, "bicubic")},
			{"timm seresnet50.ra2_in1k at 288", 81.288, imageNetPreset(303, 288, "bicubic")},
			{"timm seresnet50.a1_in1k", 0, imageNetPreset(235, 224, "bicubic")},
			{"timm seresnet50.a1_in1k at 288", 0, imageNetPreset(288, 288, "bicubic")}}}},
	{kind: "resnet50-gn", blocks: [4]int{3, 4, 6, 3}, bottleneck: true, groupNorm: true, zeroLast: true,
		about: "ResNet-50-GN of timm: bottlenecks with group norms of 32 groups",
		facts: Published{"Wu and He (2018), Group Normalization", "timm resnet50_gn", 25_557_032, 4.089, []Pretrained{
			{"timm resnet50_gn.a1h_in1k", 0, imageNetPreset(238, 224, "bicubic")}}}},
}

const (
	heDeep        = "He, Zhang, Ren and Sun (2016), Deep Residual Learning for Image Recognition"
	xieAggregated = "Xie, Girshick, Dollár, Tu and He (2017), Aggregated Residual Transformations for Deep Neural Networks"
)

func init() {
	for _, k := range resNets {
		Register(k.kind, Kind[ResNet]{
			About: k.about, Task: task.Class, Sample: "image", Rounding: k.rounding,
			Defaults:  ResNet{Scaled: asPublished(224), Dilated: Dilated{32}},
			Published: &k.facts, Backbone: k.backbone, New: k.build,
		})
	}
}

// resNetKind is one of the networks.
type resNetKind struct {
	kind, about, rounding string
	blocks                [4]int
	bottleneck            bool
	groups, groupWidth    int  // of the 3x3 convolution of a bottleneck; 0: one of 64
	squeeze               bool // squeeze-excitation at the end of a branch
	groupNorm             bool // instead of batch norm
	zeroLast              bool // the last norm of a branch starts as zero: so does the branch
	facts                 Published
}

// ResNet describes a residual network.
type ResNet struct {
	Scaled
	Dilated
}

// backboneLeast is the smallest image that makes sense to a network that halves
// it five times.
const backboneLeast = 16

// build makes the network:
//
//	conv1 7x7, 64, stride 2 – bn1 – ReLU – pool 3x3, stride 2
//	layer1 … layer4: the first block of layers 2, 3 and 4 has stride 2
//	mean over the map – fc classes
//
// Names are those of torchvision and timm. Convolutions start as N(0, 2/(out·kh·kw)),
// norms as 1 and 0, fc and what biases there are as PyTorch's.
func (k resNetKind) build(c ResNet) (Model, error) {
	return newStaged(c.Classifier,
		func(ps *nn.Params) ([]Stage, error) { return k.backbone(ps, "", c) },
		func(ps *nn.Params, channels int) layer {
			return sequence{globalMean("avgpool"), nn.NewLinear(ps, "fc", channels, c.Classes, true)}
		})
}

func (k resNetKind) backbone(ps *nn.Params, prefix string, c ResNet) ([]Stage, error) {
	strides, err := c.strides(4)
	if err != nil {
		return nil, err
	}
	if err := c.check(backboneLeast, halving("conv1", "maxpool", "layer2", "layer3", "layer4")...); err != nil {
		return nil, err
	}
	in, st := c.wide(64), style{init: fanOut}
	if k.groupNorm {
		for i := range k.blocks {
			if n := c.wide(64 << i); n%32 != 0 {
				return nil, fmt.Errorf("model.width: %v makes %d channels, of which 32 groups cannot be made", c.Width, n)
			}
		}
		st.norm = groupNorm(32)
	}
	stages := []Stage{stage("maxpool", in, 4, sequence{
		st.block(ps, prefix+"conv1", prefix+"bn1", prefix+"relu", square(c.Channels, in, 7, 2, 3)),
		maxPool(prefix+"maxpool", window(3, 2, 1)),
	})}
	for i, count := range k.blocks {
		name, stride, first, later := fmt.Sprintf("layer%d", i+1), 1, 1, 1
		if i > 0 {
			stride, first, later = strides.next(2)
		}
		var layers sequence
		for j := range c.deep(count) {
			b := &residual{name: fmt.Sprintf("%s%s.%d", prefix, name, j), in: in, stride: stride, first: first, later: later}
			k.block(ps, st, b, c.wide(64<<i))
			layers, in, stride, first = append(layers, b), b.out, 1, later
		}
		stages = append(stages, stage(name, in, strides.total, layers))
	}
	return stages, nil
}

// block registers a block of so many channels.
func (k resNetKind) block(ps *nn.Params, st style, b *residual, channels int) {
	if !k.bottleneck {
		b.basic(ps, st, channels)
		return
	}
	groups, width := 1, channels
	if k.groups > 0 {
		groups, width = k.groups, max(1, channels*k.groupWidth/64)*k.groups
	}
	b.bottleneck(ps, st, channels, width, groups)
	if k.squeeze {
		se := nn.NewSqueezeExcitation(ps, b.name+".se", b.out, squeezed(b.out), nil, nil)
		fanOutSqueeze(se)
		b.branch = append(b.branch, se)
	}
	if k.zeroLast {
		ps.Get(b.name + ".bn3.weight").StartAs(nn.ConstantInit(0))
	}
}

// squeezed is a sixteenth of channels, to the nearest multiple of 8: timm's.
func squeezed(channels int) int { return max(8, (channels/16+4)/8*8) }
