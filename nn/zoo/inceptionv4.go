package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("inceptionv4", Kind[InceptionV4]{
		About:    "Inception v4 of timm: a stem of branches, Inception modules of three kinds, batch norm",
		Task:     task.Class,
		Sample:   "image",
		Defaults: InceptionV4{Scaled: asPublished(299)},
		Published: &Published{residualConnections, "timm inception_v4", 42_679_816, 12.254, []Pretrained{
			{"timm inception_v4.tf_in1k", 80.144, halfPreset(341, 299, "bicubic")}}},
		Backbone: backboneOf(InceptionV4.design),
		New:      newInceptionV4,
	})
}

const residualConnections = "Szegedy, Ioffe, Vanhoucke and Alemi (2017), Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning"

// InceptionV4 describes an Inception v4.
type InceptionV4 struct {
	Scaled
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer; the paper has 0.2, timm none"`
}

// design is figure 9 of the paper; the modules are timm's features.
//
//	3x3, 32, stride 2 – 3x3, 32 – 3x3, 64    299 → 147, figure 3 up to features.5
//	3a – 4a – 5a                             147 → 35
//	4 of A – reduction                       35 → 17, figures 4 and 7
//	7 of B – reduction                       17 → 8, figures 5 and 8
//	3 of C                                   8, figure 6
//	mean over the map – dropout – last_linear classes
func (c InceptionV4) design() (*kit, []part) {
	pieces := []piece{conv(32, 3).by(2).valid(), conv(32, 3).valid(), conv(64, 3), inceptionV4Stem3a, inceptionV4Stem4a, inceptionV4Stem5a}
	for _, s := range []struct {
		count             int
		module, reduction piece
	}{
		{4, inceptionV4A, inceptionV4ReductionA},
		{7, inceptionV4B, inceptionV4ReductionB},
		{3, inceptionV4C, nil},
	} {
		for range c.deep(s.count) {
			pieces = append(pieces, s.module)
		}
		if s.reduction != nil {
			pieces = append(pieces, s.reduction)
		}
	}
	var parts []part
	for i, p := range pieces {
		parts = append(parts, part{fmt.Sprintf("features.%d", i), p})
	}
	return slimKit(c.Scaled), parts
}

var (
	inceptionV4Stem3a = fork{{maxima(3, 2)}, {part{"conv", conv(96, 3).by(2).valid()}}}
	inceptionV4Stem4a = numbered(0, fork{
		{conv(64, 1), conv(96, 3).valid()},
		{conv(64, 1), conv(64, 1, 7), conv(64, 7, 1), conv(96, 3).valid()},
	})
	inceptionV4Stem5a = fork{{part{"conv", conv(192, 3).by(2).valid()}}, {maxima(3, 2)}}

	inceptionV4A = numbered(0, fork{
		{conv(96, 1)},
		{conv(64, 1), conv(96, 3)},
		{conv(64, 1), conv(96, 3), conv(96, 3)},
		{means(false), conv(96, 1)},
	})
	inceptionV4ReductionA = numbered(0, fork{
		{conv(384, 3).by(2).valid()},
		{conv(192, 1), conv(224, 3), conv(256, 3).by(2).valid()},
		{maxima(3, 2)},
	})
	inceptionV4B = numbered(0, fork{
		{conv(384, 1)},
		{conv(192, 1), conv(224, 1, 7), conv(256, 7, 1)},
		{conv(192, 1), conv(192, 7, 1), conv(224, 1, 7), conv(224, 7, 1), conv(256, 1, 7)},
		{means(false), conv(128, 1)},
	})
	inceptionV4ReductionB = numbered(0, fork{
		{conv(192, 1), conv(192, 3).by(2).valid()},
		{conv(256, 1), conv(256, 1, 7), conv(320, 7, 1), conv(320, 3).by(2).valid()},
		{maxima(3, 2)},
	})
	inceptionV4C = fork{
		{part{"branch0", conv(256, 1)}},
		{part{"branch1_0", conv(384, 1)},
			fork{{part{"branch1_1a", conv(256, 1, 3)}}, {part{"branch1_1b", conv(256, 3, 1)}}}},
		{part{"branch2_0", conv(384, 1)}, part{"branch2_1", conv(448, 3, 1)}, part{"branch2_2", conv(512, 1, 3)},
			fork{{part{"branch2_3a", conv(256, 1, 3)}}, {part{"branch2_3b", conv(256, 3, 1)}}}},
		{means(false), part{"branch3.1", conv(256, 1)}},
	}
)

func newInceptionV4(c InceptionV4) (Model, error) {
	k, parts := c.design()
	return k.network(parts, meanHead("last_linear", c.Dropout))
}
