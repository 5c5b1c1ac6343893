package zoo

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// convNeXts are the networks of Liu et al. (2022), section 3.
//
//	          features.1  .3  .5  .7
//	stride             4   8  16  32
var convNeXts = []convNeXtKind{
	{"tiny", [4]int{96, 192, 384, 768}, [4]int{3, 3, 9, 3}, 0.1, convNeXtFacts("tiny", 28_589_128, 4.456, 82.520, 236)},
	{"small", [4]int{96, 192, 384, 768}, [4]int{3, 3, 27, 3}, 0.4, convNeXtFacts("small", 50_223_688, 8.684, 83.616, 230)},
	{"base", [4]int{128, 256, 512, 1024}, [4]int{3, 3, 27, 3}, 0.5, convNeXtFacts("base", 88_591_464, 15.355, 84.062, 232)},
	{"large", [4]int{192, 384, 768, 1536}, [4]int{3, 3, 27, 3}, 0.5, convNeXtFacts("large", 197_767_336, 34.361, 84.414, 232)},
}

func convNeXtFacts(name string, parameters int, multiplyAdds, top1 float64, resize int) Published {
	return Published{"Liu, Mao, Wu, Feichtenhofer, Darrell and Xie (2022), A ConvNet for the 2020s", "torchvision convnext_" + name,
		parameters, multiplyAdds, []Pretrained{{"torchvision IMAGENET1K_V1", top1, imageNetPreset(resize, 224, "bilinear")}}}
}

func init() {
	for _, k := range convNeXts {
		Register("convnext-"+k.name, Kind[ConvNeXt]{
			About:     fmt.Sprintf("ConvNeXt-%c of torchvision: depthwise 7x7 convolutions, layer norm, GELU, layer scale", k.name[0]-'a'+'A'),
			Task:      task.Class,
			Sample:    "image",
			Defaults:  ConvNeXt{asPublished(224), k.skip},
			Published: &k.facts, Backbone: k.backbone, New: k.build,
		})
	}
}

// convNeXtKind is one of the networks.
type convNeXtKind struct {
	name             string
	channels, blocks [4]int
	skip             float64 // rate of stochastic depth
	facts            Published
}

// ConvNeXt describes a ConvNeXt.
type ConvNeXt struct {
	Scaled
	StochasticDepth float64 `field:"stochastic_depth" allowed:"[0, 1)" about:"rate at which an image skips the last block; earlier blocks have less, in proportion"`
}

// convNeXtLeast is the smallest image that a stem of 4x4 and three halvings leave a map of.
const convNeXtLeast = 32

// build makes the network, with torchvision's names:
//
//	features.0            4x4, stride 4 – layer norm
//	features.1, 3, 5, 7   blocks
//	features.2, 4, 6      layer norm – 2x2, stride 2
//	mean over the map – layer norm – classifier.2
//
// Layer norms are over the channels of each pixel, with an eps of 1e-6. Weights
// start as N(0, 0.02²), biases as 0, layer scales as 1e-6.
func (k convNeXtKind) build(c ConvNeXt) (Model, error) {
	m, err := newStaged(c.Classifier,
		func(ps *nn.Params) ([]Stage, error) { return k.backbone(ps, "", c) },
		func(ps *nn.Params, channels int) layer {
			return sequence{globalMean("avgpool"), pixelNorm(ps, "classifier.0", channels), narrowLinear(ps, "classifier.2", channels, c.Classes)}
		})
	if err != nil {
		return nil, err
	}
	return &convNeXt{m.(Backbone)}, nil
}

// convNeXt takes timm's names of weights, too.
type convNeXt struct{ Backbone }

// WeightName is torchvision's name for that of timm: "features.5.2.layer_scale" for
// "stages.2.blocks.2.gamma".
func (*convNeXt) WeightName(name string) string {
	for timm, own := range map[string]string{"stem.": "features.0.", "head.norm.": "classifier.0.", "head.fc.": "classifier.2."} {
		if rest, ok := strings.CutPrefix(name, timm); ok {
			return own + rest
		}
	}
	var stage, block int
	var rest string
	if n, _ := fmt.Sscanf(name, "stages.%d.downsample.%s", &stage, &rest); n == 2 {
		return fmt.Sprintf("features.%d.%s", 2*stage, rest)
	}
	if n, _ := fmt.Sscanf(name, "stages.%d.blocks.%d.%s", &stage, &block, &rest); n == 3 {
		return fmt.Sprintf("features.%d.%d.%s", 2*stage+1, block, timmConvNeXt.Replace(rest))
	}
	return name
}

var timmConvNeXt = strings.NewReplacer("conv_dw.", "block.0.", "norm.", "block.2.", "mlp.fc1.", "block.3.", "mlp.fc2.", "block.5.", "gamma", "layer_scale")

// backbone registers the stages, each with what halves the map before it. Of N
// blocks, number i from 0 is skipped at i/(N-1) of the rate of stochastic depth.
func (k convNeXtKind) backbone(ps *nn.Params, prefix string, c ConvNeXt) ([]Stage, error) {
	err := c.check(convNeXtLeast, narrowing{"features.0.0", 4, 4, 0}, narrowing{"features.2.1", 2, 2, 0},
		narrowing{"features.4.1", 2, 2, 0}, narrowing{"features.6.1", 2, 2, 0})
	if err != nil {
		return nil, err
	}
	total, at := 0, 0
	for _, n := range k.blocks {
		total += c.deep(n)
	}
	in, stride := c.wide(k.channels[0]), 4
	stem := sequence{narrowConv(ps, prefix+"features.0.0", square(c.Channels, in, 4, 4, 0)), pixelNorm(ps, prefix+"features.0.1", in)}
	stages := []Stage{stage("features.0", in, stride, stem)}
	for i, n := range k.blocks {
		out := c.wide(k.channels[i])
		if i > 0 {
			name := fmt.Sprintf("features.%d", 2*i)
			halve := sequence{pixelNorm(ps, prefix+name+".0", in), narrowConv(ps, prefix+name+".1", square(in, out, 2, 2, 0))}
			stride *= 2
			stages = append(stages, stage(name, out, stride, halve))
		}
		name := fmt.Sprintf("features.%d", 2*i+1)
		var blocks sequence
		for j := range c.deep(n) {
			rate := c.StochasticDepth * float64(at) / float64(max(1, total-1))
			at++
			blocks = append(blocks, newConvNeXtBlock(ps, fmt.Sprintf("%s%s.%d", prefix, name, j), out, rate, uint32(at)))
		}
		in = out
		stages = append(stages, stage(name, out, stride, blocks))
	}
	return stages, nil
}

// convNeXtBlock is an inverted bottleneck:
//
//	y = x + layer_scale · fc2(GELU(fc1(norm(depthwise 7x7(x))))),  4 times as wide inside
type convNeXtBlock struct {
	name   string
	branch sequence
	scale  *nn.LayerScale
	skip   *nn.Dropout
}

func newConvNeXtBlock(ps *nn.Params, name string, channels int, rate float64, site uint32) *convNeXtBlock {
	return &convNeXtBlock{
		name: name,
		branch: sequence{
			narrowConv(ps, name+".block.0", grouped(square(channels, channels, 7, 1, 3), channels)),
			pixelNorm(ps, name+".block.2", channels),
			narrowLinear(ps, name+".block.3", channels, 4*channels),
			activation((*nn.Tape).GELU, name+".block.4"),
			narrowLinear(ps, name+".block.5", 4*channels, channels),
		},
		scale: nn.NewLayerScale(ps, name+".layer_scale", 1e-6, channels, 1, 1),
		skip:  nn.NewStochasticDepth(name+".stochastic_depth", float32(rate), site),
	}
}

func (b *convNeXtBlock) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	y := b.scale.Forward(t, b.branch.Forward(t, x))
	return t.Add(b.name+".add", b.skip.Forward(t, y), x)
}

// narrowConv and narrowLinear start as N(0, 0.02²), with a bias of 0.
func narrowConv(ps *nn.Params, name string, s tensor.ConvShape) *nn.Conv2d {
	l := nn.NewConv2d(ps, name, s, true, nn.NormalInit(0.02))
	l.Bias.StartAs(nn.ConstantInit(0))
	return l
}

func narrowLinear(ps *nn.Params, name string, in, out int) *nn.Linear {
	l := nn.NewLinear(ps, name, in, out, true)
	l.Weight.StartAs(nn.NormalInit(0.02))
	l.Bias.StartAs(nn.ConstantInit(0))
	return l
}

// pixelNorm is a layer norm over the channels of every pixel.
func pixelNorm(ps *nn.Params, name string, channels int) *nn.LayerNorm {
	l := nn.NewLayerNorm(ps, name, channels, true)
	l.Eps = 1e-6
	return l
}
