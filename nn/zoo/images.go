package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// What a configuration of an image model may ask for.
const (
	maxImage    = 1024
	maxChannels = 1 << 10
)

// imageFields describes the fields that all image models read.
func imageFields(least int, more ...Field) []Field {
	return append([]Field{
		{"classes", "what the images are told apart into", allowed(1, maxWidth)},
		{"image", "height and width of the images in pixels", allowed(least, maxImage)},
		{"channels", "of the images: 1 for grey, 3 for colour", allowed(1, maxChannels)},
	}, more...)
}

// checkImages names the first field that is out of range.
func checkImages(c Config, least int) error {
	for _, f := range []struct {
		name          string
		value, lo, hi int
	}{{"classes", c.Classes, 1, maxWidth}, {"image", c.Image, least, maxImage}, {"channels", c.Channels, 1, maxChannels}} {
		if f.value < f.lo || f.value > f.hi {
			return fmt.Errorf("model.%s: %d is not allowed; %s are", f.name, f.value, allowed(f.lo, f.hi))
		}
	}
	return nil
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
