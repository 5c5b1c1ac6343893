package nn

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rondo-ml/rondo/tensor"
)

// Layer is an operation of a planned tape, as people look at it.
type Layer struct {
	Name       string
	Kind       string   // "linear", "conv2d", "lstm", "batch norm"
	Inputs     []int    // layers whose outputs it reads, by index; -1: what comes from outside
	Output     Layout   // of its first output; no steps where it has none
	Columns    int      // of that output
	Params     []*Param // that it uses; of a derived weight those it is derived from are not known
	Operations int      // floating-point, of the matrix products and convolutions of one Forward
	Rectifies  bool     // a unit whose output is zero has no gradient
}

// Layers lists what the tape computes, in its order, after Plan: what was merged is one layer.
func (t *Tape) Layers() []Layer {
	list := make([]Layer, len(t.ops))
	for i, op := range t.ops {
		use := &t.uses[i]
		l := &list[i]
		l.Name, l.Kind, l.Rectifies = use.Name, kindOf(op), rectifies(op)
		for _, x := range use.Inputs {
			l.Inputs = append(l.Inputs, max(x.producer, -1))
		}
		if len(use.Outputs) > 0 {
			l.Output, l.Columns = use.Outputs[0].Layout, use.Outputs[0].Cols
		}
		for _, w := range use.Weights {
			if w.param != nil {
				l.Params = append(l.Params, w.param)
			}
		}
		if m, ok := op.(interface{ operations() int }); ok {
			l.Operations = m.operations()
		}
	}
	return list
}

// kindOf is the name of an operation's type, in words: "batch norm" of *nn.batchNorm, "lstm" of *nn.lstmOp.
func kindOf(op Operation) string {
	if o, ok := op.(*byStepOp); ok {
		return o.cell
	}
	name := fmt.Sprintf("%T", op)
	name = strings.TrimSuffix(name[strings.LastIndexByte(name, '.')+1:], "Op")
	var words strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			words.WriteByte(' ')
		}
		words.WriteRune(unicode.ToLower(r))
	}
	if words.String() == "by rows" {
		return "function of rows"
	}
	return words.String()
}

func rectifies(op Operation) bool {
	switch op := op.(type) {
	case *activate:
		return op.f.rectifier != tensor.Identity
	case *batchNorm:
		return op.r != tensor.Identity
	case *groupNorm:
		return op.r != tensor.Identity
	case *rnnOp:
		return op.relu
	}
	return false
}

// Inspector is called in replays with the indices of layers. It may read the tape's values, and changes none.
type Inspector interface {
	// Forward is called after a layer's Forward, while [Tape.OutputsOf] and [Tape.Gates] hold.
	Forward(layer int)
	// Backward is called after its Backward, while [Tape.GateGradients] hold.
	Backward(layer int)
}

// Inspect has the inspector called in the replays that follow; nil ends it. No operation leaves out values that nobody else
// reads. A tape that is not inspected spends nothing on it.
func (t *Tape) Inspect(i Inspector) {
	t.inspector = i
	t.look()
}

// look finds out whether anybody looks at values that no operation reads.
func (t *Tape) look() { t.looking = t.see != nil || t.inspector != nil || t.inner != nil }

// OutputsOf returns what a layer yields.
func (t *Tape) OutputsOf(layer int) []*Node { return t.uses[layer].Outputs }

// Gate is a sigmoid gate of a recurrent layer.
type Gate struct {
	Name   string        // "forget"
	Values tensor.Matrix // [T*L*R, H]; rows that lack a step hold anything
	Has    func(row int) bool
}

// gated is a recurrent operation with gates.
type gated interface {
	// gateValues are the values of all gates, side by side, and what each is called; "" for one that is no sigmoid.
	gateValues() (values tensor.Matrix, names []string)
	has(row int) bool
}

// Gates returns the gates of a recurrent layer.
func (t *Tape) Gates(layer int) (gates []Gate) {
	o, ok := t.ops[layer].(gated)
	if !ok {
		return nil
	}
	values, names := o.gateValues()
	width := values.Cols / len(names)
	for i, name := range names {
		if name != "" {
			gates = append(gates, Gate{name, values.Columns(i*width, (i+1)*width), o.has})
		}
	}
	return gates
}

// recurrence is a recurrent operation.
type recurrence interface {
	// gateGradients are those of what enters the gates, [T*L*R, gates*H], and the rows of a time step; of a cell that
	// is written by step those of its output.
	gateGradients() (gradients tensor.Matrix, rows int)
}

// GateGradients returns the gradient of what enters the gates (or the tanh) of a recurrent layer, of a [Cell] that of its
// output, and the rows of a time step in it. Of steps that no row has there is none. Of other layers it has no rows.
func (t *Tape) GateGradients(layer int) (gradients tensor.Matrix, rows int) {
	if o, ok := t.ops[layer].(recurrence); ok {
		return o.gateGradients()
	}
	return tensor.Matrix{}, 0
}

// has says whether row lies before its sequence's end.
func (s *sequence) has(row int) bool {
	return s.lengths == nil || int(s.lengths.Of[row%s.rows]) > row/s.rows
}

// soFar is the part of the gradients of the steps that are computed.
func (s *sequence) soFar(gradients tensor.Matrix) (tensor.Matrix, int) {
	return gradients.Slice(0, s.layout().Steps*s.rows), s.rows
}

func (o *rnnOp) gateGradients() (tensor.Matrix, int)         { return o.soFar(o.y.Grad()) }
func (o *lstmOp) gateGradients() (tensor.Matrix, int)        { return o.soFar(o.matrix(o.gates)) }
func (o *gruOp) gateGradients() (tensor.Matrix, int)         { return o.soFar(o.matrix(o.gates)) }
func (o *gruTextbookOp) gateGradients() (tensor.Matrix, int) { return o.soFar(o.matrix(o.gates)) }
func (o *mlstmOp) gateGradients() (tensor.Matrix, int)       { return o.soFar(o.matrix(o.gates)) }

func (o *lstmOp) gateValues() (tensor.Matrix, []string) {
	return o.matrix(o.gates), []string{"input", "forget", "", "output"}
}
func (o *gruOp) gateValues() (tensor.Matrix, []string) {
	return o.matrix(o.gates), []string{"reset", "update", ""}
}
func (o *gruTextbookOp) gateValues() (tensor.Matrix, []string) {
	return o.matrix(o.gates), []string{"reset", "update", ""}
}
func (o *mlstmOp) gateValues() (tensor.Matrix, []string) {
	return o.matrix(o.gates), []string{"input", "forget", "output", ""}
}
