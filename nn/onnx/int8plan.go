package onnx

import (
	"slices"

	"github.com/rondo-ml/rondo/nn"
)

// In eight bits a layer's values and weights are rounded, and the graph says so by pairs of QuantizeLinear and
// DequantizeLinear around them: a runtime that knows such pairs computes in whole numbers, any other the same in float32.
//
//	x ─ Q ─ DQ ─ Conv ─ Relu ─ Q ─ DQ ─ MaxPool ─ Q ─ DQ ─ Conv …
//	      W8 ─ DQ ┘                  one range: nothing is rounded again

// product8 is a layer in eight bits: a convolution or a dense layer, with the batch norm behind it where that is all that
// reads it.
type product8 struct {
	weight, bias *nn.Param // no bias: nil
	norm         *nn.BatchNorm
}

// plan8 says which layers are in eight bits, and which values are for their sake. Two recordings of one network have the
// same plan, with nodes of their own in the same order.
type plan8 struct {
	products map[int]*product8 // by operator
	folded   map[int]bool      // batch norms that are a part of the layer before them
	rounded  map[*nn.Node]bool
	source   map[*nn.Node]*nn.Node // of a value that was moved from another, whose range it has; else itself
	sources  []*nn.Node            // whose ranges are wanted
}

func newPlan8(ops []nn.Operator, out *nn.Node) *plan8 {
	p := &plan8{products: map[int]*product8{}, folded: map[int]bool{}, rounded: map[*nn.Node]bool{}, source: map[*nn.Node]*nn.Node{}}
	readers := map[*nn.Node][]int{}
	for i, o := range ops {
		for _, x := range o.Inputs {
			readers[x] = append(readers[x], i)
		}
		if moves(o) {
			p.source[o.Outputs[0]] = p.sourceOf(o.Inputs[0])
		}
	}
	behind := func(y *nn.Node) (int, any) { // the one that alone reads y
		if r := readers[y]; len(r) == 1 && y != out {
			return r[0], ops[r[0]].Computes
		}
		return -1, nil
	}
	for i, o := range ops {
		l := productOf(o)
		if l == nil {
			continue
		}
		p.products[i] = l
		y := o.Outputs[0]
		at, next := behind(y)
		if norm, is := next.(*nn.BatchNorm); is && !norm.NoRunning {
			l.norm, p.folded[at], y = norm, true, ops[at].Outputs[0]
			at, next = behind(y)
		}
		if f, is := next.(nn.ElementOp); is && (f.Function == "relu" || f.Function == "relu6") {
			y = ops[at].Outputs[0]
		}
		p.round(o.Inputs[0])
		if y != out { // what the network says keeps its precision
			p.round(y)
		}
	}
	return p
}

// productOf is the layer that an operator is, if it is one for eight bits.
func productOf(o nn.Operator) *product8 {
	switch d := o.Computes.(type) {
	case nn.ConvOp:
		if !d.Transposed {
			return &product8{weight: d.Weight, bias: d.Bias}
		}
	case nn.DenseOp:
		return &product8{weight: d.Weight, bias: d.Bias}
	}
	return nil
}

// moves says that an operator's output holds values of its input, and zeros.
func moves(o nn.Operator) bool {
	switch d := o.Computes.(type) {
	case nn.PoolOp:
		return d.Max
	case nn.ReshapeOp, nn.TurnOp, nn.ColumnsOp, nn.PadOp, nn.ReverseOp:
		return true
	}
	return false
}

func (p *plan8) sourceOf(x *nn.Node) *nn.Node {
	if s, moved := p.source[x]; moved {
		return s
	}
	return x
}

func (p *plan8) round(x *nn.Node) {
	p.rounded[x] = true
	if s := p.sourceOf(x); !slices.Contains(p.sources, s) {
		p.sources = append(p.sources, s)
	}
}
