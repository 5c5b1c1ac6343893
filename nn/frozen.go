package nn

import (
	"slices"
	"sync"

	"github.com/rondo-ml/rondo/tensor"
)

// Freeze freezes the weights that names pick, and returns how many parameters these are: see
// Param.Frozen. A batch norm whose running statistics are picked uses them while training too,
// as for inference, and leaves them as they are. It is called before a tape is recorded.
func (ps *Params) Freeze(names Names) int {
	n := 0
	for _, p := range ps.List {
		if names.Match(p.Name) {
			p.Frozen = true
			n++
		}
	}
	for _, s := range ps.Statistics {
		s.Fixed = s.Fixed || names.Match(s.Name)
	}
	for _, c := range ps.Counters {
		c.Fixed = c.Fixed || names.Match(c.Name)
	}
	return n
}

// NeedsGrad says whether the gradient is wanted. An operation may form one that is not.
func (w *Weight) NeedsGrad() bool { return !w.frozen }

// findIdle finds the operations of which nobody wants any gradient.
func (t *Tape) findIdle() {
	t.idle = make([]bool, len(t.ops))
	for i, use := range t.uses {
		t.idle[i] = !slices.ContainsFunc(use.Weights, (*Weight).NeedsGrad) && !slices.ContainsFunc(use.Inputs, (*Node).NeedsGrad)
	}
}

// discarded is memory for a gradient [rows, cols] in each lane that an operation may form
// beside others, and nobody reads. It is taken when first asked for.
func (t *Tape) discarded(rows, cols int) func(lane int) tensor.Matrix {
	memory := sync.OnceValue(func() []float32 { return tensor.AlignedSlice(t.Shape.Lanes * rows * cols) })
	return func(lane int) tensor.Matrix {
		size := rows * cols
		return tensor.Of(memory()[lane*size:(lane+1)*size], rows, cols)
	}
}
