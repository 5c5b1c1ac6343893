package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// FPN is a feature pyramid network (Lin et al. 2017), as
// torchvision.ops.FeaturePyramidNetwork: every map of a backbone is taken to the
// same number of channels, the next coarser one is added, resized by Nearest, and
// a 3x3 convolution smooths the sum. Parameters are name.inner_blocks.i.0 [out,
// in, 1, 1] and name.layer_blocks.i.0 [out, out, 3, 3], each with a bias.
type FPN struct {
	Name  string
	inner []*Conv2d
	layer []*Conv2d
}

// NewFPN registers the parameters for maps of so many channels, the finest first.
func NewFPN(ps *Params, name string, channels []int, out int) *FPN {
	f := &FPN{Name: name}
	block := func(part string, i, in, kernel int) *Conv2d {
		s := tensor.ConvShape{Cin: in, Cout: out, KH: kernel, KW: kernel, PadH: kernel / 2, PadW: kernel / 2}
		// Kaiming's uniform distribution for what is not rectified: √(3/fan).
		c := NewConv2d(ps, fmt.Sprintf("%s.%s.%d.0", name, part, i), s, true, UniformInit(sqrt(3/float32(in*kernel*kernel))))
		c.Bias.init = ConstantInit(0)
		return c
	}
	for i, in := range channels {
		f.inner = append(f.inner, block("inner_blocks", i, in, 1))
	}
	for i := range channels {
		f.layer = append(f.layer, block("layer_blocks", i, out, 3))
	}
	return f
}

// Forward records the pyramid [T*L*R*h*w, out] of the maps, the finest first. It
// panics when there are not as many as channels given, or they do not fit.
func (f *FPN) Forward(t *Tape, maps []*Node) []*Node {
	if len(maps) != len(f.inner) {
		panic(fmt.Sprintf("nn: %s takes %d maps, got %d", f.Name, len(f.inner), len(maps)))
	}
	out := make([]*Node, len(maps))
	var above *Node
	for i := len(maps) - 1; i >= 0; i-- {
		x := f.inner[i].Forward(t, maps[i])
		if above != nil {
			name := fmt.Sprintf("%s.top_down.%d", f.Name, i)
			x = t.Add(name+".add", x, t.Resize(name, above, ResizeOptions{Height: x.Layout.Height, Width: x.Layout.Width}))
		}
		above = x
		out[i] = f.layer[i].Forward(t, x)
	}
	return out
}
