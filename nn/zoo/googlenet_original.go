package zoo

import (
	"fmt"
	"math"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func init() {
	Register("googlenet-original", Kind[GoogLeNet]{
		About:    "GoogLeNet of Caffe: Inception modules with 5x5 convolutions, biases, local response norm, two side heads",
		Task:     task.Class,
		Sample:   "image",
		Defaults: GoogLeNet{Scaled: asPublished(224), Sides: true, Dropout: 0.4, SideDropout: 0.7},
		Published: &Published{goingDeeper, "Caffe bvlc_googlenet", 6_998_552, 1.583, []Pretrained{
			{"Caffe bvlc_googlenet", 68.7, caffePreset(224)}}},
		Backbone: backboneOf(GoogLeNet.originalDesign),
		New:      newOriginalGoogLeNet,
	})
}

// originalDesign is Caffe's bvlc_googlenet, with a dot where its names have a
// slash: 5x5 convolutions, biases instead of norms, and local response norms of
// five channels in the stem. Weights start as xavier's, biases as 0.2, and those of
// classifiers as 0.
func (c GoogLeNet) originalDesign() (*kit, []part) {
	k := &kit{Scaled: c.Scaled, joint: ".", biases: nn.ConstantInit(0.2), dense: xavier}
	k.bias, k.init = true, func(s tensor.ConvShape) nn.Init { return xavier(s.Cin * s.KH * s.KW) }
	response := same(func(name string) layer { return nn.NewLocalResponseNorm(name, 5) })
	return k, append([]part{
		{"conv1.7x7_s2", conv(64, 7).by(2)}, {"pool1.3x3_s2", maximaUp(3, 2)}, {"pool1.norm1", response},
		{"conv2.3x3_reduce", conv(64, 1)}, {"conv2.3x3", conv(192, 3)}, {"conv2.norm2", response}, {"pool2.3x3_s2", maximaUp(3, 2)},
	}, inceptionStages(c.Scaled, maximaUp(3, 2), "inception_", func(r inceptionRow) piece {
		return fork{
			{part{"1x1", conv(r.one, 1)}},
			{part{"3x3_reduce", conv(r.reduce3, 1)}, part{"3x3", conv(r.three, 3)}},
			{part{"5x5_reduce", conv(r.reduce5, 1)}, part{"5x5", conv(r.five, 5)}},
			{maximaUp(3, 1).padded(), part{"pool_proj", conv(r.project, 1)}},
		}
	})...)
}

// xavier is Caffe's: the uniform distribution of Glorot and Bengio (2010) by the
// inputs of an output.
func xavier(in int) nn.Init { return nn.UniformInit(float32(math.Sqrt(3 / float64(in)))) }

func newOriginalGoogLeNet(c GoogLeNet) (Model, error) {
	k, parts := c.originalDesign()
	m, err := k.network(parts, meanHead("loss3.classifier", c.Dropout), c.sides("inception_", func(k *kit, i int, in flow) layer {
		name := fmt.Sprintf("loss%d", i)
		pool, at := pool{PoolShape: window(5, 3, 0), mean: true}.build(k, name+".ave", in)
		squeeze, at := conv(128, 1).build(k, name+".conv", at)
		return sequence{pool, squeeze, c.sideEnd(k, i, name+".fc", name+".classifier", at.size*at.size*at.channels)}
	})...)
	for _, p := range k.ps.List {
		switch {
		case strings.HasSuffix(p.Name, ".fc.bias"):
			p.StartAs(k.biases)
		case strings.HasSuffix(p.Name, ".classifier.bias"):
			p.StartAs(nn.ConstantInit(0))
		}
	}
	return m, err
}
