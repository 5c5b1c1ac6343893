package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("googlenet", Kind[TransformedGoogLeNet]{
		About:     "GoogLeNet of torchvision: Inception modules of 1x1 and 3x3 convolutions, batch norm, two side heads",
		Task:      task.Class,
		Sample:    "image",
		Defaults:  TransformedGoogLeNet{GoogLeNet: GoogLeNet{Scaled: asPublished(224), Sides: true, Dropout: 0.2, SideDropout: 0.7}},
		Published: &Published{goingDeeper, "torchvision googlenet", 6_624_904, 1.498, []Pretrained{torchvisionV1(69.778)}},
		Backbone:  backboneOf(TransformedGoogLeNet.design),
		New:       newGoogLeNet,
	})
}

const goingDeeper = "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke and Rabinovich (2015), Going Deeper with Convolutions"

// GoogLeNet describes a GoogLeNet.
type GoogLeNet struct {
	Scaled
	Sides       bool    `field:"sides" about:"two more heads at the side while training, each of whose losses counts 0.3 times"`
	Dropout     float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer"`
	SideDropout float64 `field:"side_dropout" allowed:"[0, 1)" about:"rate before the last layer of a side head"`
}

// TransformedGoogLeNet describes torchvision's.
type TransformedGoogLeNet struct {
	GoogLeNet
	Transformed
}

// inceptionRow is a row of table 1 of Szegedy et al. (2015).
type inceptionRow struct{ one, reduce3, three, reduce5, five, project int }

// googLeNetTable is the rows of table 1, by stage.
var googLeNetTable = map[int][]inceptionRow{
	3: {
		{64, 96, 128, 16, 32, 32},   // 3a
		{128, 128, 192, 32, 96, 64}, // 3b
	},
	4: {
		{192, 96, 208, 16, 48, 64},    // 4a, a side head behind it
		{160, 112, 224, 24, 64, 64},   // 4b
		{128, 128, 256, 24, 64, 64},   // 4c
		{112, 144, 288, 32, 64, 64},   // 4d, a side head behind it
		{256, 160, 320, 32, 128, 128}, // 4e
	},
	5: {
		{256, 160, 320, 32, 128, 128}, // 5a
		{384, 192, 384, 48, 128, 128}, // 5b
	},
}

// inceptionStages are stages 3, 4 and 5, with pools between them.
func inceptionStages(c Scaled, lastPool pool, name string, module func(r inceptionRow) piece) []part {
	stage := func(n int) (parts []part) {
		for i, r := range repeated(c, googLeNetTable[n]) {
			parts = append(parts, part{fmt.Sprintf("%s%d%s", name, n, letter(i)), module(r)})
		}
		return parts
	}
	parts := append(stage(3), part{"maxpool3", maximaUp(3, 2)})
	parts = append(append(parts, stage(4)...), part{"maxpool4", lastPool})
	return append(parts, stage(5)...)
}

// design is torchvision's, with batch norm of eps 1e-3. By an oversight it has 3x3
// where the paper has 5x5, and its last pool is of 2x2.
//
//	conv1 7x7, 64, stride 2 – pool 3x3, stride 2
//	conv2 1x1, 64 – conv3 3x3, 192 – pool 3x3, stride 2
//	inception3a, 3b – pool – inception4a … 4e – pool – inception5a, 5b
//	mean over the map – dropout – fc classes
func (c TransformedGoogLeNet) design() (*kit, []part) {
	k := torchvisionKit(c.Scaled, 0.01)
	parts := append(c.first(k), []part{
		{"conv1", conv(64, 7).by(2)}, {"maxpool1", maximaUp(3, 2)},
		{"conv2", conv(64, 1)}, {"conv3", conv(192, 3)}, {"maxpool2", maximaUp(3, 2)},
	}...)
	return k, append(parts, inceptionStages(c.Scaled, maximaUp(2, 2), "inception", func(r inceptionRow) piece {
		return numbered(1, fork{
			{conv(r.one, 1)},
			{conv(r.reduce3, 1), conv(r.three, 3)},
			{conv(r.reduce5, 1), conv(r.five, 3)},
			{maximaUp(3, 1).padded(), conv(r.project, 1)},
		})
	})...)
}

func newGoogLeNet(c TransformedGoogLeNet) (Model, error) {
	k, parts := c.design()
	return k.network(parts, meanHead("fc", c.Dropout), c.sides("inception", func(k *kit, i int, in flow) layer {
		name := fmt.Sprintf("aux%d", i)
		squeeze, at := conv(128, 1).build(k, name+".conv", in)
		return sequence{
			layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.AdaptiveAvgPool(name+".pool", x, 4, 4) }),
			squeeze,
			c.sideEnd(k, i, name+".fc1", name+".fc2", 4*4*at.channels),
		}
	})...)
}

// sides are the heads behind the first module of stage 4 and the last but one.
func (c GoogLeNet) sides(module string, head func(k *kit, i int, in flow) layer) []side {
	if !c.Sides {
		return nil
	}
	second := max(0, c.deep(len(googLeNetTable[4]))-2)
	return []side{
		{name: "aux1", behind: module + "4a", weight: 0.3, make: func(k *kit, in flow) layer { return head(k, 1, in) }},
		{name: "aux2", behind: module + "4" + letter(second), weight: 0.3, make: func(k *kit, in flow) layer { return head(k, 2, in) }},
	}
}

// sideEnd is the end of side head i: two linear layers on maps of so many values.
func (c GoogLeNet) sideEnd(k *kit, i int, fc1, fc2 string, in int) layer {
	width := c.wide(1024)
	return sequence{
		layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.Flatten(fc1+".flatten", x) }),
		k.linear(fc1, in, width),
		activation((*nn.Tape).ReLU, fc1+".relu"),
		nn.NewDropout(fc2+".dropout", float32(c.SideDropout), uint32(i)),
		k.linear(fc2, width, c.Classes),
	}
}
