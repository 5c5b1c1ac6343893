package zoo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("features", Kind[Features]{
		About:    "any backbone of the zoo, cut at a named layer, with a head of its own: the mean over the map and a linear layer",
		Task:     task.Class,
		Sample:   "image",
		Defaults: Features{Classifier: imageNet, Backbone: "resnet50", BackboneWidth: 1, BackboneDepth: 1, Dilated: Dilated{32}},
		New:      newFeatures,
	})
}

// Features describes a head on a part of a backbone.
type Features struct {
	Classifier
	Backbone      string  `field:"backbone" about:"a kind of network for images"`
	Cut           string  `field:"cut" about:"the last of its stages or layers that is kept, as layer3 or layer3.0.relu3; empty: all are"`
	BackboneWidth float64 `field:"backbone_width" allowed:"(0, 16]" about:"factor of the backbone's channels"`
	BackboneDepth float64 `field:"backbone_depth" allowed:"(0, 16]" about:"factor of the layers of the backbone's stages"`
	Dropout       float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer"`
	Dilated
}

// features is the stages of a backbone up to the cut, under the names that they have in it, so that its weights load,
// and a head:
//
//	mean over the map – dropout – head classes
//
// The head starts as PyTorch's linear layers, the rest as in the backbone.
type features struct {
	Features
	params *nn.Params
	stages []Stage
	head   layer
	old    func(name string) string // nil: the backbone's weights have no other names
}

func newFeatures(c Features) (Model, error) {
	m := &features{Features: c, params: nn.NewParams()}
	of := Segmenter{Classes: c.Classes, Height: c.Image, Width: c.Image, Channels: c.Channels}
	if err := c.dilates(); err != nil {
		return nil, err
	}
	stages, err := stagesOf(m.params, "", c.Backbone, of, c.BackboneWidth, c.BackboneDepth, c.OutputStride)
	if err != nil {
		if _, why, ok := strings.Cut(err.Error(), "its image: "); ok {
			err = fmt.Errorf("model.image: %s (the backbone %s)", why, c.Backbone)
		}
		return nil, err
	}
	if m.stages, err = c.cut(m.params, stages); err != nil {
		return nil, err
	}
	m.head = sequence{
		globalMean("avgpool"),
		nn.NewDropout("dropout", float32(c.Dropout), headSite),
		nn.NewLinear(m.params, "head", m.stages[len(m.stages)-1].Channels, c.Classes, true),
	}
	if err := checkSize(m.params, "backbone_width"); err != nil {
		return nil, err
	}
	m.old, err = otherNames(c.Backbone)
	return m, err
}

// headSite is the site of dropout that no block of a backbone has.
const headSite = 1 << 20

// dilates refuses an output stride that the backbone does not have.
func (c Features) dilates() error {
	info, ok := Lookup(c.Backbone)
	if !ok || c.OutputStride == 32 || info.Field("output_stride") != nil {
		return nil
	}
	var can []string
	for _, k := range Kinds() {
		if k.backbone != nil && k.Field("output_stride") != nil {
			can = append(can, k.Kind)
		}
	}
	return fmt.Errorf("model.output_stride: %s has none but 32: dilation is defined, as torchvision has it, for %s; model.cut at an earlier layer leaves a finer map, too",
		c.Backbone, strings.Join(can, ", "))
}

// cut returns the stages up to the cut, and drops the weights of those behind it.
func (c Features) cut(ps *nn.Params, stages []Stage) ([]Stage, error) {
	if c.Cut != "" {
		at := slices.IndexFunc(stages, func(s Stage) bool { return s.Name == c.Cut })
		if at < 0 {
			var err error
			if stages, err = c.within(ps, stages); err != nil {
				return nil, err
			}
		} else {
			stages = stages[:at+1]
		}
	}
	t := nn.NewTape(ps, nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
	through(t, stages, c.image(t.NewBatch(nil)), nil)
	if err := t.Err(); err != nil {
		return nil, err
	}
	read := map[string]bool{} // by owner
	for _, l := range t.Layers() {
		for _, p := range l.Params {
			read[owner(p.Name)] = true
		}
	}
	ps.Keep(func(name string) bool { return read[owner(name)] })
	return stages, nil
}

// within returns the stages up to the layer of the cut, the last of them a part of one.
func (c Features) within(ps *nn.Params, stages []Stage) ([]Stage, error) {
	t := nn.NewTape(ps, nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
	reached := 0
	end := t.RecordUntil(c.Cut, func() {
		through(t, stages, c.image(t.NewBatch(nil)), func(Stage, *nn.Node) { reached++ })
	})
	if err := t.Err(); err != nil {
		return nil, err
	}
	if end == nil {
		var known []string
		for _, s := range stages {
			known = append(known, s.Name)
		}
		return nil, fmt.Errorf("model.cut: %s has no stage or layer %q before its head; it has %s, and the layers of its summary (models --summary)",
			c.Backbone, c.Cut, among(c.Cut, known))
	}
	beside := t.Beside(end)
	if len(beside) == 0 {
		beside = c.behind(ps, stages[:reached+1], len(t.Layers())-1)
	}
	if len(beside) > 0 {
		return nil, fmt.Errorf("model.cut: %s of %s is one branch of several: %s is computed beside it, and would be lost; cut where they have met, as at %s",
			c.Cut, c.Backbone, beside[0], stages[reached].Name)
	}
	if !end.Layout.IsImage() {
		return nil, fmt.Errorf("model.cut: %s of %s yields no map; cut at one, as %s", c.Cut, c.Backbone, stages[reached].Name)
	}
	whole, part := stages[reached], Stage{Name: c.Cut, Channels: end.Cols, Stride: max(1, c.Image/end.Layout.Height)}
	if whole.Join != nil {
		part.Earlier = whole.Earlier
		part.Join = func(t *nn.Tape, x, earlier *nn.Node) *nn.Node {
			return t.RecordUntil(c.Cut, func() { whole.Join(t, x, earlier) })
		}
	} else {
		part.Forward = func(t *nn.Tape, x *nn.Node) *nn.Node {
			return t.RecordUntil(c.Cut, func() { whole.Forward(t, x) })
		}
	}
	return append(stages[:reached:reached], part), nil
}

// behind are the names of the layers of the last stage that are recorded behind one, a number, and do not read what it leads to:
// branches beside it.
func (c Features) behind(ps *nn.Params, stages []Stage, cut int) (beside []string) {
	t := nn.NewTape(ps, nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
	through(t, stages, c.image(t.NewBatch(nil)), nil)
	layers := t.Layers()
	leads := make([]bool, len(layers))
	for i, l := range layers {
		leads[i] = i == cut || slices.ContainsFunc(l.Inputs, func(j int) bool { return j >= 0 && leads[j] })
		if i > cut && !leads[i] {
			beside = append(beside, l.Name)
		}
	}
	return beside
}

// owner is whose weight a name is: "bn1" of "bn1.running_mean".
func owner(name string) string { return name[:max(0, strings.LastIndexByte(name, '.'))] }

// otherNames returns how a kind translates the names that its weights have elsewhere, or nil.
func otherNames(kind string) (func(name string) string, error) {
	info := kinds[kind]
	m, err := info.build(info.Config())
	if old, ok := m.(interface{ WeightName(string) string }); ok {
		return old.WeightName, err
	}
	return nil, err
}

// WeightName is the backbone's name for one that its weights have elsewhere.
func (m *features) WeightName(name string) string {
	if m.old == nil {
		return name
	}
	return m.old(name)
}

func (m *features) Params() *nn.Params { return m.params }

func (m *features) Stages() []Stage { return m.stages }

func (m *features) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	return m.head.Forward(t, through(t, m.stages, m.image(b), nil))
}
