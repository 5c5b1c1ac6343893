package zoo

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func init() {
	Register("alexnet", Kind[DenseHeaded]{
		About:    "AlexNet of torchvision: five convolutions in one pipeline, three linear layers",
		Task:     task.Class,
		Sample:   "image",
		Defaults: DenseHeaded{asPublished(224), 0.5},
		Published: &Published{"Krizhevsky (2014), One weird trick for parallelizing convolutional neural networks",
			"torchvision alexnet", 61_100_840, 0.714, []Pretrained{torchvisionV1(56.522)}},
		Backbone: alexNetStages,
		New:      newAlexNet,
	})
	Register("alexnet-caffe", Kind[DenseHeaded]{
		About:    "AlexNet of 2012 as Caffe has it: two pipelines, local response norms",
		Task:     task.Class,
		Sample:   "image",
		Defaults: DenseHeaded{asPublished(227), 0.5},
		Published: &Published{"Krizhevsky, Sutskever and Hinton (2012), ImageNet Classification with Deep Convolutional Neural Networks",
			"Caffe bvlc_alexnet", 60_965_224, 0.724, []Pretrained{{"Caffe bvlc_alexnet", 57.1, caffePreset(227)}}},
		Pipelines: 2,
		Backbone:  alexNetCaffe.backbone,
		New:       alexNetCaffe.build,
	})
	Register("zfnet", Kind[DenseHeaded]{
		About:    "ZFNet: AlexNet in one pipeline, with smaller kernels and steps in its first two layers",
		Task:     task.Class,
		Sample:   "image",
		Defaults: DenseHeaded{asPublished(224), 0.5},
		Published: &Published{"Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks",
			"the paper, names of Caffe", 62_357_608, 1.168, []Pretrained{{"the paper", 61.6, imageNetPreset(256, 224, "bilinear")}}},
		Backbone: zfNet.backbone,
		New:      zfNet.build,
	})
}

// alexNetLeast is the smallest image of which steps of 4, 2, 2 and 2 leave a map.
const alexNetLeast = 63

// newAlexNet is torchvision's, which has neither groups nor local response norms:
//
//	features.0   11x11, 64, stride 4 – ReLU – pool 3x3, stride 2
//	features.3   5x5, 192            – ReLU – pool 3x3, stride 2
//	features.6   3x3, 384            – ReLU
//	features.8   3x3, 256            – ReLU
//	features.10  3x3, 256            – ReLU – pool 3x3, stride 2
//	means over 6x6 – dropout – 4096 – ReLU – dropout – 4096 – ReLU – classes
//
// All start as PyTorch's layers do.
func newAlexNet(c DenseHeaded) (Model, error) {
	return newStaged(c.Classifier,
		func(ps *nn.Params) ([]Stage, error) { return alexNetStages(ps, "", c) },
		func(ps *nn.Params, channels int) layer {
			const side = 6
			wide := c.wide(4096)
			return sequence{
				adaptiveMean("avgpool", side), flatten("flatten"),
				nn.NewDropout("classifier.0", float32(c.Dropout), 0),
				nn.NewLinear(ps, "classifier.1", channels*side*side, wide, true), activation((*nn.Tape).ReLU, "classifier.2"),
				nn.NewDropout("classifier.3", float32(c.Dropout), 1),
				nn.NewLinear(ps, "classifier.4", wide, wide, true), activation((*nn.Tape).ReLU, "classifier.5"),
				nn.NewLinear(ps, "classifier.6", wide, c.Classes, true),
			}
		})
}

func alexNetStages(ps *nn.Params, prefix string, c DenseHeaded) ([]Stage, error) {
	err := c.check(alexNetLeast, narrowing{"features.0", 11, 4, 2}, narrowing{"features.2", 3, 2, 0},
		narrowing{"features.5", 3, 2, 0}, narrowing{"features.12", 3, 2, 0})
	if err != nil {
		return nil, err
	}
	st := style{bias: true}
	conv := func(at, act string, s tensor.ConvShape) layer {
		return st.block(ps, prefix+"features."+at, "", prefix+"features."+act, s)
	}
	pool := func(at string) layer { return maxPool(prefix+"features."+at, window(3, 2, 0)) }
	w1, w2, w3, w4 := c.wide(64), c.wide(192), c.wide(384), c.wide(256)
	return []Stage{
		stage("features.2", w1, 8, sequence{conv("0", "1", square(c.Channels, w1, 11, 4, 2)), pool("2")}),
		stage("features.5", w2, 16, sequence{conv("3", "4", square(w1, w2, 5, 1, 2)), pool("5")}),
		stage("features.12", w4, 32, sequence{
			conv("6", "7", square(w2, w3, 3, 1, 1)),
			conv("8", "9", square(w3, w4, 3, 1, 1)),
			conv("10", "11", square(w4, w4, 3, 1, 1)),
			pool("12"),
		}),
	}, nil
}
