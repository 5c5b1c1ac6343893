package onnx

import (
	"math"

	"github.com/rondo-ml/rondo/nn"
)

// overTime writes what is between time and rows, and what reads tokens.
func (e *exporter) overTime() error {
	o := &e.o
	switch d := o.Computes.(type) {
	case nn.LookupOp:
		e.set(e.op("Gather", o.Name, []string{e.weight(d.Weight), e.inputs[d.Tokens]}))
	case nn.OneHotOp:
		values := e.floats(o.Name+".values", []int{2}, []float32{0, 1})
		e.set(e.op("OneHot", o.Name, []string{e.inputs[d.Tokens], e.scalar(o.Outputs[0].Cols), values}))
	case nn.ReverseOp:
		e.set(e.reversed(o.Name, e.value(0), o.Inputs[0], d.Lengths))
	case nn.BothWaysOp:
		back := e.reversed(o.Name+".back", e.value(1), o.Inputs[1], d.Lengths)
		e.set(e.op("Concat", o.Name, []string{e.value(0), back}, attribute{"axis", -1}))
	case nn.StepsOp:
		e.oneStep(d)
	case nn.TurnOp:
		e.turn()
	default:
		return e.refuse("it has no counterpart here")
	}
	return nil
}

// reversed has the steps of each row in reverse order.
func (e *exporter) reversed(name, x string, n *nn.Node, lengths *nn.Lengths) string {
	if n.Layout.Steps == 1 {
		return x
	}
	if lengths == nil {
		return e.op("Slice", name, []string{x, e.ints(-1), e.ints(math.MinInt32), e.ints(0), e.ints(-1)})
	}
	long := e.op("Cast", name+".lengths", []string{e.inputs[lengths]}, attribute{"to", int64Type})
	return e.op("ReverseSequence", name, []string{x, long}, attribute{"time_axis", 0}, attribute{"batch_axis", 1})
}

// turn is between time and the width of images.
func (e *exporter) turn() {
	name, x, y := e.o.Name, e.o.Inputs[0], e.o.Outputs[0]
	switch {
	case y.Layout.IsImage() && x.Layout.Steps == 1:
		e.set(e.op("Reshape", name, []string{e.value(0), e.ints(0, 0, 1, 1)}))
	case y.Layout.IsImage():
		lines := e.op("Transpose", name+".lines", []string{e.value(0)}, attribute{"perm", []int{1, 2, 0}})
		e.set(e.op("Unsqueeze", name, []string{lines, e.ints(2)}))
	default: // channel by channel, each with its column of pixels
		steps := e.op("Transpose", name+".steps", []string{e.value(0)}, attribute{"perm", []int{3, 0, 1, 2}})
		shape := []int{y.Layout.Steps, -1, y.Cols}
		if y.Layout.Steps == 1 {
			shape = []int{-1, y.Cols}
		}
		e.set(e.op("Reshape", name, []string{steps, e.ints(shape...)}))
	}
}

// oneStep makes one row of all steps.
func (e *exporter) oneStep(d nn.StepsOp) {
	name, x := e.o.Name, e.value(0)
	if e.o.Inputs[0].Layout.Steps == 1 {
		e.set(x)
		return
	}
	switch d.Take {
	case "first":
		e.set(e.at(name, x, 0))
	case "last":
		e.set(e.last(name, x, d.Lengths))
	case "ends":
		last := e.op("Slice", name+".ahead", []string{e.last(name+".last", x, d.Lengths), e.ints(0), e.ints(d.Split), e.ints(-1)})
		first := e.op("Slice", name+".back", []string{e.at(name+".first", x, 0), e.ints(d.Split), e.ints(math.MaxInt32), e.ints(-1)})
		e.set(e.op("Concat", name, []string{last, first}, attribute{"axis", -1}))
	case "max":
		if d.Lengths != nil {
			x = e.op("Where", name+".live", []string{e.live(name, x, d.Lengths), x, e.number(-math.MaxFloat32)})
		}
		e.set(e.op("ReduceMax", name, []string{x}, attribute{"axes", []int{0}}, attribute{"keepdims", 0}))
	default:
		e.mean(name, x, d.Lengths)
	}
}

// at is step t of all rows.
func (e *exporter) at(name, x string, t int) string {
	return e.op("Gather", name, []string{x, e.scalar(t)}, attribute{"axis", 0})
}

// last is each row's last step.
func (e *exporter) last(name, x string, lengths *nn.Lengths) string {
	if lengths == nil {
		return e.at(name, x, -1)
	}
	long := e.op("Cast", name+".lengths", []string{e.inputs[lengths]}, attribute{"to", int64Type})
	end := e.op("Sub", name+".end", []string{e.op("Max", name+".some", []string{long, e.scalar(1)}), e.scalar(1)})
	rows := e.op("Transpose", name+".rows", []string{x}, attribute{"perm", []int{1, 0, 2}})
	return e.op("GatherND", name, []string{rows, e.op("Unsqueeze", name+".place", []string{end, e.ints(1)})}, attribute{"batch_dims", 1})
}

// live says which steps each row has, [time, batch, 1].
func (e *exporter) live(name, x string, lengths *nn.Lengths) string {
	time := e.op("Gather", name+".time", []string{e.op("Shape", name+".shape", []string{x}), e.scalar(0)}, attribute{"axis", 0})
	steps := e.op("Unsqueeze", name+".steps", []string{e.op("Range", name+".range", []string{e.scalar(0), time, e.scalar(1)}), e.ints(1)})
	long := e.op("Cast", name+".lengths", []string{e.inputs[lengths]}, attribute{"to", int64Type})
	return e.op("Unsqueeze", name+".has", []string{e.op("Less", name+".before", []string{steps, long}), e.ints(2)})
}

func (e *exporter) mean(name, x string, lengths *nn.Lengths) {
	if lengths == nil {
		e.set(e.op("ReduceMean", name, []string{x}, attribute{"axes", []int{0}}, attribute{"keepdims", 0}))
		return
	}
	kept := e.op("Where", name+".kept", []string{e.live(name, x, lengths), x, e.number(0)})
	sum := e.op("ReduceSum", name+".sum", []string{kept, e.ints(0)}, attribute{"keepdims", 0})
	count := e.op("Cast", name+".count", []string{e.inputs[lengths]}, attribute{"to", float32Type})
	each := e.op("Unsqueeze", name+".each", []string{e.op("Max", name+".most", []string{count, e.number(1)}), e.ints(1)})
	e.set(e.op("Div", name, []string{sum, each}))
}
