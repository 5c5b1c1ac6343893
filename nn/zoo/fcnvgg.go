package zoo

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// Segmenter describes a network that tells the classes of pixels apart.
type Segmenter struct {
	Classes  int `field:"classes" allowed:"[1, 256]" about:"what pixels are told apart into"`
	Height   int `field:"height" allowed:"[1, 4096]" about:"of images, in pixels"`
	Width    int `field:"width" allowed:"[1, 4096]" about:"of images, in pixels"`
	Channels int `field:"channels" allowed:"[1, 1024]" about:"1 for grey, 3 for colour"`
}

// image is the part of a batch that the network reads.
func (c Segmenter) image(b *nn.Batch) *nn.Node {
	return b.Images("image", c.Height, c.Width, c.Channels)
}

// fcnKinds are the networks of Long, Shelhamer and Darrell (2015): from the scores
// of the last map on, scores grow and are added to those of an earlier pool, until
// the last growth makes them as large as the image, and more, of which the
// middle is cut.
var fcnKinds = []fcnKind{
	{"fcn32s", nil, fcnGrowth{"upscore", 32, 19}, 136_152_917, 181.366},
	{"fcn16s", []fcnFusion{{"upscore2", "score_pool4", 4, 5}}, fcnGrowth{"upscore16", 16, 27}, 134_815_994, 181.448},
	{"fcn8s", []fcnFusion{{"upscore2", "score_pool4", 4, 5}, {"upscore_pool4", "score_pool3", 3, 9}}, fcnGrowth{"upscore8", 8, 31}, 134_489_759, 181.529},
}

type fcnKind struct {
	name    string
	fusions []fcnFusion
	last    fcnGrowth

	parameters   int
	multiplyAdds float64 // for 500 pixels a side, 10⁹
}

// fcnFusion doubles scores, and adds those of a pool from so many pixels on.
type fcnFusion struct {
	up, score  string
	pool, from int
}

// fcnGrowth is the last: so many times as large, cut from so many pixels on.
type fcnGrowth struct {
	up         string
	times, cut int
}

// fcnPreset takes the mean of ImageNet from pixels that go from 0 to 255, blue first.
// Pictures of any size are what the networks read; here it is the middle of one.
var fcnPreset = Preset{500, 500, "bilinear", [3]float64{122.67891434 / 255, 116.66876762 / 255, 104.00698793 / 255}, [3]float64{1. / 255, 1. / 255, 1. / 255}, true, false}

func init() {
	for _, k := range fcnKinds {
		Register(k.name, Kind[FCNVGG]{
			About:    fmt.Sprintf("FCN-%s of pytorch-fcn: VGG-16 whose linear layers are convolutions, and scores that grow", k.name[3:]),
			Task:     task.Pixels,
			Sample:   "image",
			Defaults: FCNVGG{Segmenter{21, 500, 500, 3}, 64, 1, 0.5},
			Published: &Published{Paper: "Long, Shelhamer and Darrell (2015), Fully Convolutional Networks for Semantic Segmentation",
				As: "pytorch-fcn FCN" + k.name[3:], Parameters: k.parameters, MultiplyAdds: k.multiplyAdds,
				Weights: []Pretrained{{"pytorch-fcn " + k.name + "_from_caffe", 0, fcnPreset}}},
			New: k.build,
		})
	}
}

// FCNVGG describes a fully convolutional VGG-16.
type FCNVGG struct {
	Segmenter
	Filters int     `field:"filters" allowed:"[1, 1024]" about:"of the first stage; published: 64. Later stages have 2, 4, 8 and 8 times as many, fc6 and fc7 64 times"`
	Depth   float64 `field:"depth" allowed:"(0, 16]" unsaid:"1" about:"factor of the convolutions of every stage, rounded up"`
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate of whole channels behind fc6 and fc7"`
}

// fcnStages are those of VGG-16: channels, in filters, and convolutions of 3x3
// before a pool 2x2 that takes what is left over at an edge, too.
var fcnStages = []struct{ channels, convs int }{{1, 2}, {2, 2}, {4, 3}, {8, 3}, {8, 3}}

// fcnVGG has pytorch-fcn's names:
//
//	conv1_1 … conv5_3   3x3 – ReLU; conv1_1 is padded by 100 pixels, so that fc6 fits any image
//	fc6 7x7, fc7 1x1    – ReLU – dropout of channels
//	score_fr            1x1, classes
//
// Convolutions start as N(0, 2/(out·kh·kw)) and 0, scores as 0, transposed
// convolutions as bilinear interpolation of each class by itself.
type fcnVGG struct {
	FCNVGG
	fcnKind
	params *nn.Params
	stages []sequence // up to a pool
	scores sequence   // of the last pool
	pools  []*nn.Conv2d
	ups    []*nn.ConvTranspose2d // of fusions, and the last
}

func (k fcnKind) build(c FCNVGG) (Model, error) {
	ps := nn.NewParams()
	m := &fcnVGG{FCNVGG: c, fcnKind: k, params: ps}
	st, in := style{bias: true, init: fanOut}, c.Channels
	conv := func(name string, s tensor.ConvShape) layer {
		b := st.block(ps, name, "", "relu"+strings.TrimLeft(name, "convf"), s)
		b.conv.Bias.StartAs(nn.ConstantInit(0))
		return b
	}
	for i, s := range fcnStages {
		var stage sequence
		for j := range deepened(s.convs, c.Depth) {
			shape := square(in, s.channels*c.Filters, 3, 1, 1)
			if i == 0 && j == 0 {
				shape.PadH, shape.PadW = 100, 100
			}
			stage = append(stage, conv(fmt.Sprintf("conv%d_%d", i+1, j+1), shape))
			in = shape.Cout
		}
		halves := tensor.PoolShape{KH: 2, KW: 2, StrideH: 2, StrideW: 2, Ceil: true}
		m.stages = append(m.stages, append(stage, maxPool(fmt.Sprintf("pool%d", i+1), halves)))
	}
	fc := 64 * c.Filters
	m.scores = sequence{
		conv("fc6", square(in, fc, 7, 1, 0)), nn.NewDropout2d("drop6", float32(c.Dropout), 0),
		conv("fc7", square(fc, fc, 1, 1, 0)), nn.NewDropout2d("drop7", float32(c.Dropout), 1),
		m.score("score_fr", fc),
	}
	for _, f := range k.fusions {
		m.pools = append(m.pools, m.score(f.score, fcnStages[f.pool-1].channels*c.Filters))
		m.ups = append(m.ups, m.grow(f.up, 2))
	}
	m.ups = append(m.ups, m.grow(k.last.up, k.last.times))
	return m, checkSize(ps, "filters")
}

// score is a 1x1 convolution to the classes.
func (m *fcnVGG) score(name string, channels int) *nn.Conv2d {
	l := nn.NewConv2d(m.params, name, square(channels, m.Classes, 1, 1, 0), true, nn.ConstantInit(0))
	l.Bias.StartAs(nn.ConstantInit(0))
	return l
}

// grow is a transposed convolution that makes scores so many times as large.
func (m *fcnVGG) grow(name string, times int) *nn.ConvTranspose2d {
	return nn.NewConvTranspose2d(m.params, name, square(m.Classes, m.Classes, 2*times, times, 0), [2]int{}, false, nn.BilinearInit(2*times, 2*times))
}

func (m *fcnVGG) Params() *nn.Params { return m.params }

func (m *fcnVGG) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := m.image(b)
	var pools []*nn.Node
	for _, stage := range m.stages {
		x = stage.Forward(t, x)
		pools = append(pools, x)
	}
	scores := m.scores.Forward(t, x)
	for i, f := range m.fusions {
		scores = m.ups[i].Forward(t, scores)
		l := scores.Layout
		earlier := t.Crop(f.score+"c", m.pools[i].Forward(t, pools[f.pool-1]), f.from, f.from, l.Height, l.Width)
		scores = t.Add("fuse_pool"+fmt.Sprint(f.pool), scores, earlier)
	}
	scores = m.ups[len(m.fusions)].Forward(t, scores)
	return t.Crop("crop", scores, m.last.cut, m.last.cut, m.Height, m.Width)
}
