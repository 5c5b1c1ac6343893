package zoo

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// krizhevsky is a network in the manner of Krizhevsky et al. (2012), with Caffe's
// names: conv1 to conv5, fc6 to fc8. Lanes may compute its pipelines apart
// (nn's Tape.Pipelines): all but fc8, which every lane computes.
type krizhevsky struct {
	stages    []krizhevskyStage
	norm      nn.LocalResponseNorm
	normFirst bool    // before the pooling instead of behind it
	dense     float32 // deviation of fc6 and fc7 at the beginning
}

// krizhevskyStage is convolutions before a pooling of 3x3 with stride 2.
type krizhevskyStage struct {
	norm  bool // a local response norm, too
	convs []krizhevskyConv
}

// krizhevskyConv is a convolution with ReLU.
type krizhevskyConv struct {
	out, kernel, stride, pad int
	pipelines                int     // which do not see each other
	bias                     float32 // at the beginning
}

// deep is the convolutions of a stage as deep as asked for: those that the table has
// not are of 3x3, and otherwise as its last.
func (s krizhevskyStage) deep(c Scaled) []krizhevskyConv {
	n, published := c.deep(len(s.convs)), len(s.convs)
	list := slices.Clone(s.convs[:min(n, published)])
	more := s.convs[published-1]
	more.kernel, more.stride, more.pad = 3, 1, 1
	for len(list) < n {
		list = append(list, more)
	}
	return list
}

// alexNetCaffe is bvlc_alexnet: what figure 2 of the paper lays on two GPUs are two
// pipelines, which meet in conv3 and from fc6 on. Weights for pictures whose
// channels are blue, green and red are turned round in conv1.
var alexNetCaffe = krizhevsky{
	stages: []krizhevskyStage{
		{true, []krizhevskyConv{{96, 11, 4, 0, 1, 0}}},
		{true, []krizhevskyConv{{256, 5, 1, 2, 2, 0.1}}},
		{false, []krizhevskyConv{{384, 3, 1, 1, 1, 0}, {384, 3, 1, 1, 2, 0.1}, {256, 3, 1, 1, 2, 0.1}}},
	},
	norm:      nn.LocalResponseNorm{Size: 5, Alpha: 1e-4, Beta: 0.75, K: 1}, // Caffe's alpha is divided by the size
	normFirst: true,
	dense:     0.005,
}

// zfNet is figure 3 of Zeiler and Fergus (2014). Its norms are those of Krizhevsky
// et al., whose alpha of 1e-4 is not divided by the size.
var zfNet = krizhevsky{
	stages: []krizhevskyStage{
		{true, []krizhevskyConv{{96, 7, 2, 1, 1, 0}}},
		{true, []krizhevskyConv{{256, 5, 2, 0, 1, 0}}},
		{false, []krizhevskyConv{{384, 3, 1, 1, 1, 0}, {384, 3, 1, 1, 1, 0}, {256, 3, 1, 1, 1, 0}}},
	},
	norm:  nn.LocalResponseNorm{Size: 5, Alpha: 5e-4, Beta: 0.75, K: 2},
	dense: 0.01,
}

// caffePreset takes the mean of ImageNet from pixels that go from 0 to 255. Caffe's
// networks expect blue first.
func caffePreset(crop int) Preset {
	return Preset{256, crop, "bilinear", [3]float64{123. / 255, 117. / 255, 104. / 255}, [3]float64{1. / 255, 1. / 255, 1. / 255}, true, false}
}

// build registers the network: convolutions and fc8 start as N(0, 0.01²).
func (k krizhevsky) build(c DenseHeaded) (Model, error) {
	side := 0
	return newStaged(c.Classifier,
		func(ps *nn.Params) (stages []Stage, err error) {
			side, err = k.side(c.Scaled)
			if err == nil {
				stages, err = k.backbone(ps, "", c)
			}
			return stages, err
		},
		func(ps *nn.Params, channels int) layer {
			wide := c.wide(4096)
			dense := func(name string, in, out int, deviation, bias float32) *nn.Linear {
				l := nn.NewLinear(ps, name, in, out, true)
				l.Weight.StartAs(nn.NormalInit(deviation))
				l.Bias.StartAs(nn.ConstantInit(bias))
				return l
			}
			bias := k.stages[1].convs[0].bias
			return sequence{
				joinParts("pool5.join"), flatten("flatten"),
				layerFunc(dense("fc6", channels*side*side, wide, k.dense, bias).ForwardPart),
				activation((*nn.Tape).ReLU, "relu6"), joinParts("fc6.join"),
				nn.NewDropout("drop6", float32(c.Dropout), 0),
				layerFunc(dense("fc7", wide, wide, k.dense, bias).ForwardPart),
				activation((*nn.Tape).ReLU, "relu7"), joinParts("fc7.join"),
				nn.NewDropout("drop7", float32(c.Dropout), 1),
				dense("fc8", wide, c.Classes, 0.01, 0),
			}
		})
}

// pooling is of Caffe, which rounds sizes up.
func (k krizhevsky) pooling() tensor.PoolShape {
	s := window(3, 2, 0)
	s.Ceil = true
	return s
}

// side returns the height of the last map.
func (k krizhevsky) side(c Scaled) (int, error) {
	n, number := c.Image, 0
	for _, s := range k.stages {
		convs := s.deep(c)
		for i, l := range convs {
			came, pool := n, i == len(convs)-1
			number++
			if n += 2*l.pad - l.kernel; n < 0 || pool && n/l.stride+1 < 3 {
				return 0, fmt.Errorf("model.image: %d is not allowed; of a map of %dx%d nothing is left behind conv%d", c.Image, came, came, number)
			}
			if n = n/l.stride + 1; pool {
				n = (n-3+1)/2 + 1
			}
		}
	}
	return n, nil
}

func (k krizhevsky) backbone(ps *nn.Params, prefix string, c DenseHeaded) ([]Stage, error) {
	if _, err := k.side(c.Scaled); err != nil {
		return nil, err
	}
	in, total, number := c.Channels, 1, 0
	at := func(what string) string { return fmt.Sprintf("%s%s%d", prefix, what, number) }
	var stages []Stage
	for _, s := range k.stages {
		var layers sequence
		for _, l := range s.deep(c.Scaled) {
			number++
			out := c.wide(l.out)
			conv := nn.NewConv2d(ps, at("conv"), grouped(square(in, out, l.kernel, l.stride, l.pad), l.pipelines), true, nn.NormalInit(0.01))
			conv.Bias.StartAs(nn.ConstantInit(l.bias))
			if l.pipelines == 1 && number > 1 { // it sees all channels
				layers = append(layers, joinParts(at("conv")+".join"))
			}
			layers, in, total = append(layers, layerFunc(conv.ForwardPart), activation((*nn.Tape).ReLU, at("relu"))), out, total*l.stride
		}
		behind := sequence{maxPool(at("pool"), k.pooling())}
		if norm := k.norm; s.norm {
			norm.Name = at("norm")
			if behind = append(behind, layerFunc(norm.ForwardPart)); k.normFirst {
				behind[0], behind[1] = behind[1], behind[0]
			}
		}
		total *= 2
		stages = append(stages, stage(fmt.Sprintf("pool%d", number), in, total, append(layers, behind...)))
	}
	return stages, nil
}
