package nn

import "github.com/rondo-ml/rondo/tensor"

// activation is an element-wise function whose derivative is a function of its
// result.
type activation struct {
	forward  func(y, x []float32)
	backward func(dx, dy, y []float32) // dx += dy·f'(x)
}

var (
	tanhActivation    = activation{tensor.Tanh, tensor.TanhBack}
	sigmoidActivation = activation{tensor.Sigmoid, tensor.SigmoidBack}
	reluActivation    = activation{relu, reluBack}
)

// Tanh records y = tanh(x), element by element.
func (t *Tape) Tanh(name string, x *Node) *Node { return t.activate(name, x, tanhActivation) }

// Sigmoid records y = 1/(1+exp(-x)), element by element.
func (t *Tape) Sigmoid(name string, x *Node) *Node { return t.activate(name, x, sigmoidActivation) }

// ReLU records y = max(x, 0), element by element; NaN stays NaN.
func (t *Tape) ReLU(name string, x *Node) *Node { return t.activate(name, x, reluActivation) }

func (t *Tape) activate(name string, x *Node, f activation) *Node {
	op := &activate{pool: t.pool, f: f, x: x, y: t.like(x)}
	op.forward = func(lo, hi int) { f.forward(op.y.Value().Data[lo:hi], op.x.Value().Data[lo:hi]) }
	op.backward = func(lo, hi int) {
		f.backward(op.x.Grad().Data[lo:hi], op.y.Grad().Data[lo:hi], op.y.Value().Data[lo:hi])
	}
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{op.y}})
	return op.y
}

type activate struct {
	pool *tensor.Pool
	f    activation
	x, y *Node

	forward, backward func(lo, hi int) // over elements
}

func (o *activate) Forward() { o.pool.For(o.x.Rows*o.x.Cols, 4096, o.forward) }

func (o *activate) Backward() {
	if o.x.NeedsGrad() {
		o.pool.For(o.x.Rows*o.x.Cols, 4096, o.backward)
	}
}

func relu(y, x []float32) {
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		y[i] = v
	}
}

func reluBack(dx, dy, y []float32) {
	for i, v := range y {
		if v > 0 {
			dx[i] += dy[i]
		}
	}
}
