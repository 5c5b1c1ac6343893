package nn

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// Mul records y = a·b, element by element.
func (t *Tape) Mul(name string, a, b *Node) *Node {
	sameElements(name, "multiplies", a, b)
	y := t.like(a)
	forward := func(lo, hi int) {
		tensor.Mul(y.Value().Data[lo:hi], a.Value().Data[lo:hi], b.Value().Data[lo:hi])
	}
	t.elements(name, ProductOp{}, y, []*Node{a, b}, []*Node{a, b}, forward, func(i int, dx []float32, set bool, lo, hi int) {
		other := b
		if i == 1 {
			other = a
		}
		if dy := y.Grad().Data[lo:hi]; set {
			tensor.Mul(dx, dy, other.Value().Data[lo:hi])
		} else {
			tensor.AddMul(dx, dy, other.Value().Data[lo:hi])
		}
	})
	return y
}

// Scale records y = factor·x, element by element.
func (t *Tape) Scale(name string, x *Node, factor float32) *Node {
	return t.WeightedAdd(name, []float32{factor}, x)
}

// Sub records y = a - b.
func (t *Tape) Sub(name string, a, b *Node) *Node {
	sameElements(name, "subtracts", a, b)
	return t.WeightedAdd(name, []float32{1, -1}, a, b)
}

// WeightedAdd records y = Σ weights[i]·xs[i], added in order. It panics unless there
// is a weight for each of one node or more, all of one shape.
func (t *Tape) WeightedAdd(name string, weights []float32, xs ...*Node) *Node {
	if len(xs) == 0 || len(weights) != len(xs) {
		panic(fmt.Sprintf("nn: %s adds %d activations with %d weights", name, len(xs), len(weights)))
	}
	for _, x := range xs[1:] {
		sameElements(name, "adds", xs[0], x)
	}
	xs, weights = slices.Clone(xs), slices.Clone(weights)
	y := t.like(xs[0])
	forward := func(lo, hi int) {
		to := y.Value().Data[lo:hi]
		tensor.Scale(to, xs[0].Value().Data[lo:hi], weights[0])
		for i, x := range xs[1:] {
			tensor.Axpy(to, weights[i+1], x.Value().Data[lo:hi])
		}
	}
	t.elements(name, SumOp{weights}, y, xs, nil, forward, func(i int, dx []float32, set bool, lo, hi int) {
		if dy := y.Grad().Data[lo:hi]; set {
			tensor.Scale(dx, dy, weights[i])
		} else {
			tensor.Axpy(dx, weights[i], dy)
		}
	})
	return y
}

// sameElements panics unless two operands have the same rows and columns.
func sameElements(name, what string, a, b *Node) {
	if !a.Layout.SameRows(b.Layout) || a.Cols != b.Cols {
		panic(fmt.Sprintf("nn: %s %s %dx%d and %dx%d (%v; %v)", name, what, a.Rows, a.Cols, b.Rows, b.Cols, a, b))
	}
}

// elements records an operation on elements that lie in the same places of all its
// inputs and of y. forward computes elements [lo, hi) of y, and backward adds those
// of the gradient of input i to dx, or sets them; dx may be the gradient of y.
func (t *Tape) elements(name string, is any, y *Node, inputs, keep []*Node, forward func(lo, hi int),
	backward func(i int, dx []float32, set bool, lo, hi int)) {
	op := &elements{pool: t.pool, is: is, y: y, inputs: inputs, forward: forward, grads: make([]tensor.Matrix, len(inputs)), set: make([]bool, len(inputs))}
	inPlace := !slices.Contains(inputs[1:], inputs[0])
	op.backward = func(lo, hi int) {
		for ; lo < hi; lo += inCache {
			end := min(lo+inCache, hi)
			for i := range inputs {
				if inPlace {
					i = (i + 1) % len(inputs) // the first one last: it may be written over what the others are formed from
				}
				if dx := op.grads[i]; dx.Rows > 0 {
					backward(i, dx.Data[lo:end], op.set[i], lo, end)
				}
			}
		}
	}
	t.Record(op, Use{Name: name, Inputs: inputs, Outputs: []*Node{y}, Keep: keep, Sets: true, InPlace: inPlace})
}

type elements struct {
	pool   *tensor.Pool
	is     any // what it computes, for people
	y      *Node
	inputs []*Node

	grads []tensor.Matrix // of the inputs while Backward runs
	set   []bool          // which are to be set

	forward, backward func(lo, hi int)
}

func (o *elements) Forward() { o.pool.For(o.y.Rows*o.y.Cols, elementGrain, o.forward) }

func (o *elements) Backward() {
	for i, x := range o.inputs {
		o.grads[i], o.set[i] = x.TakeGrad()
	}
	o.pool.For(o.y.Rows*o.y.Cols, elementGrain, o.backward)
}
