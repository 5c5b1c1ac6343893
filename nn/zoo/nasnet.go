package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	for _, k := range nasNets {
		Register(k.kind, Kind[NASNet]{
			About:     k.about,
			Task:      task.Class,
			Sample:    "image",
			Defaults:  NASNet{Scaled: asPublished(k.image), Dropout: 0.5},
			Published: &k.facts,
			Backbone:  k.backbone,
			New:       k.build,
		})
	}
}

// nasNets are NASNet-A, N @ 24·filters: stages of N cells, the first with so many
// filters, later ones with two and four times as many. The port multiplies more
// often, 0.568·10⁹ times for mobile: it pads both sides of even maps, and cuts off
// what that adds behind convolutions.
var nasNets = []nasNetKind{
	{kind: "nasnet-mobile", image: 224, stem: 32, filters: 44, cells: 4,
		about: "NASNet-A mobile (4 @ 1056) of pretrained-models.pytorch: cells of separable convolutions found by search, batch norm",
		facts: Published{zophTransferable, "pretrainedmodels nasnetamobile", 5_289_978, 0.564, []Pretrained{
			{"pretrainedmodels nasnetamobile", 74.080, halfPreset(256, 224, "bilinear")}}}},
	{kind: "nasnet-large", image: 331, stem: 96, filters: 168, cells: 6, skip: true,
		about: "NASNet-A large (6 @ 4032) of pretrained-models.pytorch: cells of separable convolutions found by search, batch norm",
		facts: Published{zophTransferable, "pretrainedmodels nasnetalarge", 88_753_150, 23.783, []Pretrained{
			{"timm nasnetalarge.tf_in1k", 82.638, halfPreset(363, 331, "bicubic")},
			{"pretrainedmodels nasnetalarge", 82.566, halfPreset(378, 331, "bilinear")}}}},
}

const zophTransferable = "Zoph, Vasudevan, Shlens and Le (2018), Learning Transferable Architectures for Scalable Image Recognition"

// nasNetKind is one of the networks.
type nasNetKind struct {
	kind, about                 string
	image, stem, filters, cells int
	skip                        bool // cells behind a reduction leave out what went into it
	facts                       Published
}

// NASNet describes a NASNet-A.
type NASNet struct {
	Scaled
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer"`
}

// build makes the network with the names of the port:
//
//	conv0 3x3, stride 2
//	cell_stem_0, cell_stem_1    reductions to a quarter and half of the filters
//	cell_0 …                    N normal cells
//	reduction_cell_0, cell_6 …  twice the filters
//	reduction_cell_1, cell_12 … four times
//	ReLU – mean over the map – dropout – last_linear classes
//
// A cell reads what the two cells before it made.
func (k nasNetKind) build(c NASNet) (Model, error) {
	return newStaged(c.Classifier,
		func(ps *nn.Params) ([]Stage, error) { return k.backbone(ps, "", c) },
		func(ps *nn.Params, channels int) layer {
			return sequence{
				activation((*nn.Tape).ReLU, "relu"),
				globalMean("avg_pool"),
				nn.NewDropout("dropout", float32(c.Dropout), 0),
				nn.NewLinear(ps, "last_linear", channels, c.Classes, true),
			}
		})
}

// backbone registers conv0 and every cell as a stage.
func (k nasNetKind) backbone(ps *nn.Params, prefix string, c NASNet) ([]Stage, error) {
	halves := append([]narrowing{{"conv0", 3, 2, 0}}, halving("cell_stem_0", "cell_stem_1", "reduction_cell_0", "reduction_cell_1")...)
	if err := c.check(backboneLeast, halves...); err != nil {
		return nil, err
	}
	filters, stem := c.wide(k.filters), c.wide(k.stem)
	conv0 := nasStyle.block(ps, prefix+"conv0.conv", prefix+"conv0.bn", "", square(c.Channels, stem, 3, 2, 0))
	first := stage("conv0", stem, 2, conv0)
	b := nasBuilder{ps: ps, prefix: prefix, stages: []Stage{first}, prev: first, cur: first}
	b.cell("cell_stem_0", filters/4, true, false)
	b.cell("cell_stem_1", filters/2, true, false)
	each := c.deep(k.cells)
	for part := range 3 {
		for i := range each {
			b.cell(fmt.Sprintf("cell_%d", part*max(6, each)+i), filters<<part, false, false)
		}
		if part < 2 {
			b.cell(fmt.Sprintf("reduction_cell_%d", part), filters<<(part+1), true, k.skip)
		}
	}
	return b.stages, nil
}
