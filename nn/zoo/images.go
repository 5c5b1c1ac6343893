package zoo

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Classifier describes a network that tells classes of square images apart.
type Classifier struct {
	Classes  int `field:"classes" allowed:"[1, 65536]" about:"what images are told apart into"`
	Image    int `field:"image" allowed:"[1, 1024]" about:"height and width in pixels"`
	Channels int `field:"channels" allowed:"[1, 1024]" about:"1 for grey, 3 for colour"`
}

// Scaled is a Classifier of a published family, larger or smaller than published.
type Scaled struct {
	Classifier
	Width float64 `field:"width" allowed:"(0, 16]" unsaid:"1" about:"factor of the channels of all layers, which are rounded to multiples of 8"`
	Depth float64 `field:"depth" allowed:"(0, 16]" unsaid:"1" about:"factor of the layers of every stage, rounded up"`
}

// imageNet describes the images that most networks were made for.
var imageNet = Classifier{Classes: 1000, Image: 224, Channels: 3}

// asPublished is a network as its paper has it, for images of so many pixels.
func asPublished(image int) Scaled {
	c := Scaled{Classifier: imageNet, Width: 1, Depth: 1}
	c.Image = image
	return c
}

// narrowing is a layer that makes maps smaller, and that a map may be too small for.
type narrowing struct {
	name                string
	kernel, stride, pad int
}

// halving is layers of 3x3 that step over every other pixel, as those of larger kernels that are padded as much more do.
func halving(names ...string) (layers []narrowing) {
	for _, name := range names {
		layers = append(layers, narrowing{name, 3, 2, 1})
	}
	return layers
}

// check returns an error when the images are smaller than the network can take. It names the first of the layers that is
// left too little, or a single pixel to halve; where all can work on less, it is least that makes sense.
func (c Classifier) check(least int, layers ...narrowing) error {
	if c.Image >= least {
		return nil
	}
	why, side := "", c.Image
	for _, l := range layers {
		next, err := tensor.Extent{In: side, Kernel: l.kernel, Stride: l.stride, Pad: l.pad}.Out()
		if err != nil || side == 1 && l.stride > 1 {
			why = fmt.Sprintf(": %s is left a map of %dx%d, and takes larger ones", l.name, side, side)
			break
		}
		side = next
	}
	return fmt.Errorf("model.image: %d is not allowed; the network takes images of %d pixels or more%s", c.Image, least, why)
}

// image is the part of a batch that the network reads.
func (c Classifier) image(b *nn.Batch) *nn.Node {
	return b.Images("image", c.Image, c.Image, c.Channels)
}

// wide returns how many channels a layer has that is published with n.
func (c Scaled) wide(n int) int {
	if c.Width == 1 {
		return n
	}
	return divisible(float64(n)*c.Width, 8)
}

// deep returns how many layers a stage has that is published with n.
func (c Scaled) deep(n int) int { return deepened(n, c.Depth) }

// deepened is n layers by a factor, rounded up.
func deepened(n int, depth float64) int { return max(1, int(math.Ceil(float64(n)*depth))) }

// divisible is n rounded to a multiple of by, but not below nine tenths of n:
// torchvision's _make_divisible.
func divisible(n float64, by int) int {
	rounded := max(by, int(n+float64(by)/2)/by*by)
	if float64(rounded) < 0.9*n {
		rounded += by
	}
	return rounded
}

// square is the shape of a convolution of kernel x kernel.
func square(in, out, kernel, stride, pad int) tensor.ConvShape {
	return tensor.ConvShape{Cin: in, Cout: out, KH: kernel, KW: kernel, StrideH: stride, StrideW: stride, PadH: pad, PadW: pad}
}

// grouped is the shape with so many groups.
func grouped(s tensor.ConvShape, groups int) tensor.ConvShape {
	s.Groups = groups
	return s
}

// dilated is the shape with taps that lie n pixels apart, padded as much more.
func dilated(s tensor.ConvShape, n int) tensor.ConvShape {
	if n > 1 {
		s.DilationH, s.DilationW, s.PadH, s.PadW = n, n, n*s.PadH, n*s.PadW
	}
	return s
}

// window is the shape of a pooling of kernel x kernel.
func window(kernel, stride, pad int) tensor.PoolShape {
	return tensor.PoolShape{KH: kernel, KW: kernel, StrideH: stride, StrideW: stride, PadH: pad, PadW: pad}
}
