package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Several operations may add to one gradient, and nobody clears all gradients
// beforehand: the tape knows with which operation's Backward each of them begins.
// It clears the gradient there, unless the operation promises to set what begins
// with it (Use.Sets). A gradient that is to be set is fresh: its memory holds
// anything, and the operation takes it before it touches it.

// freshness is the state of one gradient.
type freshness struct {
	fresh bool // it begins with the Backward under way, which has not taken it
}

// take says whether the gradient is to be set. It is so once.
func (f *freshness) take() (fresh bool) {
	fresh, f.fresh = f.fresh, false
	return fresh
}

// TakeGrad returns the gradient for an operation that promises to set it
// (Use.Sets), and whether it is fresh: then Backward must write every element,
// and otherwise add to it. The goroutine that runs Backward calls it once for
// every input that Use lists, before the gradient is touched. Where nothing
// wants the gradient, the matrix has no rows.
func (n *Node) TakeGrad() (grad tensor.Matrix, fresh bool) {
	if !n.needsGrad {
		return tensor.Matrix{}, false
	}
	fresh = n.take()
	return n.Grad(), fresh
}

// Grad returns the gradient, [Rows, Cols], to read or to add to. It panics when
// the gradient is fresh (see TakeGrad), or is not wanted (see NeedsGrad).
func (n *Node) Grad() tensor.Matrix {
	if in := n.gradIn; in.of != nil {
		return in.of.Grad().Columns(in.at, in.at+n.Cols)
	}
	if n.grad == nil {
		panic(fmt.Sprintf("nn: %s asks for the gradient of an activation that has none; see Node.NeedsGrad", n.tape.running()))
	}
	if n.fresh {
		panic(fmt.Sprintf("nn: %s adds to the gradient of an input that it promised to set; take it by Node.TakeGrad, or record it without Use.Sets",
			n.tape.running()))
	}
	return tensor.Of(n.grad.Data, n.Rows, n.Cols)
}

// TakeGrads says for an operation that promises to set the gradient (Use.Sets)
// whether it is fresh: then Backward must write every element of it, in all of
// the tape's lanes, and otherwise add to it. The goroutine that runs Backward
// calls it once for every weight that Use lists, before the gradient is touched.
func (w *Weight) TakeGrads() (fresh bool) { return w.take() }

// takeCleared takes the gradient for an operation that can but add to it: it is
// cleared where it is fresh. It is for small weights; a product sets large ones.
func (w *Weight) takeCleared() {
	if !w.TakeGrads() {
		return
	}
	for l := range w.tape.Shape.Lanes {
		clear(w.grad(l).Data)
	}
}

// Grad returns the gradient in a lane of the tape, [Rows, Cols], to add to. It
// panics when the gradient is fresh (see TakeGrads), or no operation says that
// it uses the weight (Use.Weights).
func (w *Weight) Grad(lane int) tensor.Matrix {
	if w.fresh {
		panic(fmt.Sprintf("nn: %s adds to the gradient of %s that it promised to set; take it by Weight.TakeGrads, or record it without Use.Sets",
			w.tape.running(), w.Name))
	}
	if w.unused {
		panic(fmt.Sprintf("nn: %s has a gradient for %s, which no operation lists in Use.Weights", w.tape.running(), w.Name))
	}
	return w.grad(lane)
}

// running names the operation whose Backward is under way.
func (t *Tape) running() string { return t.uses[t.at].Name }

// beginGradients readies the gradients that begin with operation i's Backward.
func (t *Tape) beginGradients(i int) {
	t.at = i
	sets := t.uses[i].Sets
	for _, n := range t.zero[i] {
		n.fresh = sets && n.producer != i
		if !n.fresh {
			clear(n.grad.Data)
		}
	}
	for _, w := range t.begin[i] {
		w.fresh = sets
		for l := range t.Shape.Lanes {
			switch {
			case !sets:
				clear(w.grad(l).Data)
			case t.poisoned:
				w.touchedIn(l).forget()
				spoil(w.grad(l).Data)
			}
		}
	}
	if !t.uses[i].touches {
		for _, w := range t.uses[i].Weights {
			w.forget()
		}
	}
}

// endGradients clears the gradients that operation i has left alone.
func (t *Tape) endGradients(i int) {
	for _, n := range t.zero[i] {
		if n.take() {
			clear(n.grad.Data)
		}
	}
	for _, w := range t.begin[i] {
		w.takeCleared()
	}
}
