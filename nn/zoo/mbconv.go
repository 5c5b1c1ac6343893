package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// The sorts of inverted bottlenecks: MBConv is that of MobileNetV2 with
// squeeze-excitation (Tan et al., 2019), Fused-MBConv has a dense convolution for
// its first two, and squeezes nothing (Gupta and Akin, 2020).
const (
	mbConv      = false
	fusedMBConv = true
)

// mbStage is a line of an EfficientNet's table: blocks of a sort, the first of
// which has the stride.
type mbStage struct {
	fused            bool
	widen            int // channels inside a block for one that enters it
	kernel, stride   int
	channels, layers int
}

// mbBlock adds its input to what its layers make of it, where the sizes are the
// same.
//
//	MBConv         1x1, widen – SiLU – depthwise – SiLU – squeeze-excitation – 1x1
//	Fused-MBConv   kernel x kernel, widen – SiLU – 1x1
//
// A norm is behind every convolution, and no function behind the last. MBConv that
// does not widen begins with the depthwise one; Fused-MBConv is then a single
// convolution with SiLU. Squeeze-excitation squeezes to a quarter of the block's
// input, not of the widened channels.
type mbBlock struct {
	name   string
	branch sequence
	skip   *nn.Dropout
	add    bool
}

func (s mbStage) block(ps *nn.Params, st style, name string, in, out, stride int, rate float64, site uint32) *mbBlock {
	b := &mbBlock{name: name, add: stride == 1 && in == out}
	b.skip = nn.NewStochasticDepth(name+".stochastic_depth", float32(rate), site)
	next := func() string { return fmt.Sprintf("%s.block.%d", name, len(b.branch)) }
	conv := func(act bool, c tensor.ConvShape) { b.branch = append(b.branch, st.indexed(ps, next(), act, c)) }
	wide := divisible(float64(in*s.widen), 8)
	switch {
	case s.fused && wide == in:
		conv(true, square(in, out, s.kernel, stride, s.kernel/2))
		return b
	case s.fused:
		conv(true, square(in, wide, s.kernel, stride, s.kernel/2))
	default:
		if wide != in {
			conv(true, square(in, wide, 1, 1, 0))
		}
		conv(true, grouped(square(wide, wide, s.kernel, stride, s.kernel/2), wide))
		b.branch = append(b.branch, efficientSqueeze(ps, next(), wide, max(1, in/4)))
	}
	conv(false, square(wide, out, 1, 1, 0))
	return b
}

// indexed is a block of torchvision's Conv2dNormActivation: convolution name.0, norm
// name.1 and, with act, activation name.2.
func (st style) indexed(ps *nn.Params, name string, act bool, s tensor.ConvShape) *convBlock {
	last := ""
	if act {
		last = name + ".2"
	}
	return st.block(ps, name+".0", name+".1", last, s)
}

// efficientSqueeze starts squeeze-excitation as the other convolutions.
func efficientSqueeze(ps *nn.Params, name string, channels, squeezed int) layer {
	e := nn.NewSqueezeExcitation(ps, name, channels, squeezed, (*nn.Tape).SiLU, nil)
	fanOutSqueeze(e)
	e.FC1.Bias.StartAs(nn.ConstantInit(0))
	e.FC2.Bias.StartAs(nn.ConstantInit(0))
	return e
}

// fanOutSqueeze starts the weights of squeeze-excitation as N(0, 2/out).
func fanOutSqueeze(e *nn.SqueezeExcitation) {
	for _, fc := range []*nn.Conv2d{e.FC1, e.FC2} {
		fc.Weight.StartAs(nn.KaimingFanOut(fc.Weight.Rows, 1, 1))
	}
}

func (b *mbBlock) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	y := b.branch.Forward(t, x)
	if b.add {
		y = t.Add(b.name+".add", b.skip.Forward(t, y), x)
	}
	return y
}
