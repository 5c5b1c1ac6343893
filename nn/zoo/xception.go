package zoo

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func init() {
	Register("xception", Kind[Xception]{
		About:    "Xception of timm: residual blocks of depthwise separable convolutions, batch norm",
		Task:     task.Class,
		Sample:   "image",
		Defaults: Xception{Scaled: asPublished(299)},
		Published: &Published{"Chollet (2017), Xception: Deep Learning with Depthwise Separable Convolutions",
			"timm legacy_xception", 22_855_952, 8.357, []Pretrained{
				{"timm legacy_xception.tf_in1k", 79.058, halfPreset(333, 299, "bicubic")}}},
		Backbone: backboneOf(Xception.design),
		New: func(c Xception) (Model, error) {
			k, parts := c.design()
			return k.network(parts, meanHead("fc", c.Dropout))
		},
	})
}

// Xception describes an Xception.
type Xception struct {
	Scaled
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the linear layer; the paper has 0.5, timm none"`
}

// design is figure 5 of the paper with timm's names. Convolutions start as
// N(0, 2/(out·kh·kw)).
//
//	conv1 3x3, 32, stride 2 – conv2 3x3, 64              299 → 147
//	block1 128, block2 256, block3 728, stride 2 each    147 → 19
//	block4 … block11 728                                 19
//	block12 1024, stride 2                               19 → 10
//	conv3 1536 – conv4 2048                              10, separable
//	mean over the map – dropout – fc classes
func (c Xception) design() (*kit, []part) {
	parts := []part{
		{"conv1", xceptionConv(conv(32, 3).by(2).valid())},
		{"conv2", xceptionConv(conv(64, 3).valid())},
		{"block1", xceptionBlock{[]int{128, 128}, 2, false}},
		{"block2", xceptionBlock{[]int{256, 256}, 2, true}},
		{"block3", xceptionBlock{[]int{728, 728}, 2, true}},
	}
	middle := c.deep(8)
	for i := range middle {
		parts = append(parts, part{fmt.Sprintf("block%d", 4+i), xceptionBlock{[]int{728, 728, 728}, 1, true}})
	}
	k := &kit{Scaled: c.Scaled, style: style{init: fanOut}, joint: "."}
	return k, append(parts, []part{
		{fmt.Sprintf("block%d", 4+middle), xceptionBlock{[]int{728, 1024}, 2, true}},
		{"conv3", separable{1536, true}},
		{"conv4", separable{2048, true}},
	}...)
}

// besides is the name of the layer that goes with convolution conv3: bn3, act3.
func besides(conv, layer string) string {
	at := strings.LastIndex(conv, "conv")
	return conv[:at] + layer + conv[at+len("conv"):]
}

// xceptionConv is a convolution of the stem.
type xceptionConv unit

func (u xceptionConv) build(k *kit, name string, in flow) (layer, flow) {
	s := unit(u).shape(k, in.channels)
	size := k.slide(name, tensor.Extent{In: in.size, Kernel: u.kh, Stride: u.stride, Pad: u.padH})
	return k.block(k.ps, name, besides(name, "bn"), besides(name, "act"), s), flow{s.Cout, in.stride * u.stride, size}
}

// separable is a depthwise convolution of 3x3, a pointwise one, and a norm.
type separable struct {
	out int
	act bool // ReLU behind it
}

func (s separable) build(k *kit, name string, in flow) (layer, flow) {
	l, out := k.separable(name, besides(name, "bn"), in.channels, s.out)
	if s.act {
		l = append(l, activation((*nn.Tape).ReLU, besides(name, "act")))
	}
	return l, flow{out, in.stride, in.size}
}

// separable registers a separable convolution and its norm.
func (k *kit) separable(name, norm string, in, channels int) (l sequence, out int) {
	s := tensor.ConvShape{Cin: in, Cout: k.wide(channels), KH: 3, KW: 3, PadH: 1, PadW: 1}
	c := nn.NewSeparableConv2d(k.ps, name, s, false, nil)
	c.Depthwise.Weight.StartAs(nn.KaimingFanOut(in, 3, 3))
	c.Pointwise.Weight.StartAs(nn.KaimingFanOut(s.Cout, 1, 1))
	return sequence{c, nn.NewBatchNorm(k.ps, norm, s.Cout, nn.BatchNormOptions{})}, s.Cout
}

// xceptionBlock adds what separable convolutions make of x to x, which a 1x1
// convolution brings to their channels and size if need be. ReLU stands before
// each convolution, but not always before the first. A pool 3x3 has the stride.
type xceptionBlock struct {
	outs   []int
	stride int
	relu   bool // before the first
}

func (b xceptionBlock) build(k *kit, name string, in flow) (layer, flow) {
	var rep sequence
	out := flow{in.channels, in.stride * b.stride, in.size}
	at := -1 // in PyTorch's list
	next := func() string {
		at++
		return fmt.Sprintf("%s.rep.%d", name, at)
	}
	for i, channels := range b.outs {
		if i > 0 || b.relu {
			rep = append(rep, activation((*nn.Tape).ReLU, next()))
		}
		var l sequence
		l, out.channels = k.separable(next(), next(), out.channels, channels)
		rep = append(rep, l)
	}
	if b.stride > 1 {
		pool := window(3, b.stride, 1)
		rep = append(rep, maxPool(next(), pool))
		out.size = k.slide(name, tensor.Extent{In: in.size, Kernel: 3, Stride: b.stride, Pad: 1})
	}
	r := &xceptionResidual{name: name + ".add", branch: rep}
	if b.stride > 1 || in.channels != out.channels {
		r.skip = k.block(k.ps, name+".skip", name+".skipbn", "", square(in.channels, out.channels, 1, b.stride, 0))
	}
	return r, out
}

// xceptionResidual is a block made.
type xceptionResidual struct {
	name   string
	branch sequence
	skip   layer // nil: x as it is
}

func (r *xceptionResidual) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	add := x
	if r.skip != nil {
		add = r.skip.Forward(t, x)
	}
	return t.Add(r.name, r.branch.Forward(t, x), add)
}
