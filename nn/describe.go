package nn

import "github.com/rondo-ml/rondo/tensor"

// Operator is an operation as it was recorded, for those who list a network, draw it or write it in another form.
// [Layer] is what has become of it after Plan.
type Operator struct {
	Name            string
	Kind            string // "conv2d", "relu", "lstm"
	Inputs, Outputs []*Node
	Params          []*Param // that it uses
	MultiplyAdds    int      // of its matrix products and convolutions, those on padding included

	// Computes says what it does, by one of the types below or a pointer to its layer (*[BatchNorm], *[LayerNorm],
	// *[GroupNorm], *[LocalResponseNorm], *[PReLU]); nil where nothing here says it.
	Computes any
}

// What operations compute.
type (
	// ConvOp is a [Conv2d], or with Transposed a [ConvTranspose2d]: then Shape is that of the convolution whose
	// transpose it is.
	ConvOp struct {
		Shape        tensor.ConvShape
		Weight, Bias *Param // no bias: nil
		Transposed   bool
	}
	// DenseOp is a [Linear].
	DenseOp struct{ Weight, Bias *Param }
	// PoolOp is a pooling.
	PoolOp struct {
		Max      bool
		Shape    tensor.PoolShape
		CountPad bool
	}
	// BinsOp is an adaptive pooling whose bins are not windows side by side.
	BinsOp struct{ Max bool }
	// ElementOp is a function of every element. Alpha is the parameter of those that have one.
	ElementOp struct {
		Function string // "relu", "leaky relu"
		Alpha    float32
	}
	// SoftmaxOp is along the columns of a row.
	SoftmaxOp struct{ Log bool }
	// SumOp adds its inputs, each times its weight where Weights is not nil.
	SumOp struct{ Weights []float32 }
	// ProductOp multiplies its inputs element by element.
	ProductOp struct{}
	// GateOp multiplies the channels of the first input by the second, which has a number for each.
	GateOp struct{}
	// ScaleOp multiplies every column by a parameter.
	ScaleOp struct{ Weight *Param }
	// AffineOp multiplies every column by a constant and adds another.
	AffineOp struct{ Scale, Shift []float32 }
	// JoinOp puts the columns of its inputs side by side.
	JoinOp struct{}
	// ColumnsOp are columns [From, To) of the input.
	ColumnsOp struct{ From, To int }
	// PadOp puts zeros around images, or below zero cuts pixels off.
	PadOp struct{ Margins }
	// MaxoutOp is the largest of each K columns behind one another.
	MaxoutOp struct{ K int }
	// ReshapeOp is between images and rows in PyTorch's order, and TurnOp between time and the width of images.
	ReshapeOp struct{}
	TurnOp    struct{}
	// ResizeOp is a [Tape.Resize].
	ResizeOp struct{ ResizeOptions }
	// LookupOp are rows of a table by tokens, and OneHotOp such of the unit matrix.
	LookupOp struct {
		Tokens *Tokens
		Weight *Param
	}
	OneHotOp struct{ Tokens *Tokens }
	// RecurrentOp is a recurrent layer. Params are in the order of its kind's weights.
	RecurrentOp struct {
		Cell    string // as in [Cells], which has a program's own too
		Hidden  int
		Params  []*Param
		Scales  []*Param // of a weight that is normalized, Scale·V/‖V‖ row by row, where V is the one of Params; else nil
		States  []*State // h, or h and c; nil: every row starts at zero
		Lengths *Lengths
	}
	// ReverseOp has the steps of each row in reverse order, and BothWaysOp joins what two directions yield, the second in
	// reverse order.
	ReverseOp  struct{ Lengths *Lengths }
	BothWaysOp struct{ Lengths *Lengths }
	// StepsOp makes one row of all steps: "last", "first", "ends" (Split columns of the last, the others of the first), "mean" or "max".
	StepsOp struct {
		Take    string
		Split   int
		Lengths *Lengths
	}
)

// Operators lists what is recorded. It panics after Plan, which merges operations.
func (t *Tape) Operators() []Operator {
	if t.planned {
		panic("nn: Operators after Plan")
	}
	list := make([]Operator, len(t.ops))
	for i, l := range t.Layers() {
		use := &t.uses[i]
		o := Operator{Name: l.Name, Kind: l.Kind, Inputs: use.Inputs, Outputs: use.Outputs, Params: l.Params, MultiplyAdds: l.Operations / 2}
		if d, ok := t.ops[i].(describer); ok {
			o.Computes = d.describe()
		}
		switch d := o.Computes.(type) {
		case ElementOp:
			o.Kind = d.Function
		case SumOp:
			o.Kind = "add"
		case ProductOp:
			o.Kind = "mul"
		case SoftmaxOp:
			o.Kind = "softmax"
		case RecurrentOp:
			o.Kind = d.Cell
			if o.MultiplyAdds == 0 {
				o.MultiplyAdds = use.Outputs[0].Rows * productsOf(d.Params)
			}
		}
		list[i] = o
	}
	return list
}

// productsOf are the multiplications of a step's row with matrices of weights: all parameters but vectors.
func productsOf(params []*Param) (sum int) {
	for _, p := range params {
		if len(p.Shape) == 2 && p.Cols > 1 {
			sum += p.Size()
		}
	}
	return sum
}

// Given is what an input of the network holds, and nil of what an operation writes.
func (n *Node) Given() []float32 {
	if n.producer != given {
		return nil
	}
	return n.value.Data
}

// describer is an operation that says what it computes.
type describer interface{ describe() any }

func paramOf(w *Weight) *Param {
	if w == nil {
		return nil
	}
	return w.param
}
