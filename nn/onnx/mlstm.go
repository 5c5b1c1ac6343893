package onnx

import "github.com/rondo-ml/rondo/nn"

// multiplicative is a multiplicative LSTM (nn.Cells, "mlstm"), which is no operator of ONNX: a Scan over time of what is
// computed in a step. What the input contributes is two products over all steps before it.
func (e *exporter) multiplicative(d nn.RecurrentOp) {
	name, x, steps := e.o.Name, e.value(0), e.o.Outputs[0].Layout.Steps > 1
	if !steps {
		x = e.op("Unsqueeze", name+".step", []string{x, e.ints(0)})
	}
	var w [4]string // transposed: ih, mh, mih, mhh
	for i := range w {
		w[i] = e.op("Transpose", d.Params[i].Name+".transposed", []string{e.normed(d, i)}, attribute{"perm", []int{1, 0}})
	}
	gates := e.op("Add", name+".x", []string{e.op("MatMul", name+".x.product", []string{x, w[0]}), e.weight(d.Params[4])})
	factor := e.op("MatMul", name+".mx", []string{x, w[2]})
	var states []string
	for i := range 2 {
		if d.States == nil {
			states = append(states, e.nothing(x, d.Hidden))
		} else {
			states = append(states, e.op("Squeeze", d.States[i].Name+".now", []string{e.carried(d.States[i]), e.ints(0)}))
		}
	}
	out := e.ops("Scan", name, append(states, gates, factor), 3,
		attribute{"body", e.step(d, w[1], w[3])}, attribute{"num_scan_inputs", 2})
	for i, s := range d.States {
		e.carry(s, "Unsqueeze", out[i], e.ints(0))
	}
	y := out[2]
	if !steps {
		y = e.op("Squeeze", name+".one-step", []string{y, e.ints(0)})
	}
	e.set(y)
}

// step is the graph of one step: of h, c and a step's rows of what the input contributes, the next h and c, and h again.
func (e *exporter) step(d nn.RecurrentOp, wmh, wmhh string) *message {
	g := &graph{names: e.names, added: e.added} // it sees the values of the graph around it
	in := func(part string, width int) string {
		name := g.name(e.o.Name + ".in." + part)
		g.inputs = append(g.inputs, info(name, float32Type, []any{"batch", width}))
		return name
	}
	do := func(kind string, inputs ...string) string { return g.op(kind, e.o.Name+".at", inputs) }
	h, c, x, mx := in("h", d.Hidden), in("c", d.Hidden), in("x", 4*d.Hidden), in("mx", d.Hidden)
	m := do("Mul", mx, do("MatMul", h, wmhh))
	z := g.ops("Split", e.o.Name+".gates", []string{do("Add", x, do("MatMul", m, wmh))}, 4, attribute{"axis", -1})
	kept := do("Mul", do("Sigmoid", z[1]), c)
	next := do("Add", kept, do("Mul", do("Sigmoid", z[0]), do("Tanh", z[3])))
	y := do("Mul", do("Sigmoid", z[2]), do("Tanh", next))
	for _, result := range []string{y, next, do("Identity", y)} {
		g.outputs = append(g.outputs, info(result, float32Type, []any{"batch", d.Hidden}))
	}
	return g.message(e.o.Name + ".step")
}

// normed is a weight, which may be made of its direction and the lengths of its rows.
func (e *exporter) normed(d nn.RecurrentOp, i int) string {
	v := d.Params[i]
	if d.Scales[i] == nil {
		return e.weight(v)
	}
	long := e.op("ReduceL2", v.Name+".lengths", []string{e.weight(v)}, attribute{"axes", []int{1}}, attribute{"keepdims", 1})
	unit := e.op("Div", v.Name+".unit", []string{e.weight(v), e.op("Max", v.Name+".least", []string{long, e.number(1e-6)})})
	return e.op("Mul", v.Name+".normed", []string{unit, e.weight(d.Scales[i])})
}

// nothing is zeros for every row of a sequence.
func (e *exporter) nothing(x string, width int) string {
	shape := e.op("Shape", e.o.Name+".shape", []string{x})
	rows := e.op("Slice", e.o.Name+".batch", []string{shape, e.ints(1), e.ints(2)})
	return e.op("ConstantOfShape", e.o.Name+".zeros", []string{e.op("Concat", e.o.Name+".size", []string{rows, e.ints(width)}, attribute{"axis", 0})})
}
