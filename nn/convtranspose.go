package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// ConvTranspose2d is torch.nn.ConvTranspose2d, also called deconvolution: the
// transpose of the convolution that has the same weights, [in, out/groups, kh,
// kw], and a bias [out] or none. Its forward pass is that convolution's gradient
// of the input, and the other way round:
//
//	y[n, iy, ix, co] = bias[co] + Σ x[n, oy, ox, ci]·w[ci, co, kh, kw],  iy = oy·stride - pad + kh·dilation
//
// A kernel that the stride does not divide covers some pixels more often than
// others: a checkerboard.
type ConvTranspose2d struct {
	Name         string
	Weight, Bias *Param

	shape     tensor.ConvShape // as the layer sees it, without the size of the input
	outputPad [2]int
	ready     []*readyConv // the convolution that this is the transpose of, by size of the input
}

// NewConvTranspose2d registers name.weight and, with bias, name.bias. The shape
// says all but the input's size; Cin are the channels that the layer reads.
// outputPad makes the output so many rows and columns larger, less than the
// stride: it chooses one of the sizes that the convolution would take to the
// input's. With Same the output is the input times the stride. A nil init is
// PyTorch's: both U(-1/√n, 1/√n), with n = out/groups·kh·kw.
func NewConvTranspose2d(ps *Params, name string, s tensor.ConvShape, outputPad [2]int, bias bool, init Init) *ConvTranspose2d {
	return newConvTranspose(ps, name, s, outputPad, bias, init, s.KH, s.KW)
}

// NewConvTranspose1d is torch.nn.ConvTranspose1d: a [ConvTranspose2d] along the
// lines of images of one line, with weights [in, out/groups, k]. Of the shape
// only the fields of the width count.
func NewConvTranspose1d(ps *Params, name string, s tensor.ConvShape, outputPad int, bias bool, init Init) *ConvTranspose2d {
	return newConvTranspose(ps, name, oneLine(name, s), [2]int{0, outputPad}, bias, init, s.KW)
}

func newConvTranspose(ps *Params, name string, s tensor.ConvShape, outputPad [2]int, bias bool, init Init, kernel ...int) *ConvTranspose2d {
	out := s.Cout / max(1, s.Groups)
	uniform := UniformInit(1 / sqrt(float32(out*s.KH*s.KW)))
	if init == nil {
		init = uniform
	}
	l := &ConvTranspose2d{Name: name, shape: s, outputPad: outputPad}
	l.Weight = ps.Add(name+".weight", init, append([]int{s.Cin, out}, kernel...)...)
	if bias {
		l.Bias = ps.Add(name+".bias", uniform, s.Cout)
	}
	return l
}

// at returns the convolution that comes to inputs of the size, made on first use.
func (l *ConvTranspose2d) at(height, width int) *readyConv {
	for _, r := range l.ready {
		if r.OutH == height && r.OutW == width {
			return r
		}
	}
	c, err := l.transposed(height, width)
	if err != nil {
		panic(fmt.Sprintf("nn: %s on images of %dx%d: %v", l.Name, height, width, err))
	}
	r := &readyConv{Conv: c}
	l.ready = append(l.ready, r)
	return r
}

func (l *ConvTranspose2d) transposed(height, width int) (c *tensor.Conv, err error) {
	s := l.shape
	down := tensor.Extent{In: height, Kernel: s.KH, Stride: s.StrideH, Pad: s.PadH, More: s.MoreH, Dilation: s.DilationH, Same: s.Same}
	across := tensor.Extent{In: width, Kernel: s.KW, Stride: s.StrideW, Pad: s.PadW, More: s.MoreW, Dilation: s.DilationW, Same: s.Same}
	if s.InH, err = down.TransposedOut(l.outputPad[0]); err != nil {
		return nil, fmt.Errorf("down: %w", err)
	}
	if s.InW, err = across.TransposedOut(l.outputPad[1]); err != nil {
		return nil, fmt.Errorf("across: %w", err)
	}
	s.Cin, s.Cout = s.Cout, s.Cin
	return tensor.NewConv(s)
}

// Forward records y [T*L*R*h*w, out] for images x. It panics when x's channels
// are not the layer's, or nothing is left of its images.
func (l *ConvTranspose2d) Forward(t *Tape, x *Node) *Node {
	if x.Cols != l.shape.Cin || !x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s takes images of %d channels, got %v", l.Name, l.shape.Cin, x))
	}
	if len(l.Weight.Shape) == 3 && x.Layout.Height != 1 {
		panic(fmt.Sprintf("nn: %s takes images of one line, got %v", l.Name, x))
	}
	w, c := t.Param(l.Weight), l.at(x.Layout.Height, x.Layout.Width)
	op := &convTranspose2d{tape: t, conv: c, x: x, w: w, y: t.Node(x.Layout.WithImage(c.InH, c.InW), c.Cin)}
	use := Use{Name: l.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x}, Weights: []*Weight{w}, Sets: true, Strided: true}
	if l.Bias != nil {
		op.b = t.Param(l.Bias)
		use.Weights = append(use.Weights, op.b)
	}
	t.Record(op, use)
	return op.y
}

type convTranspose2d struct {
	tape *Tape
	conv *readyConv // from y's size to x's
	x, y *Node
	w, b *Weight // b may be nil
}

func (o *convTranspose2d) operations() int { return o.conv.Flops(o.x.Rows / o.x.Layout.Pixels()) }

func (o *convTranspose2d) packing() (w *Weight, c *readyConv, forward, backward int) {
	backward, forward = o.conv.packedSizes(o.tape.pool, o.x.NeedsGrad(), true)
	return o.w, o.conv, forward, backward // its forward pass is the convolution's backward
}

func (o *convTranspose2d) Forward() {
	var bias []float32
	if o.b != nil {
		bias = o.b.Value().Data
	}
	o.tape.pool.ConvTranspose(o.y.Value(), o.x.Value(), o.conv.backwardOf(o.w), bias)
}

func (o *convTranspose2d) Backward() {
	pool, dy := o.tape.pool, o.y.Grad()
	if dx, fresh := o.x.TakeGrad(); dx.Rows > 0 {
		if w := o.conv.forwardOf(o.w); fresh {
			pool.Conv(dx, dy, w, nil, tensor.Identity)
		} else {
			pool.ConvAdd(dx, dy, w)
		}
	}
	if o.w.NeedsGrad() {
		o.weightsBack()
	}
	if o.b != nil && o.b.NeedsGrad() {
		o.b.addColumnSums(o.y.Layout, dy)
	}
}

// weightsBack adds to the gradient of the weights in each lane, or sets it.
func (o *convTranspose2d) weightsBack() {
	pool, fresh := o.tape.pool, o.w.TakeGrads()
	for l := range o.tape.Shape.Lanes {
		dw := o.w.Grad(l).Data
		for step := range o.x.Layout.Steps {
			dy, x := o.y.Layout.block(o.y.Grad(), step, l), o.x.Layout.block(o.x.Value(), step, l)
			if fresh && step == 0 {
				pool.ConvBackWeightsSet(dw, o.conv.Conv, dy, x)
			} else {
				pool.ConvBackWeights(dw, o.conv.Conv, dy, x)
			}
		}
	}
}

// BilinearInit makes a transposed convolution of one group interpolate between
// pixels, each channel by itself: the start of fully convolutional networks
// (Long, Shelhamer, Darrell 2015). The kernel has kh rows and kw columns; channel
// i is taken to channel i.
func BilinearInit(kh, kw int) Init {
	tent := func(k, n int) float32 {
		factor := float32((n + 1) / 2)
		center := factor - 1
		if n%2 == 0 {
			center = factor - 0.5
		}
		return 1 - max(float32(k)-center, center-float32(k))/factor
	}
	return func(v tensor.Matrix, _ Stream) {
		clear(v.Data)
		for i := range min(v.Rows, v.Cols/(kh*kw)) {
			for k := range kh * kw {
				v.Row(i)[i*kh*kw+k] = float32(tent(k/kw, kh) * tent(k%kw, kw))
			}
		}
	}
}
