package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// vggs are columns A, B, D and E of table 1 of Simonyan and Zisserman (2015): so
// many convolutions of 3x3 in each of five stages, of
//
//	64  128  256  512  512 channels
//
// behind each of which a pooling halves the map; the facts without batch norm and
// with it.
var vggs = []struct {
	kind       string
	stages     [5]int
	plain, bns Published
}{
	{"vgg11", [5]int{1, 1, 2, 2, 2}, vggFacts("vgg11", 132_863_336, 7.609, 69.020), vggFacts("vgg11_bn", 132_868_840, 7.609, 70.370)},
	{"vgg13", [5]int{2, 2, 2, 2, 2}, vggFacts("vgg13", 133_047_848, 11.308, 69.928), vggFacts("vgg13_bn", 133_053_736, 11.308, 71.586)},
	{"vgg16", [5]int{2, 2, 3, 3, 3}, vggFacts("vgg16", 138_357_544, 15.470, 71.592), vggFacts("vgg16_bn", 138_365_992, 15.470, 73.360)},
	{"vgg19", [5]int{2, 2, 4, 4, 4}, vggFacts("vgg19", 143_667_240, 19.632, 72.376), vggFacts("vgg19_bn", 143_678_248, 19.632, 74.218)},
}

func vggFacts(name string, parameters int, multiplyAdds, top1 float64) Published {
	return Published{"Simonyan and Zisserman (2015), Very Deep Convolutional Networks for Large-Scale Image Recognition",
		"torchvision " + name, parameters, multiplyAdds, []Pretrained{torchvisionV1(top1)}}
}

func init() {
	for _, v := range vggs {
		number := v.kind[len("vgg"):]
		registerVGG(v.kind, "VGG-"+number+" of torchvision: 3x3 convolutions and three linear layers", vgg{v.stages, false}, &v.plain)
		registerVGG(v.kind+"-bn", "VGG-"+number+" of torchvision with batch norm behind every convolution", vgg{v.stages, true}, &v.bns)
	}
}

func registerVGG(kind, about string, v vgg, facts *Published) {
	Register(kind, Kind[DenseHeaded]{
		About: about, Task: task.Class, Sample: "image",
		Defaults:  DenseHeaded{asPublished(224), 0.5},
		Published: facts, Backbone: v.backbone, New: v.build,
	})
}

// DenseHeaded describes a network that ends in wide linear layers with dropout.
type DenseHeaded struct {
	Scaled
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the first two linear layers that follow the last map; published with 0.5"`
}

type vgg struct {
	stages [5]int
	normed bool
}

// vggLeast is the smallest image of which five halvings leave a map.
const vggLeast = 32

// build names parameters as torchvision: features.N counts convolutions, norms,
// rectifiers and poolings. Convolutions start as N(0, 2/(out·kh·kw)), linear layers
// as N(0, 0.01²), biases as 0.
func (v vgg) build(c DenseHeaded) (Model, error) {
	return newStaged(c.Classifier,
		func(ps *nn.Params) ([]Stage, error) { return v.backbone(ps, "", c) },
		func(ps *nn.Params, channels int) layer {
			const side = 7
			wide := c.wide(4096)
			return sequence{
				adaptiveMean("avgpool", side), flatten("flatten"),
				normalLinear(ps, "classifier.0", channels*side*side, wide), activation((*nn.Tape).ReLU, "classifier.1"),
				nn.NewDropout("classifier.2", float32(c.Dropout), 0),
				normalLinear(ps, "classifier.3", wide, wide), activation((*nn.Tape).ReLU, "classifier.4"),
				nn.NewDropout("classifier.5", float32(c.Dropout), 1),
				normalLinear(ps, "classifier.6", wide, c.Classes),
			}
		})
}

// pools are the layers that halve the map.
func (v vgg) pools(c DenseHeaded) (list []narrowing) {
	at, each := 0, 2 // a convolution and its rectifier
	if v.normed {
		each = 3
	}
	for _, count := range v.stages {
		at += each*c.deep(count) + 1
		list = append(list, narrowing{fmt.Sprintf("features.%d", at-1), 2, 2, 0})
	}
	return list
}

func (v vgg) backbone(ps *nn.Params, prefix string, c DenseHeaded) ([]Stage, error) {
	if err := c.check(vggLeast, v.pools(c)...); err != nil {
		return nil, err
	}
	in, at, st := c.Channels, 0, style{init: fanOut, bias: true}
	next := func() string { at++; return fmt.Sprintf("%sfeatures.%d", prefix, at-1) }
	var stages []Stage
	for i, count := range v.stages {
		out := c.wide(min(64<<i, 512))
		var layers sequence
		for range c.deep(count) {
			conv, norm := next(), ""
			if v.normed {
				norm = next()
			}
			layers, in = append(layers, st.block(ps, conv, norm, next(), square(in, out, 3, 1, 1))), out
		}
		pool := next()
		layers = append(layers, maxPool(pool, window(2, 2, 0)))
		stages = append(stages, stage(pool[len(prefix):], out, 2<<i, layers))
	}
	return stages, nil
}
