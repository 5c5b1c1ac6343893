package zoo

import (
	"strconv"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func init() {
	Register("inception-resnet-v2", Kind[InceptionResNet]{
		About:    "Inception-ResNet v2 of timm: residual blocks of branches, scaled down, batch norm",
		Task:     task.Class,
		Sample:   "image",
		Defaults: InceptionResNet{Scaled: asPublished(299)},
		Published: &Published{residualConnections, "timm inception_resnet_v2", 55_843_464, 13.156, []Pretrained{
			{"timm inception_resnet_v2.tf_in1k", 80.434, halfPreset(333, 299, "bicubic")}}},
		Backbone: backboneOf(InceptionResNet.designV2),
		New: func(c InceptionResNet) (Model, error) {
			k, parts := c.designV2()
			return k.network(parts, meanHead("classif", c.Dropout))
		},
	})
	faces := asPublished(160)
	faces.Classes = 8631
	Register("inception-resnet-v1", Kind[InceptionResNet]{
		About:    "Inception-ResNet v1 of facenet-pytorch: residual blocks of branches, scaled down, batch norm, 512 features",
		Task:     task.Class,
		Sample:   "image",
		Defaults: InceptionResNet{Scaled: faces, Dropout: 0.6},
		Published: &Published{residualConnections, "facenet_pytorch InceptionResnetV1", 27_910_327, 1.422, []Pretrained{
			{"facenet_pytorch vggface2", 0, halfPreset(160, 160, "bilinear")},
			{"facenet_pytorch casia-webface", 0, halfPreset(160, 160, "bilinear")}}}, // of 10,575 classes
		Backbone: backboneOf(InceptionResNet.designV1),
		New: func(c InceptionResNet) (Model, error) {
			k, parts := c.designV1()
			return k.network(parts, c.embedding)
		},
	})
}

// InceptionResNet describes an Inception-ResNet.
type InceptionResNet struct {
	Scaled
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer; the paper has 0.2, timm none, facenet-pytorch 0.6"`
}

// inceptionResNetStem is the first layers of both:
//
//	3x3, 32, stride 2 – 3x3, 32 – 3x3, 64 – pool, stride 2 – 1x1, 80 – 3x3, 192
var inceptionResNetStem = []part{
	{"conv2d_1a", conv(32, 3).by(2).valid()}, {"conv2d_2a", conv(32, 3).valid()}, {"conv2d_2b", conv(64, 3)}, {"maxpool_3a", maxima(3, 2)},
	{"conv2d_3b", conv(80, 1)}, {"conv2d_4a", conv(192, 3).valid()},
}

// designV2 is figure 15 of the paper with timm's names, by what slim has for the
// stem and the reductions:
//
//	mixed_5b               35, branches as in Inception v3
//	10 of A – mixed_6a     35 → 17, figures 16 and 7
//	20 of B – mixed_7a     17 → 8, figures 17 and 18
//	10 of C – 1x1, 1536    8, figure 19; the last block without ReLU
//	mean over the map – dropout – classif classes
func (c InceptionResNet) designV2() (*kit, []part) {
	blockA := scaledBlock{0.17, numbered(0, fork{{conv(32, 1)}, {conv(32, 1), conv(32, 3)}, {conv(32, 1), conv(48, 3), conv(64, 3)}}), true}
	blockB := scaledBlock{0.10, numbered(0, fork{{conv(192, 1)}, {conv(128, 1), conv(160, 1, 7), conv(192, 7, 1)}}), true}
	blockC := scaledBlock{0.20, numbered(0, fork{{conv(192, 1)}, {conv(192, 1), conv(224, 1, 3), conv(256, 3, 1)}}), true}
	lastC := scaledBlock{1, blockC.branches, false}
	return slimKit(c.Scaled), append(inceptionResNetStem[:len(inceptionResNetStem):len(inceptionResNetStem)], []part{
		{"maxpool_5a", maxima(3, 2)},
		{"mixed_5b", numbered(0, fork{
			{conv(96, 1)},
			{conv(48, 1), conv(64, 5)},
			{conv(64, 1), conv(96, 3), conv(96, 3)},
			{means(false), conv(64, 1)},
		})},
		{"repeat", blocks{c.deep(10), blockA}},
		{"mixed_6a", numbered(0, fork{
			{conv(384, 3).by(2).valid()},
			{conv(256, 1), conv(256, 3), conv(384, 3).by(2).valid()},
			{maxima(3, 2)},
		})},
		{"repeat_1", blocks{c.deep(20), blockB}},
		{"mixed_7a", numbered(0, fork{
			{conv(256, 1), conv(384, 3).by(2).valid()},
			{conv(256, 1), conv(288, 3).by(2).valid()},
			{conv(256, 1), conv(288, 3), conv(320, 3).by(2).valid()},
			{maxima(3, 2)},
		})},
		{"repeat_2", blocks{c.deep(9), blockC}},
		{"block8", lastC},
		{"conv2d_7b", conv(1536, 1)},
	}...)
}

// designV1 is figure 15 with facenet-pytorch's names:
//
//	3x3, 256, stride 2    17, behind the stem
//	5 of A – mixed_6a     17 → 8, figures 10 and 7
//	10 of B – mixed_7a    8 → 3, figures 11 and 12
//	6 of C                3, figure 13; the last block without ReLU
func (c InceptionResNet) designV1() (*kit, []part) {
	blockA := scaledBlock{0.17, numbered(0, fork{{conv(32, 1)}, {conv(32, 1), conv(32, 3)}, {conv(32, 1), conv(32, 3), conv(32, 3)}}), true}
	blockB := scaledBlock{0.10, numbered(0, fork{{conv(128, 1)}, {conv(128, 1), conv(128, 1, 7), conv(128, 7, 1)}}), true}
	blockC := scaledBlock{0.20, numbered(0, fork{{conv(192, 1)}, {conv(192, 1), conv(192, 1, 3), conv(192, 3, 1)}}), true}
	lastC := scaledBlock{1, blockC.branches, false}
	return slimKit(c.Scaled), append(inceptionResNetStem[:len(inceptionResNetStem):len(inceptionResNetStem)], []part{
		{"conv2d_4b", conv(256, 3).by(2).valid()},
		{"repeat_1", blocks{c.deep(5), blockA}},
		{"mixed_6a", numbered(0, fork{
			{conv(384, 3).by(2).valid()},
			{conv(192, 1), conv(192, 3), conv(256, 3).by(2).valid()},
			{maxima(3, 2)},
		})},
		{"repeat_2", blocks{c.deep(10), blockB}},
		{"mixed_7a", numbered(0, fork{
			{conv(256, 1), conv(384, 3).by(2).valid()},
			{conv(256, 1), conv(256, 3).by(2).valid()},
			{conv(256, 1), conv(256, 3), conv(256, 3).by(2).valid()},
			{maxima(3, 2)},
		})},
		{"repeat_3", blocks{c.deep(5), blockC}},
		{"block8", lastC},
	}...)
}

// embedding is facenet-pytorch's head, which makes 512 features of a face before it
// tells classes apart.
func (c InceptionResNet) embedding(k *kit, in flow) layer {
	features := c.wide(512)
	return sequence{
		globalMean("avgpool_1a"),
		nn.NewDropout("dropout", float32(c.Dropout), 0),
		nn.NewLinear(k.ps, "last_linear", in.channels, features, false),
		k.style.norm(k.ps, "last_bn", features),
		nn.NewLinear(k.ps, "logits", features, c.Classes, true),
	}
}

// blocks is pieces of one kind, one after another.
type blocks struct {
	count int
	block piece
}

func (b blocks) build(k *kit, name string, in flow) (layer, flow) {
	var s sequence
	for i := range b.count {
		var l layer
		l, in = b.block.build(k, k.under(name, strconv.Itoa(i)), in)
		s = append(s, l)
	}
	return s, in
}

// scaledBlock is y = ReLU(x + scale·conv2d(branches(x))): section 3.3 of the paper,
// which has large networks stay stable by it.
type scaledBlock struct {
	scale    float32
	branches fork
	relu     bool
}

func (b scaledBlock) build(k *kit, name string, in flow) (layer, flow) {
	branches, at := b.branches.build(k, name, in)
	up := nn.NewConv2d(k.ps, name+".conv2d", tensor.ConvShape{Cin: at.channels, Cout: in.channels, KH: 1, KW: 1}, true, nil)
	return layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node {
		y := t.WeightedAdd(name+".add", []float32{b.scale, 1}, up.Forward(t, branches.Forward(t, x)), x)
		if b.relu {
			y = t.ReLU(name+".relu", y)
		}
		return y
	}), in
}
