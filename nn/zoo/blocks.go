package zoo

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// layer records what it makes of x.
type layer interface {
	Forward(t *nn.Tape, x *nn.Node) *nn.Node
}

// layerFunc is a layer without parameters.
type layerFunc func(t *nn.Tape, x *nn.Node) *nn.Node

func (f layerFunc) Forward(t *nn.Tape, x *nn.Node) *nn.Node { return f(t, x) }

// sequence is layers one after another.
type sequence []layer

func (s sequence) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	for _, l := range s {
		x = l.Forward(t, x)
	}
	return x
}

// maxPool is a maximum over windows.
func maxPool(name string, s tensor.PoolShape) layer {
	return layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.MaxPool(name, x, s) })
}

// adaptiveMean makes maps of another size side x side by means.
func adaptiveMean(name string, side int) layer {
	return layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node {
		if x.Layout.Height == side && x.Layout.Width == side {
			return x
		}
		return t.AdaptiveAvgPool(name, x, side, side)
	})
}

// flatten makes a row of every image.
func flatten(name string) layer {
	return layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.Flatten(name, x) })
}

// globalMean is the mean over the map.
func globalMean(name string) layer {
	return layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.GlobalAvgPool(name, x) })
}

// activation is a function of every element.
func activation(f nn.Activation, name string) layer {
	return layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return f(t, name, x) })
}

// joinParts brings together what lanes have that compute pipelines apart.
func joinParts(name string) layer {
	return layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.JoinParts(name, x) })
}

// style is what the blocks of a network have in common. Its zero value makes
// convolutions without bias that start as PyTorch's, batch norms of PyTorch's
// defaults, and ReLU.
type style struct {
	norm normOf
	act  nn.Activation
	bias bool                           // of convolutions
	init func(tensor.ConvShape) nn.Init // of convolutions; where there is one, biases start as 0
	same bool                           // convolutions of a stride pad as TensorFlow's SAME
}

// normOf registers a norm.
type normOf func(ps *nn.Params, name string, channels int) layer

// batchNorm makes batch norms of such options.
func batchNorm(o nn.BatchNormOptions) normOf {
	return func(ps *nn.Params, name string, channels int) layer { return nn.NewBatchNorm(ps, name, channels, o) }
}

// groupNorm makes norms of so many groups.
func groupNorm(groups int) normOf {
	return func(ps *nn.Params, name string, channels int) layer {
		return nn.NewGroupNorm(ps, name, groups, channels, true)
	}
}

// fanOut starts a convolution as torchvision's ResNets do.
func fanOut(s tensor.ConvShape) nn.Init { return nn.KaimingFanOut(s.Cout, s.KH, s.KW) }

// fanIn starts a convolution by the inputs of an output (He et al., 2015).
func fanIn(s tensor.ConvShape) nn.Init {
	return nn.KaimingFanOut(s.Cin/max(1, s.Groups), s.KH, s.KW)
}

// convBlock is a convolution, the norm behind it, and what is done with every
// element then.
type convBlock struct {
	conv *nn.Conv2d
	norm layer // nil: none
	act  nn.Activation
	name string // of the activation; empty: none
}

// block registers a convolution and its norm under their names. Without a name
// for the norm or the activation there is none.
func (st style) block(ps *nn.Params, conv, norm, act string, s tensor.ConvShape) *convBlock {
	var init nn.Init
	if st.init != nil {
		init = st.init(s)
	}
	if st.same && s.StrideH > 1 {
		s.PadH, s.PadW, s.Same = 0, 0, true
	}
	b := &convBlock{conv: nn.NewConv2d(ps, conv, s, st.bias, init), act: st.act, name: act}
	if st.bias && init != nil {
		b.conv.Bias.StartAs(nn.ConstantInit(0))
	}
	if b.act == nil {
		b.act = (*nn.Tape).ReLU
	}
	switch {
	case norm == "":
	case st.norm != nil:
		b.norm = st.norm(ps, norm, s.Cout)
	default:
		b.norm = nn.NewBatchNorm(ps, norm, s.Cout, nn.BatchNormOptions{})
	}
	return b
}

// Forward records activation(norm(conv(x))).
func (b *convBlock) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	x = b.conv.Forward(t, x)
	if b.norm != nil {
		x = b.norm.Forward(t, x)
	}
	if b.name != "" {
		x = b.act(t, b.name, x)
	}
	return x
}

// normalLinear is a linear layer that starts as N(0, 0.01²), with a bias of 0.
func normalLinear(ps *nn.Params, name string, in, out int) *nn.Linear {
	l := nn.NewLinear(ps, name, in, out, true)
	l.Weight.StartAs(nn.NormalInit(0.01))
	l.Bias.StartAs(nn.ConstantInit(0))
	return l
}

// normed is a convolution without bias and the batch norm behind it, as
// torchvision starts them.
type normed struct{ *convBlock }

func newNormed(ps *nn.Params, conv, norm string, s tensor.ConvShape) normed {
	return normed{style{init: fanOut}.block(ps, conv, norm, "", s)}
}

// forward records norm(conv(x)).
func (l normed) forward(t *nn.Tape, x *nn.Node) *nn.Node { return l.Forward(t, x) }
