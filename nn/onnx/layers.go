package onnx

import (
	"github.com/rondo-ml/rondo/nn"
)

// layer writes the layer at hand.
func (e *exporter) layer() error {
	o := &e.o
	if len(o.Outputs) == 0 { // makes a weight of others
		return nil
	}
	for _, x := range append(o.Outputs, o.Inputs...) {
		if x.Layout.IsImage() && !image(x) {
			return e.refuse("images in %d time steps have no counterpart", x.Layout.Steps)
		}
	}
	for i := range o.Inputs {
		if e.value(i) == "" {
			return e.refuse("what it reads is no part of the data")
		}
	}
	switch d := o.Computes.(type) {
	case nn.ConvOp:
		return e.conv(d)
	case nn.DenseOp:
		e.dense(d)
	case nn.PoolOp:
		return e.pool(d)
	case nn.BinsOp:
		return e.bins(d)
	case *nn.BatchNorm:
		return e.batchNorm(d)
	case *nn.LayerNorm:
		e.layerNorm(d)
	case *nn.GroupNorm:
		return e.groupNorm(d)
	case *nn.LocalResponseNorm:
		if d.Size%2 == 0 {
			return e.refuse("of windows of %d channels, an even number, which are left and right of the middle differs in ONNX", d.Size)
		}
		e.set(e.op("LRN", o.Name, []string{e.value(0)}, attribute{"size", d.Size}, attribute{"alpha", d.Alpha}, attribute{"beta", d.Beta}, attribute{"bias", d.K}))
	case nn.ElementOp:
		return e.function(d)
	case *nn.PReLU:
		e.set(e.op("PRelu", o.Name, []string{e.value(0), e.perChannel(d.Weight, o.Inputs[0])}))
	case nn.SoftmaxOp:
		kind := "Softmax"
		if d.Log {
			kind = "LogSoftmax"
		}
		e.set(e.op(kind, o.Name, []string{e.value(0)}, attribute{"axis", axis(o.Inputs[0])}))
	case nn.ResizeOp:
		return e.resize(d)
	case nn.RecurrentOp:
		return e.recurrent(d)
	default:
		return e.shape()
	}
	return nil
}

// shape writes what moves, joins and adds values.
func (e *exporter) shape() error {
	o := &e.o
	x := func(i int) string { return e.value(i) }
	switch d := o.Computes.(type) {
	case nn.SumOp:
		e.sum(d)
	case nn.ProductOp:
		e.set(e.op("Mul", o.Name, []string{x(0), x(1)}))
	case nn.GateOp:
		s := x(1)
		if o.Inputs[0].Layout.IsImage() && !o.Inputs[1].Layout.IsImage() {
			s = e.op("Reshape", o.Name+".gate", []string{s, e.ints(0, 0, 1, 1)})
		}
		e.set(e.op("Mul", o.Name, []string{x(0), s}))
	case nn.ScaleOp:
		e.set(e.op("Mul", o.Name, []string{x(0), e.perChannel(d.Weight, o.Inputs[0])}))
	case nn.AffineOp:
		y := e.op("Mul", o.Name+".scaled", []string{x(0), e.perColumn(".scale", d.Scale)})
		e.set(e.op("Add", o.Name, []string{y, e.perColumn(".shift", d.Shift)}))
	case nn.JoinOp:
		var all []string
		for i, in := range o.Inputs {
			if in.Layout.IsImage() != o.Outputs[0].Layout.IsImage() {
				return e.refuse("joins images and rows")
			}
			all = append(all, x(i))
		}
		e.set(e.op("Concat", o.Name, all, attribute{"axis", axis(o.Outputs[0])}))
	case nn.ColumnsOp:
		e.set(e.op("Slice", o.Name, []string{x(0), e.ints(d.From), e.ints(d.To), e.ints(axis(o.Inputs[0]))}))
	case nn.PadOp:
		e.set(e.op("Pad", o.Name, []string{x(0), e.ints(0, 0, d.Top, d.Left, 0, 0, d.Bottom, d.Right)}))
	case nn.ReshapeOp:
		e.reshape()
	case nn.MaxoutOp:
		e.maxout(d)
	default:
		return e.overTime()
	}
	return nil
}

func (e *exporter) sum(d nn.SumOp) {
	sum := ""
	for i := range e.o.Inputs {
		x := e.value(i)
		if d.Weights != nil && d.Weights[i] != 1 {
			x = e.op("Mul", e.o.Name+".weighted", []string{x, e.number(d.Weights[i])})
		}
		if i > 0 {
			x = e.op("Add", e.o.Name, []string{sum, x})
		}
		sum = x
	}
	e.set(sum)
}

// reshape is between images and rows.
func (e *exporter) reshape() {
	y := e.o.Outputs[0]
	if y.Layout.IsImage() {
		e.set(e.op("Reshape", e.o.Name, []string{e.value(0), e.ints(0, y.Cols, y.Layout.Height, y.Layout.Width)}))
		return
	}
	e.set(e.op("Flatten", e.o.Name, []string{e.value(0)}, attribute{"axis", 1}))
}

// maxout takes the largest of neighbouring channels.
func (e *exporter) maxout(d nn.MaxoutOp) {
	name, y := e.o.Name, e.o.Outputs[0]
	switch l := y.Layout; {
	case l.IsImage():
		x := e.op("Reshape", name+".groups", []string{e.value(0), e.ints(0, y.Cols, d.K, l.Height, l.Width)})
		e.set(e.op("ReduceMax", name, []string{x}, attribute{"axes", []int{2}}, attribute{"keepdims", 0}))
	default:
		shape := []int{0, y.Cols, d.K}
		if l.Steps > 1 {
			shape = []int{0, 0, y.Cols, d.K}
		}
		x := e.op("Reshape", name+".groups", []string{e.value(0), e.ints(shape...)})
		e.set(e.op("ReduceMax", name, []string{x}, attribute{"axes", []int{-1}}, attribute{"keepdims", 0}))
	}
}

// dense is a matrix product; of images, a convolution of one tap.
func (e *exporter) dense(d nn.DenseOp) {
	name, x, l := e.o.Name, e.value(0), e.o.Inputs[0].Layout
	out, in := d.Weight.Shape[0], d.Weight.Shape[1]
	switch {
	case l.IsImage():
		e.set(e.op("Conv", name, e.product(d.Weight, d.Bias, out, in, 1, 1)))
	case l.Steps > 1 && e.int8 != nil:
		e.overTime8(in, out)
	case l.Steps > 1:
		w := e.op("Transpose", d.Weight.Name+".transposed", []string{e.weight(d.Weight)}, attribute{"perm", []int{1, 0}})
		y := e.op("MatMul", name, []string{x, w})
		if d.Bias != nil {
			y = e.op("Add", name+".biased", []string{y, e.weight(d.Bias)})
		}
		e.set(y)
	default:
		e.set(e.op("Gemm", name, e.product(d.Weight, d.Bias, out, in), attribute{"transB", 1}))
	}
}

// with adds a bias where there is one.
func (e *exporter) with(inputs []string, bias *nn.Param) []string {
	if bias != nil {
		inputs = append(inputs, e.weight(bias))
	}
	return inputs
}

// function is element by element.
func (e *exporter) function(d nn.ElementOp) error {
	name, x := e.o.Name, e.value(0)
	plain := map[string]string{"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "hard swish": "HardSwish"}
	switch kind := plain[d.Function]; {
	case kind != "":
		e.set(e.op(kind, name, []string{x}))
	case d.Function == "relu6":
		e.set(e.op("Clip", name, []string{x, e.number(0), e.number(6)}))
	case d.Function == "hard sigmoid":
		e.set(e.op("HardSigmoid", name, []string{x}, attribute{"alpha", float32(1) / 6}, attribute{"beta", float32(0.5)}))
	case d.Function == "leaky relu":
		e.set(e.op("LeakyRelu", name, []string{x}, attribute{"alpha", d.Alpha}))
	case d.Function == "elu":
		e.set(e.op("Elu", name, []string{x}, attribute{"alpha", d.Alpha}))
	case d.Function == "silu":
		e.set(e.op("Mul", name, []string{x, e.op("Sigmoid", name+".sigmoid", []string{x})}))
	case d.Function == "softplus" && d.Alpha == 1:
		e.set(e.op("Softplus", name, []string{x}))
	case d.Function == "gelu":
		// x·(1 + erf(x/√2))/2
		f := e.op("Erf", name+".erf", []string{e.op("Mul", name+".scaled", []string{x, e.number(0.70710678)})})
		e.set(e.halfOf(x, f))
	case d.Function == "gelu tanh":
		// x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2
		cube := e.op("Mul", name+".cube", []string{x, e.op("Mul", name+".square", []string{x, x})})
		inner := e.op("Add", name+".inner", []string{x, e.op("Mul", name+".small", []string{cube, e.number(0.044715)})})
		e.set(e.halfOf(x, e.op("Tanh", name+".tanh", []string{e.op("Mul", name+".scaled", []string{inner, e.number(0.7978845608)})})))
	default:
		return e.refuse("the function has no counterpart")
	}
	return nil
}

// halfOf is x·(1 + f)/2.
func (e *exporter) halfOf(x, f string) string {
	more := e.op("Add", e.o.Name+".more", []string{f, e.number(1)})
	return e.op("Mul", e.o.Name, []string{e.op("Mul", e.o.Name+".product", []string{x, more}), e.number(0.5)})
}
