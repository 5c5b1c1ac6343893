package zoo

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// efficientTable is the table of a paper: the channels of the stem and of the last
// 1x1 convolution, and the stages between them.
type efficientTable struct {
	stem, head int // head 0: four times the channels of the last stage
	stages     []mbStage
}

// efficientB0 is Table 1 of Tan and Le (2019).
var efficientB0 = &efficientTable{stem: 32, stages: []mbStage{
	//        widen kernel stride channels layers
	{mbConv, 1, 3, 1, 16, 1},
	{mbConv, 6, 3, 2, 24, 2},
	{mbConv, 6, 5, 2, 40, 2},
	{mbConv, 6, 3, 2, 80, 3},
	{mbConv, 6, 5, 1, 112, 3},
	{mbConv, 6, 5, 2, 192, 4},
	{mbConv, 6, 3, 1, 320, 1},
}}

// efficientV2S is Table 4 of Tan and Le (2021); M and L are of the authors' program.
var efficientV2S = &efficientTable{stem: 24, head: 1280, stages: []mbStage{
	{fusedMBConv, 1, 3, 1, 24, 2},
	{fusedMBConv, 4, 3, 2, 48, 4},
	{fusedMBConv, 4, 3, 2, 64, 4},
	{mbConv, 4, 3, 2, 128, 6},
	{mbConv, 6, 3, 1, 160, 9},
	{mbConv, 6, 3, 2, 256, 15},
}}

var efficientV2M = &efficientTable{stem: 24, head: 1280, stages: []mbStage{
	{fusedMBConv, 1, 3, 1, 24, 3},
	{fusedMBConv, 4, 3, 2, 48, 5},
	{fusedMBConv, 4, 3, 2, 80, 5},
	{mbConv, 4, 3, 2, 160, 7},
	{mbConv, 6, 3, 1, 176, 14},
	{mbConv, 6, 3, 2, 304, 18},
	{mbConv, 6, 3, 1, 512, 5},
}}

var efficientV2L = &efficientTable{stem: 32, head: 1280, stages: []mbStage{
	{fusedMBConv, 1, 3, 1, 32, 4},
	{fusedMBConv, 4, 3, 2, 64, 7},
	{fusedMBConv, 4, 3, 2, 96, 7},
	{mbConv, 4, 3, 2, 192, 10},
	{mbConv, 6, 3, 1, 224, 19},
	{mbConv, 6, 3, 2, 384, 25},
	{mbConv, 6, 3, 1, 640, 7},
}}

// halving is the layers that halve the map.
func (t *efficientTable) halving() []narrowing {
	names := []string{"features.0"}
	for i, s := range t.stages {
		if s.stride == 2 {
			names = append(names, fmt.Sprintf("features.%d", i+1))
		}
	}
	return halving(names...)
}

// Norms of B5 to B7 came from TensorFlow, with its eps, and move slower.
var (
	efficientNorm = nn.BatchNormOptions{}
	slowNorm      = nn.BatchNormOptions{Eps: 1e-3, Momentum: 0.01}
	v2Norm        = nn.BatchNormOptions{Eps: 1e-3}
)

const (
	tanScaling = "Tan and Le (2019), EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"
	tanFaster  = "Tan and Le (2021), EfficientNetV2: Smaller Models and Faster Training"
)

// efficientNets are the published members. B0 to B7 are one table at eight compound
// scales: width 1.1^φ, depth 1.2^φ and image 1.15^φ, near what was published.
var efficientNets = []efficientNetKind{
	//                          image width depth dropout
	{"b0", efficientB0, efficientNorm, 224, 1.0, 1.0, 0.2, efficientFacts(tanScaling, "b0", 5_288_548, 0.386, efficientV1(77.692, 256, 224))},
	{"b1", efficientB0, efficientNorm, 240, 1.0, 1.1, 0.2, efficientFacts(tanScaling, "b1", 7_794_184, 0.687, efficientV1(78.642, 256, 240),
		Pretrained{"torchvision IMAGENET1K_V2", 79.838, imageNetPreset(255, 240, "bilinear")})},
	{"b2", efficientB0, efficientNorm, 288, 1.1, 1.2, 0.3, efficientFacts(tanScaling, "b2", 9_109_994, 1.088, efficientV1(80.608, 288, 288))},
	{"b3", efficientB0, efficientNorm, 300, 1.2, 1.4, 0.3, efficientFacts(tanScaling, "b3", 12_233_232, 1.827, efficientV1(82.008, 320, 300))},
	{"b4", efficientB0, efficientNorm, 380, 1.4, 1.8, 0.4, efficientFacts(tanScaling, "b4", 19_341_616, 4.394, efficientV1(83.384, 384, 380))},
	{"b5", efficientB0, slowNorm, 456, 1.6, 2.2, 0.4, efficientFacts(tanScaling, "b5", 30_389_784, 10.266, efficientV1(83.444, 456, 456))},
	{"b6", efficientB0, slowNorm, 528, 1.8, 2.6, 0.5, efficientFacts(tanScaling, "b6", 43_040_704, 19.068, efficientV1(84.008, 528, 528))},
	{"b7", efficientB0, slowNorm, 600, 2.0, 3.1, 0.5, efficientFacts(tanScaling, "b7", 66_347_960, 37.746, efficientV1(84.122, 600, 600))},
	{"v2-s", efficientV2S, v2Norm, 384, 1, 1, 0.2, efficientFacts(tanFaster, "v2_s", 21_458_488, 8.366,
		Pretrained{"torchvision IMAGENET1K_V1", 84.228, imageNetPreset(384, 384, "bilinear")})},
	{"v2-m", efficientV2M, v2Norm, 480, 1, 1, 0.3, efficientFacts(tanFaster, "v2_m", 54_139_356, 24.582,
		Pretrained{"torchvision IMAGENET1K_V1", 85.112, imageNetPreset(480, 480, "bilinear")})},
	{"v2-l", efficientV2L, v2Norm, 480, 1, 1, 0.4, efficientFacts(tanFaster, "v2_l", 118_515_272, 56.080,
		Pretrained{"torchvision IMAGENET1K_V1", 85.808, Preset{480, 480, "bicubic", [3]float64{0.5, 0.5, 0.5}, [3]float64{0.5, 0.5, 0.5}, false, false}})},
}

func efficientFacts(paper, name string, parameters int, multiplyAdds float64, weights ...Pretrained) Published {
	return Published{paper, "torchvision efficientnet_" + name, parameters, multiplyAdds, append(weights, efficientOfTensorFlow[name]...)}
}

// efficientOfTensorFlow are the authors' weights, as timm has them, by torchvision's name: AdvProp's (ap) want pixels
// between -1 and 1, as all of V2 do.
var efficientOfTensorFlow = map[string][]Pretrained{
	"b0": tensorFlows("b0", 256, 224), "b1": tensorFlows("b1", 272, 240), "b2": tensorFlows("b2", 292, 260),
	"b3": tensorFlows("b3", 331, 300), "b4": tensorFlows("b4", 412, 380), "b5": tensorFlows("b5", 488, 456),
	"b6": tensorFlows("b6", 560, 528), "b7": tensorFlows("b7", 632, 600),
	"v2_s": tensorFlowsV2("v2_s", 300, 384), "v2_m": tensorFlowsV2("v2_m", 384, 480), "v2_l": tensorFlowsV2("v2_l", 384, 480),
}

func tensorFlows(name string, resize, crop int) []Pretrained {
	usual, ap := imageNetPreset(resize, crop, "bicubic"), halfPreset(resize, crop, "bicubic")
	usual.Same, ap.Same = true, true
	return []Pretrained{{"timm tf_efficientnet_" + name, 0, usual}, {"timm tf_efficientnet_" + name + ".ap_in1k", 0, ap}}
}

// tensorFlowsV2 has timm's size, and its size for tests.
func tensorFlowsV2(name string, side, test int) []Pretrained {
	usual, larger := halfPreset(side, side, "bicubic"), halfPreset(test, test, "bicubic")
	usual.Same, larger.Same = true, true
	return []Pretrained{{"timm tf_efficientnet" + name, 0, usual}, {fmt.Sprintf("timm tf_efficientnet%s at %d", name, test), 0, larger}}
}

// efficientV1 is torchvision's weights of B0 to B7, from TensorFlow.
func efficientV1(top1 float64, resize, crop int) Pretrained {
	return Pretrained{"torchvision IMAGENET1K_V1", top1, imageNetPreset(resize, crop, "bicubic")}
}

func init() {
	for _, k := range efficientNets {
		Register("efficientnet-"+k.name, Kind[EfficientNet]{
			About:     k.about(),
			Task:      task.Class,
			Sample:    "image",
			Defaults:  EfficientNet{Scaled{Classifier{1000, k.image, 3}, k.width, k.depth}, k.dropout, 0.2, normOwn, padEven},
			Published: &k.facts, Backbone: k.backbone, New: k.build,
		})
	}
}

// efficientNetKind is one of the networks.
type efficientNetKind struct {
	name                  string
	table                 *efficientTable
	norm                  nn.BatchNormOptions
	image                 int
	width, depth, dropout float64
	facts                 Published
}

func (k efficientNetKind) about() string {
	if k.table == efficientB0 {
		return fmt.Sprintf("EfficientNet-B%s of torchvision: inverted bottlenecks with squeeze-excitation (MBConv), batch norm", k.name[1:])
	}
	return fmt.Sprintf("EfficientNetV2-%c of torchvision: Fused-MBConv, then MBConv, batch norm", k.name[3]-'a'+'A')
}

// EfficientNet describes an EfficientNet. Width, depth and image together are its
// compound scale: those of B0 are 1, 1 and 224.
type EfficientNet struct {
	Scaled
	Dropout         float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer"`
	StochasticDepth float64 `field:"stochastic_depth" allowed:"[0, 1)" about:"rate at which an image skips the last block; earlier blocks have less, in proportion"`
	Norm            string  `field:"norm" oneof:"own, pytorch, tensorflow" unsaid:"own" about:"batch norms: own: the kind's; pytorch: as b0 to b4 (eps 1e-5, momentum 0.1); tensorflow: as b5 to b7 (1e-3, 0.01)"`
	Padding         string  `field:"padding" oneof:"even, same" unsaid:"even" about:"of convolutions of stride 2: even: alike on both sides, as PyTorch; same: TensorFlow's SAME, one more at the bottom and the right"`
}

// padEven is EfficientNet.Padding of torchvision, padSame that of weights of TensorFlow.
const (
	padEven = "even"
	padSame = "same"
)

// normOwn is EfficientNet.Norm as published.
const normOwn = "own"

// norms are the batch norms that the run file asks for.
func (k efficientNetKind) norms(c EfficientNet) normOf {
	switch c.Norm {
	case "pytorch":
		return batchNorm(efficientNorm)
	case "tensorflow":
		return batchNorm(slowNorm)
	}
	return batchNorm(k.norm)
}

// build makes the network, with torchvision's names:
//
//	features.0         3x3, stem, stride 2 – bn – SiLU
//	features.1 … n     stages of the table
//	features.n+1       1x1, head – bn – SiLU
//	mean over the map – dropout – classifier.1
//
// Convolutions start as N(0, 2/(out·kh·kw)), batch norms as 1 and 0, the linear
// layer as U(±1/√classes) and 0.
func (k efficientNetKind) build(c EfficientNet) (Model, error) {
	m, err := newStaged(c.Classifier,
		func(ps *nn.Params) ([]Stage, error) { return k.backbone(ps, "", c) },
		func(ps *nn.Params, channels int) layer {
			l := nn.NewLinear(ps, "classifier.1", channels, c.Classes, true)
			l.Weight.StartAs(nn.UniformInit(float32(1 / math.Sqrt(float64(c.Classes)))))
			l.Bias.StartAs(nn.ConstantInit(0))
			return sequence{globalMean("avgpool"), nn.NewDropout("classifier.0", float32(c.Dropout), 0), l}
		})
	if err != nil {
		return nil, err
	}
	return &efficientNet{m.(Backbone), k.table}, nil
}

// backbone registers the stages. Of N blocks, number i from 0 is skipped at i/N of
// the rate of stochastic depth.
func (k efficientNetKind) backbone(ps *nn.Params, prefix string, c EfficientNet) ([]Stage, error) {
	if err := c.check(backboneLeast, k.table.halving()...); err != nil {
		return nil, err
	}
	total, at := 0, 0
	for _, s := range k.table.stages {
		total += c.deep(s.layers)
	}
	st := style{norm: k.norms(c), act: (*nn.Tape).SiLU, init: fanOut, same: c.Padding == padSame}
	in, stride := c.wide(k.table.stem), 2
	stem := st.indexed(ps, prefix+"features.0", true, square(c.Channels, in, 3, 2, 1))
	stages := []Stage{stage("features.0", in, stride, stem)}
	for i, s := range k.table.stages {
		name, out, steps := fmt.Sprintf("features.%d", i+1), c.wide(s.channels), s.stride
		var blocks sequence
		for j := range c.deep(s.layers) {
			rate := c.StochasticDepth * float64(at) / float64(total)
			at++
			blocks = append(blocks, s.block(ps, st, fmt.Sprintf("%s%s.%d", prefix, name, j), in, out, steps, rate, uint32(at)))
			in, steps = out, 1
		}
		stride *= s.stride
		stages = append(stages, stage(name, out, stride, blocks))
	}
	name, out := fmt.Sprintf("features.%d", len(stages)), 4*in
	if k.table.head > 0 {
		out = c.wide(k.table.head)
	}
	head := st.indexed(ps, prefix+name, true, square(in, out, 1, 1, 0))
	return append(stages, stage(name, out, stride, head)), nil
}
