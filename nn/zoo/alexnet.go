package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
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

// alexNet is its convolutions, one pipeline.
var alexNet = []krizhevskyStage{
	{convs: []krizhevskyConv{{64, 11, 4, 2, 1, 0}}},
	{convs: []krizhevskyConv{{192, 5, 1, 2, 1, 0}}},
	{convs: []krizhevskyConv{{384, 3, 1, 1, 1, 0}, {256, 3, 1, 1, 1, 0}, {256, 3, 1, 1, 1, 0}}},
}

func alexNetStages(ps *nn.Params, prefix string, c DenseHeaded) ([]Stage, error) {
	at, st := 0, style{bias: true}
	next := func() string { at++; return fmt.Sprintf("%sfeatures.%d", prefix, at-1) }
	in, total := c.Channels, 1
	var stages []Stage
	var narrows []narrowing
	for _, s := range alexNet {
		var layers sequence
		for _, l := range s.deep(c.Scaled) {
			name := next()
			narrows = append(narrows, narrowing{name[len(prefix):], l.kernel, l.stride, l.pad})
			out := c.wide(l.out)
			layers, in, total = append(layers, st.block(ps, name, "", next(), square(in, out, l.kernel, l.stride, l.pad))), out, total*l.stride
		}
		pool := next()
		narrows, total = append(narrows, narrowing{pool[len(prefix):], 3, 2, 0}), 2*total
		stages = append(stages, stage(pool[len(prefix):], in, total, append(layers, maxPool(pool, window(3, 2, 0)))))
	}
	return stages, c.check(alexNetLeast, narrows...)
}
