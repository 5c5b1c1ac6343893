package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// LayerNorm is torch.nn.LayerNorm over the columns of every row (Ba, Kiros and Hinton, 2016):
//
//	y = (x - mean)/√(variance + Eps)·Weight + Bias
//
// with the mean and the variance of the row itself, the variance divided by the
// columns. Of images that is every pixel over its channels, as in ConvNeXt. It is
// the same in training and inference, and for any lanes.
type LayerNorm struct {
	Name         string
	Weight, Bias *Param // [features]; nil where there is none
	Eps          float32

	features int
	centred  bool // takes the mean off
}

// NewLayerNorm registers name.weight (1) and name.bias (0), or nothing where it is
// not affine, with PyTorch's eps of 1e-5. ConvNeXt sets Eps to 1e-6.
func NewLayerNorm(ps *Params, name string, features int, affine bool) *LayerNorm {
	l := &LayerNorm{Name: name, Eps: 1e-5, features: features, centred: true}
	if affine {
		l.Weight = ps.Add(name+".weight", ConstantInit(1), features)
		l.Bias = ps.Add(name+".bias", ConstantInit(0), features)
	}
	return l
}

// NewRMSNorm registers name.weight (1) for torch.nn.RMSNorm (Zhang and Sennrich,
// 2019), with its eps of 2⁻²³:
//
//	y = x/√(mean of x² + Eps)·Weight
func NewRMSNorm(ps *Params, name string, features int) *LayerNorm {
	return &LayerNorm{Name: name, Weight: ps.Add(name+".weight", ConstantInit(1), features), Eps: 1.0 / (1 << 23), features: features}
}

// Forward records the norm of x [rows, features], rows of any layout.
func (l *LayerNorm) Forward(t *Tape, x *Node) *Node {
	if x.Cols != l.features {
		panic(fmt.Sprintf("nn: %s takes %d features, got %d (%v)", l.Name, l.features, x.Cols, x))
	}
	op := &layerNorm{LayerNorm: l, tape: t, x: x, y: t.like(x), mean: t.Buffer(x.Rows), scale: t.Buffer(x.Rows)}
	op.sum = t.Buffer(x.Layout.Steps * x.Layout.Lanes * x.Cols)
	op.product = t.Buffer(op.sum.size)
	use := Use{Name: l.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x}, Saved: []*Buffer{op.mean, op.scale},
		Scratch: []*Buffer{op.sum, op.product}, Sets: true, InPlace: true}
	op.weight, op.ones = t.optional(l.Weight, 1, l.features, &use)
	op.bias, op.zeros = t.optional(l.Bias, 0, l.features, &use)
	t.Record(op, use)
	return op.y
}

// optional returns the operand that stands for p and adds it to the use, or, where
// p is nil, as many constants instead.
func (t *Tape) optional(p *Param, constant float32, n int, use *Use) (*Weight, []float32) {
	if p == nil {
		values := make([]float32, n)
		tensor.Fill(values, constant)
		return nil, values
	}
	w := t.Param(p)
	use.Weights = append(use.Weights, w)
	return w, nil
}

type layerNorm struct {
	*LayerNorm
	tape         *Tape
	x, y         *Node
	weight, bias *Weight   // nil where there is none
	ones, zeros  []float32 // instead of them

	mean, scale  *Buffer // of each row
	sum, product *Buffer // [steps*lanes, features]: the gradients of bias and weight
}

// valueOr is the weight's value, or what stands for it where it is nil.
func valueOr(w *Weight, constant []float32) []float32 {
	if w == nil {
		return constant
	}
	return w.Value().Data
}

func (o *layerNorm) normed() tensor.RowNormed {
	return tensor.RowNormed{X: o.x.Value(), Weight: valueOr(o.weight, o.ones), Bias: valueOr(o.bias, o.zeros),
		Mean: o.mean.Data, Scale: o.scale.Data, Centred: o.centred}
}

func (o *layerNorm) Forward() { o.tape.pool.RowNorm(o.y.Value(), o.normed(), o.Eps) }

func (o *layerNorm) Backward() {
	l := o.x.Layout
	sum := tensor.Of(o.sum.Data, l.Steps*l.Lanes, o.x.Cols)
	product := tensor.Of(o.product.Data, l.Steps*l.Lanes, o.x.Cols)
	dy := o.y.Grad()
	dx, set := o.x.TakeGrad()
	o.tape.pool.RowNormBack(dx, dy, o.normed(), set, sum, product)
	if o.weight != nil {
		o.weight.addSums(l, product)
	}
	if o.bias != nil {
		o.bias.addSums(l, sum)
	}
}

// addSums adds rows [steps, lanes, n] of sums to the gradient of each lane in
// order, or sets it when it is fresh. A row has a value for every element.
func (w *Weight) addSums(l Layout, sums tensor.Matrix) {
	fresh, n := w.TakeGrads(), sums.Rows/(l.Steps*l.Lanes)
	for lane := range l.Lanes {
		grad := w.Grad(lane).Data
		if fresh {
			clear(grad)
		}
		for step := range l.Steps {
			for r := range n {
				tensor.Add(grad, grad, sums.Row((step*l.Lanes+lane)*n+r))
			}
		}
	}
}
