package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// denseNets are the columns of table 1 of Huang et al. (2017): so many layers in
// each of four blocks, of which each adds growth channels to what the layers before
// it made. DenseNet-161 is wider, as the authors published it.
var denseNets = []denseNet{
	{"densenet121", [4]int{6, 12, 24, 16}, 32, denseNetFacts("densenet121", 7_978_856, 2.834, 74.434)},
	{"densenet161", [4]int{6, 12, 36, 24}, 48, denseNetFacts("densenet161", 28_681_000, 7.728, 77.138)},
	{"densenet169", [4]int{6, 12, 32, 32}, 32, denseNetFacts("densenet169", 14_149_480, 3.360, 75.600)},
	{"densenet201", [4]int{6, 12, 48, 32}, 32, denseNetFacts("densenet201", 20_013_928, 4.291, 76.896)},
}

func denseNetFacts(name string, parameters int, multiplyAdds, top1 float64) Published {
	return Published{"Huang, Liu, van der Maaten and Weinberger (2017), Densely Connected Convolutional Networks",
		"torchvision " + name, parameters, multiplyAdds, []Pretrained{torchvisionV1(top1)}}
}

func init() {
	for _, d := range denseNets {
		Register(d.kind, Kind[Scaled]{
			About: "DenseNet-" + d.kind[len("densenet"):] + " of torchvision: every layer reads what all layers of its block before it made",
			Task:  task.Class, Sample: "image",
			Defaults:  asPublished(224),
			Published: &d.facts, Backbone: d.backbone, New: d.build,
		})
	}
}

type denseNet struct {
	kind   string
	blocks [4]int
	growth int
	facts  Published
}

// build names parameters as torchvision:
//
//	features.conv0 7x7, 2 growth, stride 2 – norm0 – ReLU – pool0 3x3, stride 2
//	features.denseblock1 … 4, and between them features.transition1 … 3:
//	norm – ReLU – conv 1x1 to half the channels – pool 2x2
//	features.norm5 – ReLU – mean over the map – classifier
//
// Convolutions start as N(0, 2/(in·kh·kw)), norms as 1 and 0, and the linear layer
// as PyTorch's, with a bias of 0.
func (d denseNet) build(c Scaled) (Model, error) {
	m, err := newStaged(c.Classifier,
		func(ps *nn.Params) ([]Stage, error) { return d.backbone(ps, "", c) },
		func(ps *nn.Params, channels int) layer {
			l := nn.NewLinear(ps, "classifier", channels, c.Classes, true)
			l.Bias.StartAs(nn.ConstantInit(0))
			return sequence{globalMean("avgpool"), l}
		})
	if err != nil {
		return nil, err
	}
	return oldDenseNet{m.(Backbone)}, nil
}

// oldDenseNet takes the names that PyTorch's files of 2017 have, too.
type oldDenseNet struct{ Backbone }

// WeightName is "features.denseblock1.denselayer1.norm2.weight" for the old "….norm.2.weight".
func (oldDenseNet) WeightName(name string) string { return nn.OldDenseNetName(name) }

func (d denseNet) backbone(ps *nn.Params, prefix string, c Scaled) ([]Stage, error) {
	halving := func(i int) narrowing { return narrowing{fmt.Sprintf("features.transition%d.pool", i), 2, 2, 0} }
	err := c.check(2*backboneLeast, narrowing{"features.conv0", 7, 2, 3}, narrowing{"features.pool0", 3, 2, 1}, halving(1), halving(2), halving(3))
	if err != nil {
		return nil, err
	}
	prefix += "features."
	st, growth := style{init: fanIn}, c.wide(d.growth)
	in := 2 * growth
	stages := []Stage{stage("features.pool0", in, 4, sequence{
		st.block(ps, prefix+"conv0", prefix+"norm0", prefix+"relu0", square(c.Channels, in, 7, 2, 3)),
		maxPool(prefix+"pool0", window(3, 2, 1)),
	})}
	for i, count := range d.blocks {
		var layers sequence
		if i > 0 {
			name := fmt.Sprintf("%stransition%d", prefix, i)
			layers = append(layers,
				newPreActivated(ps, st, name+".norm", name+".relu", name+".conv", square(in, in/2, 1, 1, 0)),
				layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.AvgPool(name+".pool", x, window(2, 2, 0), true) }))
			in /= 2
		}
		block := fmt.Sprintf("denseblock%d", i+1)
		for j := range c.deep(count) {
			layers = append(layers, newDenseLayer(ps, st, fmt.Sprintf("%s%s.denselayer%d", prefix, block, j+1), in, growth))
			in += growth
		}
		if i == len(d.blocks)-1 {
			block = "norm5"
			layers = append(layers, nn.NewBatchNorm(ps, prefix+block, in, nn.BatchNormOptions{}), activation((*nn.Tape).ReLU, prefix+"relu5"))
		}
		stages = append(stages, stage("features."+block, in, 4<<i, layers))
	}
	return stages, nil
}

// denseLayer adds growth channels to x:
//
//	x, conv2 3x3(ReLU(norm2(conv1 1x1, 4 growth(ReLU(norm1(x))))))
type denseLayer struct {
	name         string
	first, third *preActivated
}

func newDenseLayer(ps *nn.Params, st style, name string, in, growth int) *denseLayer {
	return &denseLayer{name,
		newPreActivated(ps, st, name+".norm1", name+".relu1", name+".conv1", square(in, 4*growth, 1, 1, 0)),
		newPreActivated(ps, st, name+".norm2", name+".relu2", name+".conv2", square(4*growth, growth, 3, 1, 1))}
}

func (l *denseLayer) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	return t.Concat(l.name, x, l.third.Forward(t, l.first.Forward(t, x)))
}

// preActivated is conv(ReLU(norm(x))).
type preActivated struct {
	norm *nn.BatchNorm
	conv *nn.Conv2d
	relu string
}

func newPreActivated(ps *nn.Params, st style, norm, relu, conv string, s tensor.ConvShape) *preActivated {
	return &preActivated{nn.NewBatchNorm(ps, norm, s.Cin, nn.BatchNormOptions{}), nn.NewConv2d(ps, conv, s, false, st.init(s)), relu}
}

func (p *preActivated) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	return p.conv.Forward(t, t.ReLU(p.relu, p.norm.Forward(t, x)))
}
