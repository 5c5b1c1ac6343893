package zoo

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// nasStyle has batch norms of eps 1e-3.
var nasStyle = style{norm: batchNorm(nn.BatchNormOptions{Eps: 1e-3})}

// nasCell is figure 4 of Zoph et al. (2018): five sums of two functions each of what
// the cell before made (h) and the one before that (p), each brought to the
// cell's channels; their concatenation is the cell's own.
//
//	normal                          reduction, the functions of h and p with stride 2
//	0  sep 5x5 of h + sep 3x3 of p  sep 5x5 of h + sep 7x7 of p
//	1  sep 5x5 of p + sep 3x3 of p  max 3x3 of h + sep 7x7 of p
//	2  mean 3x3 of h + p            mean 3x3 of h + sep 5x5 of p
//	3  mean of p + mean of p        mean 3x3 of 0 + 1
//	4  sep 3x3 of h + h             sep 3x3 of 0 + max 3x3 of h
//	   p, 0, 1, 2, 3, 4             1, 2, 3, 4
//
// Padding is TensorFlow's SAME: at an even map and stride 2 there is one more row of
// zeros below than above.
type nasCell struct {
	name         string
	reduces      bool
	fitPrev, fit layer
	sep          map[string]*nasSeparable // by what the port calls it, "0_left"
}

// nasBuilder registers cells one after another.
type nasBuilder struct {
	ps        *nn.Params
	prefix    string // of the names of weights
	stages    []Stage
	prev, cur Stage // whose maps the next cell reads
}

// cell registers the next cell, of so many channels in each of its sums. With skip
// the cell behind it leaves out what went into it.
func (b *nasBuilder) cell(stage string, channels int, reduces, skip bool) {
	name := b.prefix + stage
	c := &nasCell{name: name, reduces: reduces, sep: map[string]*nasSeparable{}}
	p := channels // of the map before
	switch {
	case len(b.stages) == 1:
		p = b.prev.Channels // as it is
	case b.prev.Stride < b.cur.Stride:
		c.fitPrev = newNASHalving(b.ps, name, b.prev.Channels, channels/2)
	default:
		c.fitPrev = nasPointwise(b.ps, name+".conv_prev_1x1", b.prev.Channels, channels)
	}
	c.fit = nasPointwise(b.ps, name+".conv_1x1", b.cur.Channels, channels)
	sep := func(place string, in, kernel, stride int) {
		c.sep[place] = newNASSeparable(b.ps, name+".comb_iter_"+place, in, channels, kernel, stride)
	}
	out := Stage{Name: stage, Channels: 6 * channels, Stride: b.cur.Stride, Join: c.forward, Earlier: b.prev.Name}
	if reduces {
		sep("0_left", channels, 5, 2)
		sep("0_right", p, 7, 2)
		sep("1_right", p, 7, 2)
		sep("2_right", p, 5, 2)
		out.Channels, out.Stride = 4*channels, 2*b.cur.Stride
	} else {
		sep("0_left", channels, 5, 1)
		sep("0_right", p, 3, 1)
		sep("1_left", p, 5, 1)
		sep("1_right", p, 3, 1)
	}
	sep("4_left", channels, 3, 1)
	b.stages = append(b.stages, out)
	if !skip {
		b.prev = b.cur
	}
	b.cur = out
}

func (c *nasCell) forward(t *nn.Tape, h, p *nn.Node) *nn.Node {
	h = c.fit.Forward(t, h)
	if c.fitPrev != nil {
		p = c.fitPrev.Forward(t, p)
	}
	// Separable convolutions read ReLU of what they are a function of.
	hr, pr := t.ReLU(c.name+".relu", h), t.ReLU(c.name+".relu_prev", p)
	sep := func(place string, x *nn.Node) *nn.Node { return c.sep[place].Forward(t, x) }
	add := func(i string, a, b *nn.Node) *nn.Node { return t.Add(c.name+".comb_iter_"+i, a, b) }
	name := func(place string) string { return c.name + ".comb_iter_" + place }
	mean := func(place string, x *nn.Node) *nn.Node {
		return t.AvgPool(name(place), x, window(3, 1, 1), false)
	}
	if !c.reduces {
		s0 := add("0", sep("0_left", hr), sep("0_right", pr))
		s1 := add("1", sep("1_left", pr), sep("1_right", pr))
		s2 := add("2", mean("2_left", h), p)
		s3 := t.Scale(name("3"), mean("3_left", p), 2)
		s4 := add("4", sep("4_left", hr), h)
		return t.Concat(c.name+".cat", p, s0, s1, s2, s3, s4)
	}
	halves := tensor.PoolShape{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Same: true}
	maxima := t.MaxPool(name("1_left"), h, halves)
	s0 := add("0", sep("0_left", hr), sep("0_right", pr))
	s1 := add("1", maxima, sep("1_right", pr))
	s2 := add("2", t.AvgPool(name("2_left"), h, halves, false), sep("2_right", pr))
	s3 := add("3", mean("3_right", s0), s1)
	s4 := add("4", sep("4_left", t.ReLU(name("0.relu"), s0)), maxima)
	return t.Concat(c.name+".cat", s1, s2, s3, s4)
}

// nasPointwise is ReLU, a convolution of 1x1, and a norm.
func nasPointwise(ps *nn.Params, name string, in, out int) layer {
	return sequence{activation((*nn.Tape).ReLU, name+".relu"), nasStyle.block(ps, name+".conv", name+".bn", "", square(in, out, 1, 1, 0))}
}

// nasSeparable is two separable convolutions, each with its norm, and ReLU between
// them. The first has the stride.
type nasSeparable struct {
	name   string
	layers [2]sequence
}

func newNASSeparable(ps *nn.Params, name string, in, out, kernel, stride int) *nasSeparable {
	s := &nasSeparable{name: name}
	for i, in := range []int{in, out} {
		part := name + ".separable_" + string(rune('1'+i))
		deep := grouped(square(in, in, kernel, stride, 0), in)
		deep.Same = true
		s.layers[i] = sequence{
			nasStyle.block(ps, part+".depthwise_conv2d", "", "", deep),
			nasStyle.block(ps, part+".pointwise_conv2d", name+".bn_sep_"+string(rune('1'+i)), "", square(in, out, 1, 1, 0)),
		}
		stride = 1
	}
	return s
}

func (s *nasSeparable) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	x = t.ReLU(s.name+".relu1", s.layers[0].Forward(t, x))
	return s.layers[1].Forward(t, x)
}

// nasHalving brings a map to half of its size: every second pixel through one
// convolution, those a row below and a column to the right through another.
type nasHalving struct {
	name  string
	paths [2]layer
	norm  layer
}

func newNASHalving(ps *nn.Params, name string, in, each int) *nasHalving {
	return &nasHalving{
		name: name,
		paths: [2]layer{
			nasStyle.block(ps, name+".path_1.conv", "", "", square(in, each, 1, 2, 0)),
			nasStyle.block(ps, name+".path_2.conv", "", "", square(in, each, 1, 2, 0)),
		},
		norm: nasStyle.norm(ps, name+".final_path_bn", 2*each),
	}
}

func (h *nasHalving) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	x = t.ReLU(h.name+".path.relu", x)
	moved := t.ZeroPad2d(h.name+".path_2.pad", x, nn.Margins{Top: -1, Left: -1, Bottom: 1, Right: 1})
	return h.norm.Forward(t, t.Concat(h.name+".path.cat", h.paths[0].Forward(t, x), h.paths[1].Forward(t, moved)))
}
