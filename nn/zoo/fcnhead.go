package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// fcnHeads are torchvision's FCNs on dilated ResNets.
var fcnHeads = []struct {
	backbone     string
	parameters   int
	multiplyAdds float64 // for 520 pixels a side, 10⁹, without the auxiliary head
}{
	{"resnet50", 35_322_218, 142.726},
	{"resnet101", 54_314_346, 222.747},
}

func init() {
	for _, k := range fcnHeads {
		Register("fcn-"+k.backbone, Kind[FCNHead]{
			About:    fmt.Sprintf("FCN of torchvision on a dilated %s: scores at an eighth of the image's size, interpolated", k.backbone),
			Task:     task.Pixels,
			Sample:   "image",
			Defaults: FCNHead{Segmenter{21, 520, 520, 3}, 1, 1, 0.1, 0.5},
			Published: &Published{Paper: "Long, Shelhamer and Darrell (2015), Fully Convolutional Networks for Semantic Segmentation; Yu and Koltun (2016), Multi-Scale Context Aggregation by Dilated Convolutions",
				As: "torchvision fcn_" + k.backbone, Parameters: k.parameters, MultiplyAdds: k.multiplyAdds,
				Weights: []Pretrained{{"torchvision COCO_WITH_VOC_LABELS_V1", 0, imageNetPreset(520, 520, "bilinear")}}},
			New: func(c FCNHead) (Model, error) { return newFCNHead(FCNOnBackbone{k.backbone, c}) },
		})
	}
	Register("fcn-head", Kind[FCNOnBackbone]{
		About:    "FCN head of torchvision on any backbone of the zoo: scores of its last map, interpolated to the image's size",
		Task:     task.Pixels,
		Sample:   "image",
		Defaults: FCNOnBackbone{"resnet50", FCNHead{Segmenter{21, 520, 520, 3}, 1, 1, 0.1, 0.5}},
		New:      newFCNHead,
	})
}

// FCNOnBackbone describes an FCN on a backbone that it names.
type FCNOnBackbone struct {
	Backbone string `field:"backbone" about:"a kind of network for images; those that can be dilated have a last map of an eighth of the image's size"`
	FCNHead
}

// FCNHead describes an FCN on a backbone.
type FCNHead struct {
	Segmenter
	BackboneWidth float64 `field:"backbone_width" allowed:"(0, 16]" about:"factor of the backbone's channels"`
	BackboneDepth float64 `field:"backbone_depth" allowed:"(0, 16]" about:"factor of the layers of the backbone's stages"`
	Dropout       float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the scores"`
	Auxiliary     float64 `field:"auxiliary" allowed:"[0, 10]" about:"weight of the loss of a second head, on the stage before the last; 0: there is none"`
}

// fcnHead has torchvision's names:
//
//	backbone            without its head; the last two stages are dilated instead of halving the map
//	classifier          3x3, a quarter of the channels – bn – ReLU – dropout – 1x1, classes
//	aux_classifier      the same on the stage before the last, while training
//
// Scores are interpolated to the image's size.
type fcnHead struct {
	FCNHead
	params    *nn.Params
	stages    []Stage
	head, aux sequence
}

func newFCNHead(c FCNOnBackbone) (Model, error) {
	m := &fcnHead{FCNHead: c.FCNHead, params: nn.NewParams()}
	var err error
	if m.stages, err = stagesOf(m.params, "backbone.", c.Backbone, c.Segmenter, c.BackboneWidth, c.BackboneDepth, 8); err != nil {
		return nil, err
	}
	n := len(m.stages)
	m.head = m.classifier("classifier", m.stages[n-1].Channels, 0)
	if c.Auxiliary > 0 {
		m.aux = m.classifier("aux_classifier", m.stages[n-2].Channels, 1)
	}
	return m, checkSize(m.params, "backbone_width")
}

func (m *fcnHead) classifier(name string, channels int, site uint32) sequence {
	st, inner := style{}, max(1, channels/4)
	return sequence{
		st.block(m.params, name+".0", name+".1", name+".2", square(channels, inner, 3, 1, 1)),
		nn.NewDropout(name+".3", float32(m.Dropout), site),
		nn.NewConv2d(m.params, name+".4", square(inner, m.Classes, 1, 1, 0), true, nil),
	}
}

func (m *fcnHead) Params() *nn.Params { return m.params }

func (m *fcnHead) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	sided := m.stages[len(m.stages)-2].Name
	return m.enlarged(t, "out", m.head.Forward(t, through(t, m.stages, m.image(b), func(s Stage, x *nn.Node) {
		if s.Name == sided && m.aux != nil && t.Mode == nn.Training {
			b.Auxiliary("aux", m.enlarged(t, "aux_out", m.aux.Forward(t, x)), float32(m.Auxiliary))
		}
	})))
}

// enlarged brings scores to the image's size.
func (c Segmenter) enlarged(t *nn.Tape, name string, scores *nn.Node) *nn.Node {
	return t.Resize(name, scores, nn.ResizeOptions{Height: c.Height, Width: c.Width, By: nn.Bilinear})
}
