package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Networks of branches are written as values that read like the tables of their
// papers. A piece says what a part of a network is; a kit makes it for the map
// that comes to it, with the names, norms and channels of its network.

// piece describes a part of a network of images.
type piece interface {
	// build registers the part, whose weights' names begin with name, for maps as
	// in, and returns it and what its maps are.
	build(k *kit, name string, in flow) (layer, flow)
}

// flow is what goes from one piece to the next: maps of size x size pixels, each of
// which stands for stride x stride of the image.
type flow struct{ channels, stride, size int }

// kit is what the pieces of a network have in common.
type kit struct {
	Scaled
	style
	ps         *nn.Params
	conv, norm string               // behind the name of a unit: ".conv", ".bn"
	joint      string               // between the name of a module and that of a unit in it
	biases     nn.Init              // of biases of units; nil: PyTorch's
	dense      func(in int) nn.Init // of linear layers; nil: PyTorch's

	ends map[string]flow // of stages
	err  error           // the first reason why there is no such network
}

// under is the name of a unit in a module.
func (k *kit) under(name, unit string) string {
	if name == "" || unit == "" {
		return name + unit
	}
	return name + k.joint + unit
}

// stages registers pieces one after another as the stages of a backbone.
func (k *kit) stages(prefix string, parts []part) ([]Stage, error) {
	var stages []Stage
	at := flow{k.Channels, 1, k.Image}
	k.ends = map[string]flow{}
	for _, p := range parts {
		var l layer
		if l, at = p.piece.build(k, prefix+p.name, at); k.err != nil {
			return nil, k.err
		}
		k.ends[p.name] = at
		stages = append(stages, stage(p.name, at.channels, at.stride, l))
	}
	return stages, nil
}

// slide is how many pixels across the map is that a window makes of one.
func (k *kit) slide(name string, e tensor.Extent) int {
	n, err := e.Out()
	if err != nil {
		k.refuse("%s, which is left a map of %dx%d, takes larger ones", name, e.In, e.In)
		return e.In // of no account now
	}
	return n
}

// refuse notes the first reason why the network does not take the images.
func (k *kit) refuse(format string, args ...any) {
	if k.err == nil {
		k.err = fmt.Errorf("model.image: %d is not allowed: "+format, append([]any{k.Image}, args...)...)
	}
}

// part is a piece with a name.
type part struct {
	name string
	piece
}

func (p part) build(k *kit, name string, in flow) (layer, flow) {
	return p.piece.build(k, k.under(name, p.name), in)
}

// unit is a convolution with the norm and the activation behind it.
type unit struct {
	out, kh, kw        int
	stride, padH, padW int
}

// conv is a unit of so many channels and a kernel of so many pixels, or of so many
// down and across. Its maps have the size of those that come to it.
func conv(out int, kernel ...int) unit {
	kh, kw := kernel[0], kernel[len(kernel)-1]
	return unit{out: out, kh: kh, kw: kw, stride: 1, padH: kh / 2, padW: kw / 2}
}

// valid is the unit without padding.
func (u unit) valid() unit {
	u.padH, u.padW = 0, 0
	return u
}

// by is the unit with a stride.
func (u unit) by(stride int) unit {
	u.stride = stride
	return u
}

func (u unit) shape(k *kit, in int) tensor.ConvShape {
	return tensor.ConvShape{Cin: in, Cout: k.wide(u.out), KH: u.kh, KW: u.kw, StrideH: u.stride, StrideW: u.stride, PadH: u.padH, PadW: u.padW}
}

func (u unit) build(k *kit, name string, in flow) (layer, flow) {
	s, norm := u.shape(k, in.channels), ""
	if k.norm != "" {
		norm = name + k.norm
	}
	size := k.slide(name, tensor.Extent{In: in.size, Kernel: u.kh, Stride: u.stride, Pad: u.padH})
	b := k.block(k.ps, name+k.conv, norm, name+".relu", s)
	if k.biases != nil {
		b.conv.Bias.StartAs(k.biases)
	}
	return b, flow{s.Cout, in.stride * u.stride, size}
}

// pool is a maximum or a mean over windows.
type pool struct {
	tensor.PoolShape
	mean, countPad bool
}

// maxima are those over windows of n x n pixels.
func maxima(n, stride int) pool { return pool{PoolShape: window(n, stride, 0)} }

// maximaUp are maxima, as many as are begun.
func maximaUp(n, stride int) pool {
	p := maxima(n, stride)
	p.Ceil = true
	return p
}

// padded is the pool on as many windows as there are pixels.
func (p pool) padded() pool {
	p.PadH, p.PadW = p.KH/2, p.KW/2
	return p
}

// means are those over 3 x 3 pixels around each, with or without the zeros around
// the map.
func means(countPad bool) pool {
	return pool{PoolShape: window(3, 1, 1), mean: true, countPad: countPad}
}

func (p pool) build(k *kit, name string, in flow) (layer, flow) {
	name += ".pool"
	size := k.slide(name, tensor.Extent{In: in.size, Kernel: p.KH, Stride: p.StrideH, Pad: p.PadH, Ceil: p.Ceil})
	out := flow{in.channels, in.stride * p.StrideH, size}
	if p.mean {
		return layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.AvgPool(name, x, p.PoolShape, p.countPad) }), out
	}
	return maxPool(name, p.PoolShape), out
}

// same is a layer that leaves a map its channels and size.
type same func(name string) layer

func (f same) build(_ *kit, name string, in flow) (layer, flow) { return f(name), in }

// chain is pieces one after another.
type chain []piece

func (c chain) build(k *kit, name string, in flow) (layer, flow) {
	var s sequence
	for _, p := range c {
		var l layer
		l, in = p.build(k, name, in)
		s = append(s, l)
	}
	return s, in
}

// fork is branches side by side, whose maps are concatenated.
type fork []chain

func (f fork) build(k *kit, name string, in flow) (layer, flow) {
	b := branches{name: name + ".cat"}
	out := flow{}
	for _, c := range f {
		l, end := c.build(k, name, in)
		b.layers = append(b.layers, l)
		if out.channels > 0 && out.size != end.size {
			k.refuse("branches of %s make maps of %dx%d and of %dx%d of one of %dx%d", name, out.size, out.size, end.size, end.size, in.size, in.size)
		}
		out = flow{out.channels + end.channels, end.stride, end.size}
	}
	return b, out
}

// branches is a fork made.
type branches struct {
	name   string
	layers []layer
}

func (b branches) Forward(t *nn.Tape, x *nn.Node) *nn.Node {
	ends := make([]*nn.Node, len(b.layers))
	for i, l := range b.layers {
		ends[i] = l.Forward(t, x)
	}
	return t.Concat(b.name, ends...)
}

// numbered is a fork with the names that its place gives a piece: branch2 for the
// only one of its branch, branch2.0, branch2.1, … for one of several.
func numbered(first int, f fork) fork {
	named := make(fork, len(f))
	for i, c := range f {
		branch := fmt.Sprintf("branch%d", first+i)
		for j, p := range c {
			name := branch
			if len(c) > 1 {
				name = fmt.Sprintf("%s.%d", branch, j)
			}
			named[i] = append(named[i], part{name, p})
		}
	}
	return named
}

// letter names the modules of a stage: a, b, …, z, za, zb, …
func letter(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return "z" + letter(i-26)
}

// repeated is rows of a table as deep as asked for: the last stands for those that
// the table has not.
func repeated[T any](c Scaled, rows []T) []T {
	list := make([]T, c.deep(len(rows)))
	for i := range list {
		list[i] = rows[min(i, len(rows)-1)]
	}
	return list
}
