package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// GroupNorm is torch.nn.GroupNorm (Wu and He, 2018): every image by itself, in
// groups of as many neighbouring channels each:
//
//	y = (x - mean)/√(variance + Eps)·Weight + Bias
//
// with the mean and the variance of all pixels of a group's channels, the variance
// divided by their number. Rows that are no images have one pixel. It is the same
// in training and inference, and for any lanes and any number of images. A ReLU or
// ReLU6 behind it costs no pass over memory of its own ([Tape.Fusions]).
type GroupNorm struct {
	Name         string
	Groups       int
	Weight, Bias *Param // [channels]; nil where there is none
	Eps          float32

	channels int
}

// NewGroupNorm registers name.weight (1) and name.bias (0), or nothing where it is
// not affine, with PyTorch's eps of 1e-5. It panics unless groups divides channels.
func NewGroupNorm(ps *Params, name string, groups, channels int, affine bool) *GroupNorm {
	if groups < 1 || channels < 1 || channels%groups != 0 {
		panic(fmt.Sprintf("nn: %s has %d groups of %d channels; the channels must be a multiple of the groups", name, groups, channels))
	}
	n := &GroupNorm{Name: name, Groups: groups, Eps: 1e-5, channels: channels}
	if affine {
		n.Weight = ps.Add(name+".weight", ConstantInit(1), channels)
		n.Bias = ps.Add(name+".bias", ConstantInit(0), channels)
	}
	return n
}

// NewInstanceNorm is a GroupNorm in which each channel is a group:
// torch.nn.InstanceNorm2d (Ulyanov, Vedaldi and Lempitsky, 2016). PyTorch's has no
// weight and bias unless it is told to, and so no parameters.
func NewInstanceNorm(ps *Params, name string, channels int, affine bool) *GroupNorm {
	return NewGroupNorm(ps, name, channels, channels, affine)
}

// Forward records y, of x's shape. It panics when x has not the norm's channels,
// and refuses a shape of which a group has but one value ([Tape.Err]).
func (g *GroupNorm) Forward(t *Tape, x *Node) *Node {
	if x.Cols != g.channels {
		panic(fmt.Sprintf("nn: %s takes %d channels, got %d (%v)", g.Name, g.channels, x.Cols, x))
	}
	pixels := x.Layout.Pixels()
	op := &groupNorm{GroupNorm: g, tape: t, x: x, y: t.like(x), images: x.Rows / pixels, values: pixels * x.Cols / g.Groups}
	if op.values < 2 {
		t.Refuse(fmt.Errorf("%s has one value in a group to take the variance of; give it larger images or fewer groups", g.Name))
	}
	for _, p := range []**Buffer{&op.mean, &op.scale, &op.shift, &op.u, &op.v} {
		*p = t.Buffer(op.images * x.Cols)
	}
	op.inverse = t.Buffer(op.images * g.Groups)
	use := Use{Name: g.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x},
		Saved: []*Buffer{op.mean, op.scale, op.shift, op.inverse}, Scratch: []*Buffer{op.u, op.v}, Sets: true, InPlace: true}
	op.weight, op.ones = t.optional(g.Weight, 1, g.channels, &use)
	op.bias, op.zeros = t.optional(g.Bias, 0, g.channels, &use)
	t.Record(op, use)
	return op.y
}

// groupNorm runs on the kernels of batch norm, to which an image is a lane. Its
// small matrices are [images, channels].
type groupNorm struct {
	*GroupNorm
	tape         *Tape
	x, y         *Node
	r            tensor.Rectifier // behind the norm
	images       int
	values       int       // of a group
	weight, bias *Weight   // nil where there is none
	ones, zeros  []float32 // instead of them

	mean, scale, shift *Buffer // of the group; Weight/√(variance + Eps), and Bias - mean·scale
	inverse            *Buffer // [images, groups]: 1/√(variance + Eps)
	u, v               *Buffer // forward: moments of the channels; backward: their sums, then b and c
}

func (o *groupNorm) small(b *Buffer) tensor.Matrix { return tensor.Of(b.Data, o.images, o.x.Cols) }

func (o *groupNorm) Forward() {
	pool, x := o.tape.pool, o.x.Value()
	pool.BatchMoments(o.small(o.u), o.small(o.v), x, o.x.Layout.Width)
	weight, bias := valueOr(o.weight, o.ones), valueOr(o.bias, o.zeros)
	each := o.channels / o.Groups
	for i := range o.inverse.Data {
		lo := i * each
		mean, inverse := groupMoments(o.u.Data[lo:lo+each], o.v.Data[lo:lo+each], o.Eps)
		o.inverse.Data[i] = inverse
		for j := lo; j < lo+each; j++ {
			scale := weight[j%o.channels] * inverse
			o.mean.Data[j], o.scale.Data[j] = mean, scale
			o.shift.Data[j] = bias[j%o.channels] - float32(mean*scale)
		}
	}
	pool.BatchNorm(o.y.Value(), x, tensor.Matrix{}, o.small(o.scale), o.small(o.shift), o.r)
}

// groupMoments makes of the means and variances of channels the mean of all of
// them and 1/√(variance + eps).
func groupMoments(means, variances []float32, eps float32) (mean, inverse float32) {
	m, v, n := 0.0, 0.0, float64(len(means))
	for _, c := range means {
		m += float64(c)
	}
	m /= n
	for j, c := range means {
		d := float64(c) - m
		v += float64(variances[j]) + float64(d*d)
	}
	return float32(m), float32(1 / math.Sqrt(v/n+float64(eps)))
}

func (o *groupNorm) Backward() {
	pool, dy := o.tape.pool, o.y.Grad()
	from := tensor.Normed{X: o.x.Value(), Width: o.x.Layout.Width, R: o.r,
		Mean: o.small(o.mean), Scale: o.small(o.scale), Shift: o.small(o.shift)}
	pool.BatchNormSums(o.small(o.u), o.small(o.v), dy, from)
	each := o.channels / o.Groups
	for i, inverse := range o.inverse.Data {
		v := o.v.Data[i*each : (i+1)*each]
		tensor.Scale(v, v, inverse) // Σ dy·h
	}
	if o.weight != nil {
		o.weight.addSums(o.x.Layout, o.small(o.v))
	}
	if o.bias != nil {
		o.bias.addSums(o.x.Layout, o.small(o.u))
	}
	dx, set := o.x.TakeGrad()
	if dx.Rows == 0 {
		return
	}
	for i := range o.inverse.Data {
		o.coefficients(i, i*each, (i+1)*each)
	}
	pool.BatchNormBack(dx, tensor.Matrix{}, set, false, dy, from, o.small(o.u), o.small(o.v))
}

// coefficients makes of the sums of group i, channels [lo, hi) of the small
// matrices, what the gradient of x is made of:
//
//	dx = scale·g + (b·x + c)
func (o *groupNorm) coefficients(i, lo, hi int) {
	sum, product := 0.0, 0.0
	weight := valueOr(o.weight, o.ones)
	for j := lo; j < hi; j++ {
		w := float64(weight[j%o.channels])
		sum += float64(w * float64(o.u.Data[j]))
		product += float64(w * float64(o.v.Data[j]))
	}
	inverse := float64(o.inverse.Data[i])
	by := -inverse / float64(o.values)
	b := float32(float64(by*product) * inverse)
	c := float32(float64(by*sum) - float64(float64(b)*float64(o.mean.Data[lo])))
	tensor.Fill(o.u.Data[lo:hi], b)
	tensor.Fill(o.v.Data[lo:hi], c)
}
