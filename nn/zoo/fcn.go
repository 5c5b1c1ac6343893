package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func init() {
	Register("fcn", Kind[FCN]{
		About:    "small fully convolutional network: the class of each pixel, from scores of several scales",
		Task:     task.Pixels,
		Sample:   "image",
		Defaults: FCN{Classes: 2, Height: 128, Width: 128, Channels: 1, Filters: 16, Halvings: 3, Up: upBilinear},
		New:      newFCN,
	})
}

// The ways in which scores are brought to the size of the next larger ones.
const (
	upBilinear   = "bilinear"
	upTransposed = "transposed"
)

// FCN describes a network that tells the classes of pixels apart.
type FCN struct {
	Classes  int    `field:"classes" allowed:"[1, 256]" about:"what pixels are told apart into"`
	Height   int    `field:"height" allowed:"[1, 4096]" about:"of images, in pixels"`
	Width    int    `field:"width" allowed:"[1, 4096]" about:"of images, in pixels"`
	Channels int    `field:"channels" allowed:"[1, 1024]" about:"1 for grey, 3 for colour"`
	Filters  int    `field:"filters" allowed:"[1, 1024]" about:"of the first stage; each further stage has twice as many"`
	Halvings int    `field:"halvings" allowed:"[1, 6]" about:"of height and width, a stage behind each"`
	Up       string `field:"up" oneof:"bilinear, transposed" about:"how scores grow: by interpolation, or by weights that begin as one"`
}

// fcn is Long et al. (2015) in small: a stage of features for each scale, scores
// of the classes from every one, and from the coarsest on scores that grow and are
// added to those of the next finer scale, up to the image's own.
//
//	stage1 … stage(halvings+1)   3x3 – norm – ReLU – 3x3 – norm – ReLU, each behind
//	                             the first after a pool 2x2; F, 2F, 4F, … filters
//	score1 … score(halvings+1)   1x1, classes
//	up1 … up(halvings)           to the size of that stage; transposed: 4x4, stride 2
//
//	scores = score(last)(stage(last));  scores = up_k(scores) + score_k(stage_k), k from last-1 to 1
//
// Convolutions of stages start as N(0, 2/(out·9)), norms as 1 and 0, scores as
// PyTorch's layers, transposed convolutions as bilinear interpolation of each
// class by itself.
type fcn struct {
	FCN
	params *nn.Params
	stages [][2]normed
	scores []*nn.Conv2d
	ups    []*nn.ConvTranspose2d // nil where scores are interpolated
}

func newFCN(c FCN) (Model, error) {
	if least := 1 << c.Halvings; c.Height < least || c.Width < least {
		return nil, fmt.Errorf("model.halvings: %d of images of %dx%d is not allowed; they need %d pixels a side or more",
			c.Halvings, c.Height, c.Width, least)
	}
	ps := nn.NewParams()
	m := &fcn{FCN: c, params: ps}
	in := c.Channels
	for i := range c.Halvings + 1 {
		name, out := fmt.Sprintf("stage%d", i+1), c.Filters<<i
		m.stages = append(m.stages, [2]normed{
			newNormed(ps, name+".conv1", name+".norm1", square(in, out, 3, 1, 1)),
			newNormed(ps, name+".conv2", name+".norm2", square(out, out, 3, 1, 1)),
		})
		m.scores = append(m.scores, nn.NewConv2d(ps, fmt.Sprintf("score%d", i+1), square(out, c.Classes, 1, 1, 0), true, nil))
		in = out
	}
	for i := range c.Halvings {
		if c.Up == upTransposed {
			more := [2]int{c.Height >> i & 1, c.Width >> i & 1} // what halving has dropped
			m.ups = append(m.ups, nn.NewConvTranspose2d(ps, fmt.Sprintf("up%d", i+1), square(c.Classes, c.Classes, 4, 2, 1),
				more, false, nn.BilinearInit(4, 4)))
		}
	}
	return m, checkSize(ps, "filters")
}

func (m *fcn) Params() *nn.Params { return m.params }

func (m *fcn) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := b.Images("image", m.Height, m.Width, m.Channels)
	var features []*nn.Node
	for i, stage := range m.stages {
		name := fmt.Sprintf("stage%d", i+1)
		if i > 0 {
			x = t.MaxPool(name+".pool", x, tensor.PoolShape{KH: 2, KW: 2})
		}
		x = t.ReLU(name+".relu1", stage[0].forward(t, x))
		x = t.ReLU(name+".relu2", stage[1].forward(t, x))
		features = append(features, x)
	}
	last := len(features) - 1
	scores := m.scores[last].Forward(t, features[last])
	for i := last - 1; i >= 0; i-- {
		scores = t.Add(fmt.Sprintf("add%d", i+1), m.up(t, i, scores), m.scores[i].Forward(t, features[i]))
	}
	return scores
}

// up brings scores to the size of stage i.
func (m *fcn) up(t *nn.Tape, i int, scores *nn.Node) *nn.Node {
	if m.ups != nil {
		return m.ups[i].Forward(t, scores)
	}
	return t.Resize(fmt.Sprintf("up%d", i+1), scores, nn.ResizeOptions{Height: m.Height >> i, Width: m.Width >> i, By: nn.Bilinear})
}
