package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Sight is a value that an operation wrote in a replay.
type Sight struct {
	What string // "the output of conv1", "the gradient of fc.weight, in the backward of fc"

	// Lane returns the value's rows in one of the tape's lanes. They hold until
	// see returns.
	Lane func(lane int) tensor.Blocks
}

// Observe has see called in replays, after the Forward of every operation with
// its outputs, and after its Backward with the gradients of its inputs and
// weights as far as they are formed by then. No operation leaves out values that
// nobody else reads. It is for tests, and slow. A nil see ends it.
func (t *Tape) Observe(see func(Sight)) {
	t.see = see
	t.look()
}

// sees reports a value of an activation's layout.
func (t *Tape) sees(what string, l Layout, m tensor.Matrix) {
	t.see(Sight{What: what, Lane: func(lane int) tensor.Blocks { return l.Lane(m, lane) }})
}

func (t *Tape) seeForward(i int) {
	use := &t.uses[i]
	for k, y := range use.Outputs {
		t.sees(numbered("the output", k, len(use.Outputs))+" of "+use.Name, y.Layout, y.Value())
	}
}

func (t *Tape) seeBackward(i int) {
	use := &t.uses[i]
	for k, x := range use.Inputs {
		if x.NeedsGrad() {
			t.sees(numbered("the gradient of the input", k, len(use.Inputs))+" of "+use.Name, x.Layout, x.Grad())
		}
	}
	for _, w := range use.Weights {
		if w.frozen {
			continue
		}
		what := fmt.Sprintf("the gradient of %s, in the backward of %s", w.Name, use.Name)
		t.see(Sight{What: what, Lane: func(lane int) tensor.Blocks { return tensor.AllRows(w.grad(lane)) }})
	}
}

// numbered is "the output", or "the output 1" where there are several.
func numbered(what string, i, count int) string {
	if count == 1 {
		return what
	}
	return fmt.Sprintf("%s %d", what, i)
}

// Names returns the names of the operations, in their order.
func (t *Tape) Names() []string {
	names := make([]string, len(t.uses))
	for i := range t.uses {
		names[i] = t.uses[i].Name
	}
	return names
}
