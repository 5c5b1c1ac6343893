package nn

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// operations are the networks of one operation each (recurrent layers are
// checked in recurrent_test.go).
func operations(shape Shape) map[string]network {
	on := func(cols int, f func(ps *Params, name string) func(*Tape, *Node) *Node) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x, op := newSource(ps, "x", shape, cols), f(ps, "op")
			return func(t *Tape, _ *States) *Node { return op(t, x.Forward(t)) }
		}
	}
	plain := func(f func(t *Tape, x *Node) *Node) network {
		return on(5, func(*Params, string) func(*Tape, *Node) *Node { return f })
	}
	return map[string]network{
		"linear": on(5, func(ps *Params, name string) func(*Tape, *Node) *Node {
			return NewLinear(ps, name, 5, 7, true).Forward
		}),
		"linear without bias": on(3, func(ps *Params, name string) func(*Tape, *Node) *Node {
			return NewLinear(ps, name, 3, 18, false).Forward
		}),
		"one linear used twice": on(4, func(ps *Params, name string) func(*Tape, *Node) *Node {
			l := NewLinear(ps, name, 4, 4, true)
			return func(t *Tape, x *Node) *Node { return l.Forward(t, l.Forward(t, x)) }
		}),
		"dropout": plain(NewDropout("drop", 0.4, 3).Forward),
		"tanh":    plain(func(t *Tape, x *Node) *Node { return t.Tanh("tanh", x) }),
		"sigmoid": plain(func(t *Tape, x *Node) *Node { return t.Sigmoid("sigmoid", x) }),
		"relu":    plain(func(t *Tape, x *Node) *Node { return t.ReLU("relu", t.shifted(x)) }),
		"gelu":    plain(func(t *Tape, x *Node) *Node { return t.GELU("gelu", x) }),
		"silu":    plain(func(t *Tape, x *Node) *Node { return t.SiLU("silu", x) }),
		"softmax": plain(func(t *Tape, x *Node) *Node { return t.Softmax("softmax", x) }),
		"relu6":   plain(func(t *Tape, x *Node) *Node { return t.ReLU6("relu6", t.shifted(x)) }),
		"embedding": func(ps *Params) func(*Tape, *States) *Node {
			e := NewEmbedding(ps, "op", 6, 5)
			return func(t *Tape, _ *States) *Node { return e.Forward(t, someTokens(t, shape, 6).Tokens) }
		},
	}
}

func TestGradients(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 2, Rows: 2}
	for name, build := range operations(shape) {
		t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
	}
}

func TestLanes(t *testing.T) {
	for _, shape := range []Shape{{Steps: 3, Lanes: 4, Rows: 2}, {Steps: 1, Lanes: 4, Rows: 5}} {
		for name, build := range operations(shape) {
			t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
		}
	}
}

// lateTokens fills its tokens when the tape is replayed: only then is the place
// of the tape's lanes known.
type lateTokens struct {
	tape   *Tape
	all    Shape
	tokens *textBatch
}

// lossCount is the number of targets that the tests' losses are a mean over.
const lossCount = 10

// someTokens returns symbols that depend on the place among all lanes. One
// target in four is missing.
func someTokens(t *Tape, all Shape, vocab int) *textBatch {
	op := &lateTokens{tape: t, all: all, tokens: newTextBatch(t.Shape, vocab)}
	op.tokens.Count = lossCount
	t.Record(op, Use{Name: "tokens"})
	return op.tokens
}

func (o *lateTokens) Forward() {
	for i := range o.tokens.Input {
		at := globalRow(o.tape, o.all, o.tape.Shape.Layout(), i)
		o.tokens.Input[i], o.tokens.Target[i] = int32(at*7%o.tokens.Vocab), int32(at*5%o.tokens.Vocab)
		if at%4 == 3 {
			o.tokens.Target[i] = -1
		}
	}
}

func (o *lateTokens) Backward() {}

// shifted moves x away from 0, where ReLU has no derivative: finite differences
// reach 1/16 to both sides.
func (t *Tape) shifted(x *Node) *Node {
	op := &shift{x: x, y: t.like(x)}
	t.Record(op, Use{Name: "shift", Inputs: []*Node{x}, Outputs: []*Node{op.y}})
	return op.y
}

type shift struct{ x, y *Node }

func (o *shift) Forward() {
	for i, v := range o.x.Value().Data {
		// The sign of the shift depends on the column, not on the value.
		o.y.Value().Data[i] = v + float32(1-2*(i%o.x.Cols%2))
	}
}

func (o *shift) Backward() {
	tensor.Axpy(o.x.Grad().Data, 1, o.y.Grad().Data)
}

func TestReLUKeepsNaN(t *testing.T) {
	for _, f := range []activation{reluActivation, relu6Activation} {
		x := []float32{float32(math.NaN()), -1, 0, 2}
		f.forward(x, x)
		if !math.IsNaN(float64(x[0])) || x[1] != 0 || x[2] != 0 || x[3] != 2 {
			t.Errorf("relu gives %v", x)
		}
	}
}

// textBatch is a text and what should follow each of its symbols.
type textBatch struct {
	*Tokens
	*Targets
}

func newTextBatch(s Shape, vocab int) *textBatch {
	return &textBatch{NewTokens(s, vocab), NewTargets(s.Layout())}
}
