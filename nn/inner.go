package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// A tape may look inside a network that has learnt: it computes what inference
// computes, lets nothing be merged or left out, and differentiates any activation
// by any other and by the input. Weights have no gradients there.

// Passing is what a rectifier lets through on the way back.
type Passing uint8

// The ways. The second makes of a network's gradient the projection by a
// deconvolutional network, which goes back through poolings by where their maxima
// were and through convolutions by their transposes (Zeiler, Fergus 2014); the
// third is that of Springenberg et al. (2015).
const (
	Gradient      Passing = iota // what had passed forward
	Deconvolution                // what is above zero
	Guided                       // what had passed forward and is above zero
)

// String returns the name as people type it.
func (p Passing) String() string {
	if p > Guided {
		return fmt.Sprintf("passing %d", uint8(p))
	}
	return [...]string{"gradient", "deconv", "guided"}[p]
}

// inner is what a tape that looks inside has beside others.
type inner struct {
	passing   Passing
	inputs    []*Node
	keptGrads []*Node
	memories  []memory
}

// LookInside makes an empty tape for Training one that looks inside a network: its
// operations do what they do for inference, so nothing is dropped, and norms take
// their running statistics; every activation has a gradient, the batch's images and
// values too, and no weight has one. It panics when something is recorded already.
func (t *Tape) LookInside(p Passing) {
	if len(t.ops) > 0 || t.Mode != Training {
		panic("nn: LookInside is for an empty tape for Training")
	}
	t.inner, t.looking = &inner{passing: p}, true
}

// learns says whether operations do what they do to learn.
func (t *Tape) learns() bool { return t.Mode == Training && t.inner == nil }

// given adds an activation whose values come from outside.
func (t *Tape) given(l Layout, cols int, data []float32) *Node {
	n := &Node{Rows: l.Total(), Cols: cols, Layout: l, value: &Buffer{Data: data}, tape: t, producer: given}
	if t.inner != nil {
		n.needsGrad = true
		t.nodes = append(t.nodes, n)
		t.inner.inputs = append(t.inner.inputs, n)
	}
	return n
}

// Inputs returns the activations that come from outside, on a tape that looks
// inside. Their gradients hold after Backward until the next. A part of a batch that
// a model asks for twice is there twice.
func (t *Tape) Inputs() []*Node {
	if t.inner == nil {
		return nil
	}
	return t.inner.inputs
}

// Recorded is an activation by the name of the operation that writes it.
type Recorded struct {
	Name string // of several outputs, the first alone has just the operation's
	*Node
}

// Outputs returns what the operations recorded so far write, in their order.
func (t *Tape) Outputs() (all []Recorded) {
	for i := range t.uses {
		for k, y := range t.uses[i].Outputs {
			name := t.uses[i].Name
			if k > 0 {
				name = fmt.Sprintf("%s.%d", name, k)
			}
			all = append(all, Recorded{name, y})
		}
	}
	return all
}

// KeepGrad says that n's gradient is read after Backward. It is called before Plan,
// on a tape that looks inside.
func (t *Tape) KeepGrad(n *Node) { t.inner.keptGrads = append(t.inner.keptGrads, n) }

// keepGrads lets gradients live until Backward ends.
func (t *Tape) keepGrads() {
	if t.inner == nil {
		return
	}
	for _, n := range t.inner.keptGrads {
		if g := n.gradRoot().grad; g != nil {
			g.extend(2 * len(t.ops))
		}
	}
}

// BeginAt has Backward begin at nodes: it adds what is in the returned matrices, one
// of the shape of each, to the gradients of these activations. They begin as zeros.
// It is recorded behind all that is to be differentiated; what else the network ends
// in has no gradient.
func (t *Tape) BeginAt(name string, nodes ...*Node) []tensor.Matrix {
	op := &beginAt{nodes: nodes}
	for _, n := range nodes {
		op.grads = append(op.grads, tensor.Of(make([]float32, n.Rows*n.Cols), n.Rows, n.Cols))
	}
	t.Record(op, Use{Name: name, Inputs: nodes, Sets: true, Strided: true})
	return op.grads
}

type beginAt struct {
	nodes []*Node
	grads []tensor.Matrix
}

func (o *beginAt) Forward() {}

func (o *beginAt) Backward() {
	for i, n := range o.nodes {
		dx, fresh := n.TakeGrad()
		for r := range dx.Rows {
			put(dx.Row(r), o.grads[i].Row(r), fresh)
		}
	}
}

// passing is f with another way back where it is a rectifier and the tape has one.
func (t *Tape) passing(f activation) activation {
	if t.inner == nil || f.rectifier == tensor.Identity || t.inner.passing == Gradient {
		return f
	}
	guided := t.inner.passing == Guided
	f.rectifier = tensor.Identity // no other operation computes it
	f.backward = func(dx, dy, y []float32) {
		for i, d := range dy {
			if d > 0 && (!guided || y[i] > 0) {
				dx[i] += d
			}
		}
	}
	return f
}
