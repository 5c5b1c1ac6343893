package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("inceptionv3", Kind[InceptionV3]{
		About:    "Inception v3 of torchvision: factorized 5x5 and 7x7 convolutions, batch norm, a side head",
		Task:     task.Class,
		Sample:   "image",
		Defaults: InceptionV3{Scaled: asPublished(299), Sides: true, Dropout: 0.5},
		Derive: func(c *InceptionV3, given func(string) bool) {
			if !given("sides") {
				c.Sides = c.Image >= 299
			}
		},
		Published: &Published{rethinking, "torchvision inception_v3", 23_834_568, 5.713, []Pretrained{
			{"torchvision IMAGENET1K_V1", 77.294, imageNetPreset(342, 299, "bilinear")}}},
		Backbone: backboneOf(InceptionV3.design),
		New:      newInceptionV3,
	})
}

const rethinking = "Szegedy, Vanhoucke, Ioffe, Shlens and Wojna (2016), Rethinking the Inception Architecture for Computer Vision"

// InceptionV3 describes an Inception v3.
type InceptionV3 struct {
	Scaled
	Transformed
	Sides   bool    `field:"sides" about:"a head at the side while training, whose loss counts 0.4 times; it takes images of 299 pixels or more, for which true is the default"`
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer"`
}

// design is table 1 of the paper with torchvision's names. The modules of stage 5
// are those of figure 5, of stage 6 those of figure 6 with n = 7, of stage 7 those
// of figure 7; 6a and 7a halve the map.
//
//	Conv2d_1a_3x3, 32, stride 2 – 2a 3x3, 32 – 2b 3x3, 64 – pool, stride 2     299 → 73
//	Conv2d_3b_1x1, 80 – 4a 3x3, 192 – pool, stride 2                          73 → 35
//	Mixed_5b … 5d                                                             35
//	Mixed_6a … 6e, the side head                                              17
//	Mixed_7a … 7c                                                             8
//	mean over the map – dropout – fc classes
func (c InceptionV3) design() (*kit, []part) {
	k := torchvisionKit(c.Scaled, 0.1)
	parts := append(c.first(k), []part{
		{"Conv2d_1a_3x3", conv(32, 3).by(2).valid()}, {"Conv2d_2a_3x3", conv(32, 3).valid()}, {"Conv2d_2b_3x3", conv(64, 3)},
		{"maxpool1", maxima(3, 2)},
		{"Conv2d_3b_1x1", conv(80, 1)}, {"Conv2d_4a_3x3", conv(192, 3).valid()},
		{"maxpool2", maxima(3, 2)},
	}...)
	for i, pooled := range repeated(c.Scaled, []int{32, 64, 64}) {
		parts = append(parts, part{"Mixed_5" + letter(i+1), inceptionV3A(pooled)})
	}
	parts = append(parts, part{"Mixed_6a", inceptionV3B})
	for i, channels := range repeated(c.Scaled, []int{128, 160, 160, 192}) {
		parts = append(parts, part{"Mixed_6" + letter(i+1), inceptionV3C(channels)})
	}
	parts = append(parts, part{"Mixed_7a", inceptionV3D})
	for i := range c.deep(2) {
		parts = append(parts, part{"Mixed_7" + letter(i+1), inceptionV3E})
	}
	return k, parts
}

func inceptionV3A(pooled int) piece {
	return fork{
		{part{"branch1x1", conv(64, 1)}},
		{part{"branch5x5_1", conv(48, 1)}, part{"branch5x5_2", conv(64, 5)}},
		{part{"branch3x3dbl_1", conv(64, 1)}, part{"branch3x3dbl_2", conv(96, 3)}, part{"branch3x3dbl_3", conv(96, 3)}},
		{means(true), part{"branch_pool", conv(pooled, 1)}},
	}
}

var inceptionV3B = fork{
	{part{"branch3x3", conv(384, 3).by(2).valid()}},
	{part{"branch3x3dbl_1", conv(64, 1)}, part{"branch3x3dbl_2", conv(96, 3)}, part{"branch3x3dbl_3", conv(96, 3).by(2).valid()}},
	{maxima(3, 2)},
}

func inceptionV3C(n int) piece {
	return fork{
		{part{"branch1x1", conv(192, 1)}},
		{part{"branch7x7_1", conv(n, 1)}, part{"branch7x7_2", conv(n, 1, 7)}, part{"branch7x7_3", conv(192, 7, 1)}},
		{part{"branch7x7dbl_1", conv(n, 1)}, part{"branch7x7dbl_2", conv(n, 7, 1)}, part{"branch7x7dbl_3", conv(n, 1, 7)},
			part{"branch7x7dbl_4", conv(n, 7, 1)}, part{"branch7x7dbl_5", conv(192, 1, 7)}},
		{means(true), part{"branch_pool", conv(192, 1)}},
	}
}

var inceptionV3D = fork{
	{part{"branch3x3_1", conv(192, 1)}, part{"branch3x3_2", conv(320, 3).by(2).valid()}},
	{part{"branch7x7x3_1", conv(192, 1)}, part{"branch7x7x3_2", conv(192, 1, 7)}, part{"branch7x7x3_3", conv(192, 7, 1)},
		part{"branch7x7x3_4", conv(192, 3).by(2).valid()}},
	{maxima(3, 2)},
}

var inceptionV3E = fork{
	{part{"branch1x1", conv(320, 1)}},
	{part{"branch3x3_1", conv(384, 1)},
		fork{{part{"branch3x3_2a", conv(384, 1, 3)}}, {part{"branch3x3_2b", conv(384, 3, 1)}}}},
	{part{"branch3x3dbl_1", conv(448, 1)}, part{"branch3x3dbl_2", conv(384, 3)},
		fork{{part{"branch3x3dbl_3a", conv(384, 1, 3)}}, {part{"branch3x3dbl_3b", conv(384, 3, 1)}}}},
	{means(true), part{"branch_pool", conv(192, 1)}},
}

func newInceptionV3(c InceptionV3) (Model, error) {
	k, parts := c.design()
	var sides []side
	if c.Sides {
		last := "Mixed_6" + letter(c.deep(4))
		sides = []side{{name: "AuxLogits", behind: last, weight: 0.4, make: inceptionV3Side}}
	}
	return k.network(parts, meanHead("fc", c.Dropout), sides...)
}

// inceptionV3Side is the side head, for maps of 17x17 or more.
func inceptionV3Side(k *kit, in flow) layer {
	if in.size < 17 {
		k.err = fmt.Errorf("model.sides: true is not allowed for images of %d pixels: the head takes a map of 17x17, which 299 pixels have", k.Image)
		return nil
	}
	l, at := chain{
		pool{PoolShape: window(5, 3, 0), mean: true},
		part{"conv0", conv(128, 1)},
		part{"conv1", conv(768, 5).valid()},
	}.build(k, "AuxLogits", in)
	k.ps.Get("AuxLogits.conv1.conv.weight").StartAs(nn.NormalInit(0.01))
	k.dense = func(int) nn.Init { return nn.NormalInit(0.001) }
	return sequence{l, globalMean("AuxLogits.mean"), k.linear("AuxLogits.fc", at.channels, k.Classes)}
}
