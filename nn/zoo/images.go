package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Classifier describes a network that tells classes of square images apart.
type Classifier struct {
	Classes  int `field:"classes" allowed:"[1, 65536]" about:"what images are told apart into"`
	Image    int `field:"image" allowed:"[1, 1024]" about:"height and width in pixels"`
	Channels int `field:"channels" allowed:"[1, 1024]" about:"1 for grey, 3 for colour"`
}

// imageNet describes the images that most networks were made for.
var imageNet = Classifier{Classes: 1000, Image: 224, Channels: 3}

// check returns an error when the images are smaller than the network can take.
func (c Classifier) check(least int) error {
	if c.Image < least {
		return fmt.Errorf("model.image: %d is not allowed; the network takes images of %d pixels or more", c.Image, least)
	}
	return nil
}

// image is the part of a batch that the network reads.
func (c Classifier) image(b *nn.Batch) *nn.Node {
	return b.Images("image", c.Image, c.Image, c.Channels)
}

// square is the shape of a convolution of kernel x kernel.
func square(in, out, kernel, stride, pad int) tensor.ConvShape {
	return tensor.ConvShape{Cin: in, Cout: out, KH: kernel, KW: kernel, StrideH: stride, StrideW: stride, PadH: pad, PadW: pad}
}

// normed is a convolution without bias and the batch norm behind it, as
// torchvision starts them.
type normed struct {
	conv *nn.Conv2d
	norm *nn.BatchNorm
}

func newNormed(ps *nn.Params, conv, norm string, s tensor.ConvShape) normed {
	return normed{
		nn.NewConv2d(ps, conv, s, false, nn.KaimingFanOut(s.Cout, s.KH, s.KW)),
		nn.NewBatchNorm(ps, norm, s.Cout, nn.BatchNormOptions{}),
	}
}

// forward records norm(conv(x)).
func (l normed) forward(t *nn.Tape, x *nn.Node) *nn.Node {
	return l.norm.Forward(t, l.conv.Forward(t, x))
}
