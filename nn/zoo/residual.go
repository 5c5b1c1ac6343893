package zoo

import "github.com/rondo-ml/rondo/nn"

// residual is y = ReLU(branch(x) + x), where x is brought to y's size by
// downsample if need be (He et al., 2016).
type residual struct {
	name         string
	in, out      int
	stride       int
	first, later int // dilations of the 3x3 convolution with the stride, and of those behind it
	branch       sequence
	downsample   *convBlock
	relu         string // name of the last activation
}

// basic registers two convolutions of 3x3.
func (b *residual) basic(ps *nn.Params, st style, channels int) {
	b.out, b.relu = channels, b.name+".relu2"
	b.branch = sequence{
		st.block(ps, b.name+".conv1", b.name+".bn1", b.name+".relu1", dilated(square(b.in, b.out, 3, b.stride, 1), b.first)),
		st.block(ps, b.name+".conv2", b.name+".bn2", "", dilated(square(b.out, b.out, 3, 1, 1), b.later)),
	}
	b.shortcut(ps, st)
}

// bottleneck registers convolutions of 1x1 down to width, of 3x3 in groups, and of
// 1x1 up to four times the channels. The 3x3 has the stride (v1.5).
func (b *residual) bottleneck(ps *nn.Params, st style, channels, width, groups int) {
	b.out, b.relu = 4*channels, b.name+".relu3"
	b.branch = sequence{
		st.block(ps, b.name+".conv1", b.name+".bn1", b.name+".relu1", square(b.in, width, 1, 1, 0)),
		st.block(ps, b.name+".conv2", b.name+".bn2", b.name+".relu2", grouped(dilated(square(width, width, 3, b.stride, 1), b.first), groups)),
		st.block(ps, b.name+".conv3", b.name+".bn3", "", square(width, b.out, 1, 1, 0)),
	}
	b.shortcut(ps, st)
}

// shortcut registers what x goes through where its size changes.
func (b *residual) shortcut(ps *nn.Params, st style) {
	if b.stride != 1 || b.in != b.out {
		b.downsample = st.block(ps, b.name+".downsample.0", b.name+".downsample.1", "", square(b.in, b.out, 1, b.stride, 0))
	}
}

func (b *residual) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	add := x
	if b.downsample != nil {
		add = b.downsample.Forward(t, x)
	}
	return t.ReLU(b.relu, t.Add(b.name+".add", b.branch.Forward(t, x), add))
}
