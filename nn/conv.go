package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Conv2d is torch.nn.Conv2d: a convolution over images, with weights
// [out, in/groups, kh, kw] and a bias [out] or none.
type Conv2d struct {
	Name         string
	Weight, Bias *Param

	shape tensor.ConvShape // without the size of the input
	ready []*readyConv     // by size of the input, for all tapes
	parts [][]*readyConv   // by size of the input and number of pipelines, those of each
}

// readyConv is the convolution at one size of input, with its packed weights
// and the versions that they were made at.
type readyConv struct {
	*tensor.Conv
	forward, backward     tensor.ConvPanels
	forwardAt, backwardAt uint64
}

// NewConv2d registers name.weight and, with bias, name.bias. The shape says all
// but the input's size. A nil init is PyTorch's: both U(-1/√n, 1/√n) for n
// inputs to an output.
func NewConv2d(ps *Params, name string, s tensor.ConvShape, bias bool, init Init) *Conv2d {
	groups := max(1, s.Groups)
	in := s.Cin / groups
	uniform := UniformInit(1 / sqrt(float32(in*s.KH*s.KW)))
	if init == nil {
		init = uniform
	}
	l := &Conv2d{Name: name, shape: s, Weight: ps.Add(name+".weight", init, s.Cout, in, s.KH, s.KW)}
	if bias {
		l.Bias = ps.Add(name+".bias", uniform, s.Cout)
	}
	return l
}

// at returns the convolution for inputs of the size, made on first use.
func (l *Conv2d) at(height, width int) *readyConv {
	for _, r := range l.ready {
		if r.InH == height && r.InW == width {
			return r
		}
	}
	s := l.shape
	s.InH, s.InW = height, width
	c, err := tensor.NewConv(s)
	if err != nil {
		panic(fmt.Sprintf("nn: %s: %v", l.Name, err))
	}
	r := &readyConv{Conv: c}
	l.ready = append(l.ready, r)
	return r
}

// readyForward returns the weights packed for the convolution.
func (r *readyConv) readyForward(t *Tape, weights tensor.Matrix) *tensor.ConvPanels {
	if r.forwardAt != t.params.version {
		r.forward.Pack(t.pool, r.Conv, weights.Data)
		r.forwardAt = t.params.version
	}
	return &r.forward
}

// readyBackward returns the weights packed for the convolution's gradient of the input.
func (r *readyConv) readyBackward(t *Tape, weights tensor.Matrix) *tensor.ConvPanels {
	if r.backwardAt != t.params.version {
		r.backward.PackBackward(t.pool, r.Conv, weights.Data)
		r.backwardAt = t.params.version
	}
	return &r.backward
}

// Forward records y [T*L*R*h*w, out] for images x. It panics when x's channels
// are not the layer's, or the kernel does not fit its images.
func (l *Conv2d) Forward(t *Tape, x *Node) *Node {
	height, width := x.Layout.Height, x.Layout.Width
	if x.Cols != l.shape.Cin || !x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s takes images of %d channels, got %dx%d of %d (%v)", l.Name, l.shape.Cin, height, width, x.Cols, x))
	}
	w, c := t.Param(l.Weight), l.at(height, width)
	op := &conv2d{tape: t, conv: c, x: x, w: w, y: t.Node(x.Layout.WithImage(c.OutH, c.OutW), c.Cout)}
	use := Use{Name: l.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x}, Weights: []*Weight{w}, Sets: true, Strided: true}
	if l.Bias != nil {
		op.b = t.Param(l.Bias)
		use.Weights = append(use.Weights, op.b)
	}
	t.Record(op, use)
	return op.y
}

type conv2d struct {
	tape *Tape
	conv *readyConv
	x, y *Node
	w, b *Weight // b may be nil

	behind, before *batchNorm // whose moments this takes, and whose sums, or nil
	pooled         bool       // nobody but a maxPool reads y, which computes it
}

func (o *conv2d) operations() int { return o.conv.Flops(o.y.Rows / o.y.Layout.Pixels()) }

func (o *conv2d) packing() (w *Weight, c *readyConv, forward, backward int) {
	forward, backward = o.conv.packedSizes(o.tape.pool, true, o.x.NeedsGrad())
	return o.w, o.conv, forward, backward
}

func (o *conv2d) Forward() {
	if o.leavesOutputs() {
		return
	}
	w, bias := o.operands()
	if n := o.behind; n != nil {
		o.tape.pool.ConvMoments(o.y.Value(), o.x.Value(), w, bias, n.small(n.mean), n.small(n.variance))
		n.gatherMoments()
		return
	}
	o.tape.pool.Conv(o.y.Value(), o.x.Value(), w, bias, tensor.Identity)
}

// operands returns the packed weights, and the bias or nil.
func (o *conv2d) operands() (w *tensor.ConvPanels, bias []float32) {
	if o.b != nil {
		bias = o.b.Value().Data
	}
	return o.conv.forwardOf(o.w), bias
}

// leavesOutputs says that the maxPool behind it computes y, and forms the maxima while the values are in cache.
func (o *conv2d) leavesOutputs() bool { return o.pooled && !o.tape.looking }

func (o *conv2d) Backward() {
	t, dy := o.tape, o.y.Grad()
	if dx, fresh := o.x.TakeGrad(); dx.Rows > 0 {
		w := o.conv.backwardOf(o.w)
		if n := o.before; n != nil {
			t.pool.ConvBackDataSums(dx, dy, w, fresh, n.small(n.u), n.small(n.v), n.normed())
			n.gatherSums()
		} else if fresh {
			t.pool.ConvBackDataSet(dx, dy, w)
		} else {
			t.pool.ConvBackData(dx, dy, w)
		}
	}
	if o.w.frozen && (o.b == nil || o.b.frozen) {
		return
	}
	setW, setB := o.w.TakeGrads(), o.b != nil && o.b.TakeGrads()
	for l := range t.Shape.Lanes {
		for step := range o.x.Layout.Steps {
			o.weightsBack(l, step, setW && step == 0, setB && step == 0)
		}
	}
}

// weightsBack adds what a lane's images of one step mean for the weights and the bias, or sets it.
func (o *conv2d) weightsBack(lane, step int, setW, setB bool) {
	pool, c := o.tape.pool, o.conv
	x, dy, dw := o.x.Layout.block(o.x.Value(), step, lane), o.y.Layout.block(o.y.Grad(), step, lane), o.w.Grad(lane).Data
	if setW && setB {
		pool.ConvBackWeightsBias(dw, o.b.Grad(lane).Data, c.Conv, x, dy)
		return
	}
	if setW {
		pool.ConvBackWeightsSet(dw, c.Conv, x, dy)
	} else {
		pool.ConvBackWeights(dw, c.Conv, x, dy)
	}
	if setB {
		clear(o.b.Grad(lane).Data)
	}
	if o.b != nil {
		pool.ColumnSumAdd(o.b.Grad(lane).Data, tensor.AllRows(dy))
	}
}
