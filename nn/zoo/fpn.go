package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("fpn", Kind[FPN]{
		About:    "feature pyramid network on any backbone of the zoo: the class of each pixel, from maps of all scales",
		Task:     task.Pixels,
		Sample:   "image",
		Defaults: FPN{Segmenter{21, 512, 512, 3}, "resnet50", 1, 1, 256},
		Published: &Published{"Lin, Dollár, Girshick, He, Hariharan and Belongie (2017), Feature Pyramid Networks for Object Detection; Kirillov, Girshick, He and Dollár (2019), Panoptic Feature Pyramid Networks",
			"torchvision resnet_fpn_backbone", 26_857_813, 36.289, nil},
		New: newFPN,
	})
}

// FPN describes a feature pyramid network.
type FPN struct {
	Segmenter
	Backbone      string  `field:"backbone" about:"a kind of network for images"`
	BackboneWidth float64 `field:"backbone_width" allowed:"(0, 16]" about:"factor of the backbone's channels"`
	BackboneDepth float64 `field:"backbone_depth" allowed:"(0, 16]" about:"factor of the layers of the backbone's stages"`
	Features      int     `field:"features" allowed:"[1, 4096]" about:"channels of the pyramid; published: 256"`
}

// fpn is Lin et al., "Feature Pyramid Networks for Object Detection" (2017), with
// torchvision's names body and fpn:
//
//	body    the backbone's last stages of strides 4, 8, 16 and 32
//	fpn     1x1 of each, the coarser one added, 3x3 (nn.FPN); 3,344,384 parameters on ResNet-50
//	score   1x1, classes, of the sum of all levels in the size of the finest
//
// Scores are interpolated to the image's size, as in the semantic branch of Kirillov
// et al., "Panoptic Feature Pyramid Networks" (2019).
type fpn struct {
	FPN
	params *nn.Params
	stages []Stage
	levels []string // the stages of the pyramid, the finest first
	neck   *nn.FPN
	score  *nn.Conv2d
}

func newFPN(c FPN) (Model, error) {
	m := &fpn{FPN: c, params: nn.NewParams()}
	var err error
	if m.stages, err = stagesOf(m.params, "body.", c.Backbone, c.Segmenter, c.BackboneWidth, c.BackboneDepth, 32); err != nil {
		return nil, err
	}
	var channels []int
	for i, s := range m.stages {
		if s.Stride >= 4 && (i+1 == len(m.stages) || m.stages[i+1].Stride > s.Stride) {
			m.levels, channels = append(m.levels, s.Name), append(channels, s.Channels)
		}
	}
	m.neck = nn.NewFPN(m.params, "fpn", channels, c.Features)
	m.score = nn.NewConv2d(m.params, "score", square(c.Features, c.Classes, 1, 1, 0), true, nil)
	return m, checkSize(m.params, "backbone_width")
}

func (m *fpn) Params() *nn.Params { return m.params }

func (m *fpn) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	maps, err := Maps(t, m.stages, m.image(b), m.levels...)
	if err != nil {
		panic(err.Error()) // levels are the stages' names
	}
	levels := m.neck.Forward(t, maps)
	sum := levels[0]
	for i, level := range levels[1:] {
		size := nn.ResizeOptions{Height: sum.Layout.Height, Width: sum.Layout.Width, By: nn.Bilinear}
		name := fmt.Sprintf("level%d", i+1)
		sum = t.Add(name+".add", sum, t.Resize(name, level, size))
	}
	return m.enlarged(t, "out", m.score.Forward(t, sum))
}
