package memory

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/summary"
)

// recorder makes a graph of what is on a tape.
type recorder struct {
	graph
	at map[*nn.Node]int
}

func graphOf(tape *nn.Tape, batch *nn.Batch, out *nn.Node) *graph {
	r := &recorder{at: map[*nn.Node]int{}}
	// What only computes lengths of sequences yields no value.
	ops := slices.DeleteFunc(tape.Operators(), func(o nn.Operator) bool { return len(o.Outputs) == 0 })
	readers := map[*nn.Node]int{} // how many operations read it
	for _, o := range ops {
		for _, x := range once(o.Inputs) {
			readers[x]++
		}
	}
	for _, o := range ops {
		sort, inPlace, gathers := sortOf(o)
		inputs := once(o.Inputs)
		if inPlace && len(inputs) == 1 && len(o.Outputs) == 1 && readers[inputs[0]] == 1 && inputs[0] != out && r.extends(inputs[0], o, gathers) {
			continue
		}
		r.add(o, inputs, batch, sort, inPlace)
	}
	g := &r.graph
	g.last = make([]bool, len(g.values))
	if at, ok := r.at[out]; ok {
		g.last[at] = true
	}
	g.readers = make([][]int, len(g.values))
	for k, o := range g.ops {
		for _, v := range o.reads {
			g.readers[v] = append(g.readers[v], k)
		}
	}
	return g
}

// extends has the operation that writes x, and nothing else, apply o to it in place, if there is one.
func (r *recorder) extends(x *nn.Node, o nn.Operator, gathers bool) bool {
	v, known := r.at[x]
	if !known || r.writer[v] < 0 {
		return false
	}
	y := o.Outputs[0]
	w := &r.ops[r.writer[v]]
	if len(w.writes) != 1 || x.Rows*x.Cols != y.Rows*y.Cols {
		return false
	}
	w.kind += " + " + o.Kind
	w.gathers = w.gathers || gathers
	r.at[y] = v
	r.values[v].Shape = summary.Shape(y)
	return true
}

func (r *recorder) add(o nn.Operator, inputs []*nn.Node, batch *nn.Batch, sort sort, inPlace bool) {
	op := operation{name: o.Name, kind: o.Kind, sort: sort, reads: []int{}}
	if c, ok := o.Computes.(nn.ConvOp); ok && sort == byChannel && !c.Transposed {
		op.kind = "depthwise"
	}
	for _, x := range inputs {
		v, known := r.at[x]
		if !known {
			v = r.value(x, summary.PartOf(batch, x), -1)
		}
		op.reads = append(op.reads, v)
	}
	for i, y := range o.Outputs {
		name := o.Name
		if i > 0 {
			name = fmt.Sprintf("%s (%d)", o.Name, i+1)
		}
		op.writes = append(op.writes, r.value(y, name, len(r.ops)))
	}
	if inPlace && len(op.writes) == 1 {
		op.over = op.reads
		if _, gate := o.Computes.(nn.GateOp); gate {
			op.over = op.reads[:1]
		}
	}
	r.ops = append(r.ops, op)
}

func (r *recorder) value(x *nn.Node, name string, writer int) int {
	v := len(r.values)
	r.at[x] = v
	r.values = append(r.values, Value{Name: name, Shape: summary.Shape(x), Bytes: 4 * int64(x.Rows) * int64(x.Cols)})
	r.given, r.writer = append(r.given, writer < 0), append(r.writer, writer)
	return v
}

// once leaves out what is there already.
func once(list []*nn.Node) (short []*nn.Node) {
	for _, x := range list {
		if !slices.Contains(short, x) {
			short = append(short, x)
		}
	}
	return short
}

// sortOf says what an operation does with channels, whether it may write over its input, and whether it then looks at
// several channels at once.
func sortOf(o nn.Operator) (s sort, inPlace, gathers bool) {
	switch d := o.Computes.(type) {
	case nn.ConvOp:
		switch groups := max(1, d.Shape.Groups); {
		case d.Transposed:
			return other, false, false
		case groups == 1:
			return dense, false, false
		case groups == d.Shape.Cin && groups == d.Shape.Cout:
			return byChannel, false, false
		}
		return grouped, false, false
	case nn.PoolOp, nn.BinsOp, nn.ResizeOp, nn.PadOp:
		return byChannel, false, false
	case nn.ElementOp, nn.ScaleOp, nn.AffineOp, *nn.BatchNorm, *nn.PReLU:
		return byChannel, true, false
	case nn.SumOp, nn.ProductOp, nn.GateOp:
		return other, true, true
	case *nn.LayerNorm, *nn.GroupNorm, nn.SoftmaxOp, nn.ReshapeOp:
		return other, true, true
	}
	return other, false, false
}
