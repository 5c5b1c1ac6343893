package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("resnet-small", Kind[ResNetSmall]{
		About:    "ResNet for small images: three stages of residual blocks behind one 3x3 convolution, batch norm",
		Task:     task.Class,
		Sample:   "image",
		Defaults: ResNetSmall{Classifier: Classifier{Classes: 10, Image: 32, Channels: 3}, Blocks: 3, Width: 16},
		New:      newResNetSmall,
	})
}

// ResNetSmall describes a ResNet for small images.
type ResNetSmall struct {
	Classifier
	Blocks          int     `field:"blocks" allowed:"[1, 64]" about:"residual blocks of a stage; n makes a ResNet of 6n+2 layers"`
	Width           int     `field:"width" allowed:"[1, 1024]" about:"channels of the first stage; later stages have two and four times as many"`
	Dropout         float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer"`
	StochasticDepth float64 `field:"stochastic_depth" allowed:"[0, 1)" about:"rate at which an image skips the last block; earlier blocks have less, in proportion"`
}

// resNetSmallLeast is the smallest image that two halvings leave a map of.
const resNetSmallLeast = 4

// resNetSmall is the network of He et al. (2016), section 4.2, for images of about
// 32 pixels:
//
//	conv1 3x3, width – bn1 – ReLU
//	layer1 … layer3: blocks of width, 2 width, 4 width channels; the first block of
//	layers 2 and 3 has stride 2
//	mean over the map – dropout – fc classes
//
// Where sizes change the sum takes its input through a 1x1 convolution and a norm,
// as in torchvision's ResNets (the paper's option B). Names and first weights are
// those of torchvision's blocks. Three blocks of width 16 are ResNet-20, with
// 272,474 parameters for three channels and ten classes.
//
// Of L blocks, number l from 1 is skipped at l/L of the rate of stochastic depth
// (Huang et al., 2016, equation 4).
type resNetSmall struct {
	Classifier
	params *nn.Params
	stem   *convBlock
	blocks sequence
	drop   *nn.Dropout
	fc     *nn.Linear
}

func newResNetSmall(c ResNetSmall) (Model, error) {
	if err := c.check(resNetSmallLeast, halving("layer2", "layer3")...); err != nil {
		return nil, err
	}
	ps := nn.NewParams()
	m := &resNetSmall{Classifier: c.Classifier, params: ps, drop: nn.NewDropout("dropout", float32(c.Dropout), 0)}
	st := style{init: fanOut}
	m.stem = st.block(ps, "conv1", "bn1", "relu", square(c.Channels, c.Width, 3, 1, 1))
	in := c.Width
	for layer := range 3 {
		out, stride := c.Width<<layer, min(layer, 1)+1
		for i := range c.Blocks {
			b := &residual{name: fmt.Sprintf("layer%d.%d", layer+1, i), in: in, stride: stride}
			b.basic(ps, st, out)
			at := len(m.blocks) + 1
			b.branch = append(b.branch, nn.NewStochasticDepth(b.name+".skip", float32(c.StochasticDepth*float64(at)/float64(3*c.Blocks)), uint32(at)))
			m.blocks = append(m.blocks, b)
			in, stride = out, 1
		}
	}
	m.fc = nn.NewLinear(ps, "fc", in, c.Classes, true)
	return m, checkSize(ps, "width")
}

func (m *resNetSmall) Params() *nn.Params { return m.params }

func (m *resNetSmall) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := m.blocks.Forward(t, m.stem.Forward(t, m.image(b)))
	return m.fc.Forward(t, m.drop.Forward(t, t.GlobalAvgPool("avgpool", x)))
}
