package nn

import "github.com/rondo-ml/rondo/tensor"

// activation is an element-wise function and its gradient, which is a function
// of its result, or of what it was given.
type activation struct {
	forward    func(y, x []float32)
	backward   func(dx, dy, kept []float32) // dx += dy·f'(x)
	keepsGiven bool                         // kept is x, not y
	rectifier  tensor.Rectifier             // that it is, or Identity
	is         ElementOp
}

var (
	tanhActivation    = activation{forward: tensor.Tanh, backward: tensor.TanhBack, is: ElementOp{Function: "tanh"}}
	sigmoidActivation = activation{forward: tensor.Sigmoid, backward: tensor.SigmoidBack, is: ElementOp{Function: "sigmoid"}}
	reluActivation    = rectifier(tensor.ReLU, "relu")
	relu6Activation   = rectifier(tensor.ReLU6, "relu6")
	geluActivation    = activation{forward: tensor.GELU, backward: tensor.GELUBack, keepsGiven: true, is: ElementOp{Function: "gelu"}}
	siluActivation    = activation{forward: tensor.SiLU, backward: tensor.SiLUBack, keepsGiven: true, is: ElementOp{Function: "silu"}}
)

// Tanh records y = tanh(x), element by element.
func (t *Tape) Tanh(name string, x *Node) *Node { return t.activate(name, x, tanhActivation) }

// Sigmoid records y = 1/(1+exp(-x)), element by element.
func (t *Tape) Sigmoid(name string, x *Node) *Node {
	y := t.activate(name, x, sigmoidActivation)
	y.holds = "probabilities"
	return y
}

// ReLU records y = max(x, 0), element by element; NaN stays NaN.
func (t *Tape) ReLU(name string, x *Node) *Node { return t.activate(name, x, reluActivation) }

// ReLU6 records y = min(max(x, 0), 6), element by element; NaN stays NaN.
func (t *Tape) ReLU6(name string, x *Node) *Node { return t.activate(name, x, relu6Activation) }

// GELU records y = x·Φ(x), element by element, with the normal distribution Φ
// by the error function: the exact form, which is PyTorch's default.
func (t *Tape) GELU(name string, x *Node) *Node { return t.activate(name, x, geluActivation) }

// SiLU records y = x/(1+exp(-x)), also called swish, element by element.
func (t *Tape) SiLU(name string, x *Node) *Node { return t.activate(name, x, siluActivation) }

func (t *Tape) activate(name string, x *Node, f activation) *Node {
	f = t.passing(f)
	op := &activate{byRows: byRows{pool: t.pool, x: x, y: t.like(x), grain: rowGrain(x.Cols)}, f: f}
	if op.kept = op.y; f.keepsGiven {
		op.kept = x
	}
	op.forward, op.backward = op.forwardRows, op.backwardRows
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{op.kept}, Sets: true, Strided: true})
	return op.y
}

// inCache is how many values are cleared at a time before they are added to: they stay in the first cache.
const inCache = 2048

type activate struct {
	byRows
	f    activation
	kept *Node // x or y
}

func (o *activate) forwardRows(lo, hi int) {
	x, y := o.x.Value().Slice(lo, hi), o.y.Value().Slice(lo, hi)
	runs(func(y, x, _ []float32) { o.f.forward(y, x) }, y, x, x)
}

func (o *activate) backwardRows(lo, hi int) {
	runs(func(dx, dy, kept []float32) {
		for i := 0; i < len(dx); i += inCache {
			end := min(i+inCache, len(dx))
			if o.fresh {
				clear(dx[i:end])
			}
			o.f.backward(dx[i:end], dy[i:end], kept[i:end])
		}
	}, o.dx.Slice(lo, hi), o.y.Grad().Slice(lo, hi), o.kept.Value().Slice(lo, hi))
}

func rectifier(r tensor.Rectifier, name string) activation {
	return activation{
		forward:   func(y, x []float32) { tensor.Rectify(y, x, r) },
		backward:  func(dx, dy, y []float32) { tensor.RectifyBack(dx, dy, y, r) },
		rectifier: r,
		is:        ElementOp{Function: name},
	}
}

// Softmax records y = softmax(x), each row by itself:
//
//	y[j] = exp(x[j]) / Σ exp(x[k])
//
// It panics when rows have one column.
func (t *Tape) Softmax(name string, x *Node) *Node {
	refuseOneColumn(name, x)
	op := t.softmax(name, x, tensor.SoftmaxRows, tensor.SoftmaxBackRow)
	op.is = SoftmaxOp{}
	op.y.holds = "probabilities"
	return op.y
}

// softmax records y = forward(x), which gets some rows that lie behind one another.
// backward adds to the gradient of a row of x, from that of y and y.
func (t *Tape) softmax(name string, x *Node, forward func(y, x []float32, rows int), backward func(dx, dy, y []float32)) *byRows {
	op := &byRows{pool: t.pool, x: x, y: t.like(x), grain: 8}
	op.forward = func(lo, hi int) {
		n := op.x.Cols
		forward(op.y.Value().Data[lo*n:hi*n], op.x.Value().Data[lo*n:hi*n], hi-lo)
	}
	op.backward = func(lo, hi int) {
		for row := lo; row < hi; row++ {
			dx := op.dx.Row(row)
			if op.fresh {
				clear(dx)
			}
			backward(dx, op.y.Grad().Row(row), op.y.Value().Row(row))
		}
	}
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{op.y}, Sets: true})
	return op
}
