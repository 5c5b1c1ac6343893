package zoo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn"
)

// Stage is a part of a network of images at whose end its map can be taken.
type Stage struct {
	Name     string // as PyTorch names the module: "layer3"
	Channels int
	Stride   int // pixels of the image, across and down, to one of the map

	// Forward records the stage on the map of the stage before, or on the image.
	Forward func(t *nn.Tape, x *nn.Node) *nn.Node

	// Join is there in place of Forward where the stage reads the map of an earlier
	// one, too: that of the name Earlier.
	Join    func(t *nn.Tape, x, earlier *nn.Node) *nn.Node
	Earlier string
}

// stage is one that reads the map before it alone.
func stage(name string, channels, stride int, l layer) Stage {
	return Stage{Name: name, Channels: channels, Stride: stride, Forward: l.Forward}
}

// through records stages one after another on an image and returns the map of the
// last. seen, which may be nil, is called behind each.
func through(t *nn.Tape, stages []Stage, image *nn.Node, seen func(s Stage, x *nn.Node)) *nn.Node {
	maps, x := map[string]*nn.Node{}, image
	for _, s := range stages {
		if s.Join != nil {
			x = s.Join(t, x, maps[s.Earlier])
		} else {
			x = s.Forward(t, x)
		}
		maps[s.Name] = x
		if seen != nil {
			seen(s, x)
		}
	}
	return x
}

// Backbone is a model of images that is stages one after another, and a head on
// the map of the last. Other heads sit on its stages: features, pyramids, pixels.
type Backbone interface {
	Model

	// Stages are those before the head, the first of the image.
	Stages() []Stage
}

// Maps records stages on an image and returns the maps of those that names say.
// What lies behind the last of them is not recorded.
func Maps(t *nn.Tape, stages []Stage, image *nn.Node, names ...string) ([]*nn.Node, error) {
	ends := 0
	for _, name := range names {
		at := slices.IndexFunc(stages, func(s Stage) bool { return s.Name == name })
		if at < 0 {
			var known []string
			for _, s := range stages {
				known = append(known, s.Name)
			}
			return nil, fmt.Errorf("the network has no stage %q; it has %s", name, strings.Join(known, ", "))
		}
		ends = max(ends, at+1)
	}
	maps := make([]*nn.Node, len(names))
	through(t, stages[:ends], image, func(s Stage, x *nn.Node) {
		for i, name := range names {
			if name == s.Name {
				maps[i] = x
			}
		}
	})
	return maps, nil
}

// staged is a backbone with the head that tells classes apart.
type staged struct {
	Classifier
	params *nn.Params
	stages []Stage
	head   layer
}

// newStaged registers the stages of a network and then its head on so many
// channels. A network that became too large is an error.
func newStaged(c Classifier, stages func(ps *nn.Params) ([]Stage, error), head func(ps *nn.Params, channels int) layer) (Model, error) {
	m := &staged{Classifier: c, params: nn.NewParams()}
	var err error
	if m.stages, err = stages(m.params); err != nil {
		return nil, err
	}
	m.head = head(m.params, m.stages[len(m.stages)-1].Channels)
	return m, checkSize(m.params, "width")
}

func (m *staged) Params() *nn.Params { return m.params }

func (m *staged) Stages() []Stage { return m.stages }

func (m *staged) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	return m.head.Forward(t, through(t, m.stages, m.image(b), nil))
}

// Dilated describes a backbone whose last maps need not be coarse.
type Dilated struct {
	OutputStride int `field:"output_stride" allowed:"[8, 32]" unsaid:"32" about:"pixels of the image to one of the last map: 32; or 16 or 8, for which kernels reach wider instead of stepping"`
}

// strides hands out the strides of a backbone's stages. Where the map would become
// coarser than asked for, kernels are dilated instead of stepping (Yu and Koltun,
// 2016), as replace_stride_with_dilation of torchvision's ResNets has it.
type strides struct{ total, dilation, most int }

// strides begins behind a stem of stride so far.
func (d Dilated) strides(stem int) (*strides, error) {
	if n := d.OutputStride; n != 8 && n != 16 && n != 32 {
		return nil, fmt.Errorf("model.output_stride: %d is not allowed; want 8, 16 or 32", n)
	}
	return &strides{total: stem, dilation: 1, most: d.OutputStride}, nil
}

// next returns the stride of the first block of a stage, and the dilations of that
// block and of those behind it.
func (s *strides) next(stride int) (steps, first, later int) {
	first = s.dilation
	if s.total*stride > s.most {
		s.dilation *= stride
		stride = 1
	}
	s.total *= stride
	return stride, first, s.dilation
}
