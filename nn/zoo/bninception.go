package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("bninception", Kind[Scaled]{
		About:    "BN-Inception (Inception v2) of pretrained-models.pytorch: two 3x3 convolutions for one of 5x5, batch norm",
		Task:     task.Class,
		Sample:   "image",
		Defaults: asPublished(224),
		Published: &Published{"Ioffe and Szegedy (2015), Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
			"pretrainedmodels bninception", 11_295_240, 2.033, []Pretrained{{"pretrainedmodels bninception", 73.524, bnInceptionPreset}}},
		Backbone: backboneOf(bnInceptionDesign),
		New:      newBNInception,
	})
}

// bnInceptionPreset takes a mean from pixels that go from 0 to 255. The network
// expects blue first.
var bnInceptionPreset = Preset{256, 224, "bilinear", [3]float64{128. / 255, 117. / 255, 104. / 255}, [3]float64{1. / 255, 1. / 255, 1. / 255}, true, false}

// bnInceptionRow is a row of figure 5 of the paper: channels of 1x1, of 3x3 behind
// 1x1, of 3x3 twice behind 1x1, and of 1x1 behind a pool. The last of stages 3 and
// 4 halve the map and have two branches beside the pool.
type bnInceptionRow struct {
	one, reduce3, three, reduceTwice, twice int
	pool                                    pool
	project                                 int
}

var bnInceptionTable = map[int][]bnInceptionRow{
	3: {
		{64, 64, 64, 64, 96, means(true), 32}, // 3a
		{64, 64, 96, 64, 96, means(true), 64}, // 3b
	},
	4: {
		{224, 64, 96, 96, 128, means(true), 128},    // 4a
		{192, 96, 128, 96, 128, means(true), 128},   // 4b
		{160, 128, 160, 128, 160, means(true), 128}, // 4c
		{96, 128, 192, 160, 192, means(true), 128},  // 4d
	},
	5: {
		{352, 192, 320, 160, 224, means(true), 128},           // 5a
		{352, 192, 320, 192, 224, maxima(3, 1).padded(), 128}, // 5b
	},
}

var (
	bnInception3c = bnInceptionRow{reduce3: 128, three: 160, reduceTwice: 64, twice: 96, pool: maximaUp(3, 2)}
	bnInception4e = bnInceptionRow{reduce3: 128, three: 192, reduceTwice: 192, twice: 256, pool: maximaUp(3, 2)}
)

// bnInceptionDesign is the port's from Caffe: convolutions with biases before
// batch norms of eps 1e-5.
//
//	conv1 7x7, 64, stride 2 – pool 3x3, stride 2
//	conv2 1x1, 64 – 3x3, 192 – pool 3x3, stride 2
//	inception_3a … 3c – 4a … 4e – 5a, 5b
//	mean over the map – last_linear classes
func bnInceptionDesign(c Scaled) (*kit, []part) {
	k := &kit{Scaled: c, style: style{bias: true}, norm: "_bn", joint: "_"}
	parts := []part{
		{"conv1_7x7_s2", conv(64, 7).by(2)}, {"pool1_3x3_s2", maximaUp(3, 2)},
		{"conv2_3x3_reduce", conv(64, 1)}, {"conv2_3x3", conv(192, 3)}, {"pool2_3x3_s2", maximaUp(3, 2)},
	}
	for stage := 3; stage <= 5; stage++ {
		rows := repeated(c, bnInceptionTable[stage])
		switch stage {
		case 3:
			rows = append(rows, bnInception3c)
		case 4:
			rows = append(rows, bnInception4e)
		}
		for i, r := range rows {
			parts = append(parts, part{fmt.Sprintf("inception_%d%s", stage, letter(i)), r.module()})
		}
	}
	return k, parts
}

// module is the Inception module of a row.
func (r bnInceptionRow) module() piece {
	stride := 1
	if r.one == 0 {
		stride = 2
	}
	f := fork{
		{part{"3x3_reduce", conv(r.reduce3, 1)}, part{"3x3", conv(r.three, 3).by(stride)}},
		{part{"double_3x3_reduce", conv(r.reduceTwice, 1)}, part{"double_3x3_1", conv(r.twice, 3)}, part{"double_3x3_2", conv(r.twice, 3).by(stride)}},
		{r.pool},
	}
	if r.one == 0 {
		return f
	}
	f[2] = append(f[2], part{"pool_proj", conv(r.project, 1)})
	return append(fork{{part{"1x1", conv(r.one, 1)}}}, f...)
}

func newBNInception(c Scaled) (Model, error) {
	k, parts := bnInceptionDesign(c)
	return k.network(parts, meanHead("last_linear", 0))
}
