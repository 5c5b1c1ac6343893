package onnx

import (
	"slices"

	"github.com/rondo-ml/rondo/nn"
)

// cell is how a recurrent layer is written: the order in which ONNX has the gates of its weights, as blocks of PyTorch's,
// and which of them change their sign.
type cell struct {
	kind  string
	gates []int

	settled []attribute
	negated int // block whose sign changes, -1: none
}

var cellsOf = map[string]cell{
	"rnn":           {kind: "RNN", gates: []int{0}, negated: -1},
	"rnn-relu":      {kind: "RNN", gates: []int{0}, negated: -1, settled: []attribute{{"activations", []string{"Relu"}}}},
	"gru":           {kind: "GRU", gates: []int{1, 0, 2}, negated: -1, settled: []attribute{{"linear_before_reset", 1}}},
	"gru-textbook":  {kind: "GRU", gates: []int{1, 0, 2}, negated: 1, settled: []attribute{{"linear_before_reset", 0}}}, // its z is one less ONNX's
	"lstm":          {kind: "LSTM", gates: []int{0, 3, 1, 2}, negated: -1},
	"lstm-peephole": {kind: "LSTM", gates: []int{0, 3, 1, 2}, negated: -1},
}

func (e *exporter) recurrent(d nn.RecurrentOp) error {
	if d.Cell == "mlstm" && d.Lengths == nil {
		e.multiplicative(d)
		return nil
	}
	c, ok := cellsOf[d.Cell]
	if d.Cell == "mlstm" {
		return e.refuse("ONNX has no such cell, and rows of different lengths are not written for it")
	}
	if !ok {
		return e.refuse("ONNX has no such cell")
	}
	name, x, y := e.o.Name, e.value(0), e.o.Outputs[0]
	steps := y.Layout.Steps > 1
	if !steps {
		x = e.op("Unsqueeze", name+".step", []string{x, e.ints(0)})
	}
	w, r, bias := e.cellWeights(c, d)
	inputs := []string{x, w, r, bias, ""}
	if d.Lengths != nil {
		inputs[4] = e.inputs[d.Lengths]
	}
	for _, s := range d.States {
		inputs = append(inputs, e.carried(s))
	}
	if d.Cell == "lstm-peephole" {
		for len(inputs) < 7 {
			inputs = append(inputs, "")
		}
		inputs = append(inputs, e.peepholes(d))
	}
	at := append([]attribute{{"hidden_size", d.Hidden}}, c.settled...)
	out := e.ops(c.kind, name, inputs, 1+len(d.States), at...)
	for i, s := range d.States {
		e.carry(s, "Identity", out[1+i])
	}
	axes := []int{1}
	if !steps {
		axes = []int{0, 1}
	}
	e.set(e.op("Squeeze", name+".one-way", []string{out[0], e.ints(axes...)}))
	return nil
}

// carried is the input that a state is.
func (e *exporter) carried(s *nn.State) string {
	from := e.name(s.Name)
	e.graph.inputs = append(e.graph.inputs, info(from, float32Type, []any{1, "batch", s.Width}))
	return from
}

// carry makes an output of the next state by an operator of values.
func (e *exporter) carry(s *nn.State, kind string, values ...string) {
	next := e.op(kind, s.Name+".next", values)
	e.outputs = append(e.outputs, info(next, float32Type, []any{1, "batch", s.Width}))
}

// cellWeights are the weights in ONNX's order of gates: W [1, gates*H, in], R [1, gates*H, H], B [1, 2*gates*H].
func (e *exporter) cellWeights(c cell, d nn.RecurrentOp) (w, r, bias string) {
	h, p := d.Hidden, d.Params
	data := func(i int) []float32 { return p[i].Value().Data }
	ih, hh, b := data(0), data(1), []float32(nil)
	if d.Cell == "gru-textbook" {
		hh = slices.Concat(hh, data(2))
		b = c.order(data(3), h)
		b = append(b, make([]float32, len(b))...)
	} else {
		b = slices.Concat(c.order(data(2), h), c.order(data(3), h))
	}
	in, n := p[0].Cols, len(c.gates)*h
	suffix := ".onnx"
	w = e.floats(p[0].Name+suffix, []int{1, n, in}, c.order(ih, h*in))
	r = e.floats(p[1].Name+suffix, []int{1, n, h}, c.order(hh, h*h))
	return w, r, e.floats(e.o.Name+".bias"+suffix, []int{1, 2 * n}, b)
}

// order puts blocks of values in ONNX's order.
func (c cell) order(values []float32, block int) []float32 {
	var out []float32
	for _, gate := range c.gates {
		part := slices.Clone(values[gate*block : (gate+1)*block])
		if gate == c.negated {
			for i := range part {
				part[i] = -part[i]
			}
		}
		out = append(out, part...)
	}
	return out
}

// peepholes are those of the gates i, o and f.
func (e *exporter) peepholes(d nn.RecurrentOp) string {
	p := d.Params[4:]
	return e.floats(e.o.Name+".peepholes.onnx", []int{1, 3 * d.Hidden}, slices.Concat(p[0].Value().Data, p[2].Value().Data, p[1].Value().Data))
}
