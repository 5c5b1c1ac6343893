package nn

import "github.com/rondo-ml/rondo/tensor"

// Weight is a matrix operand of a tape: a parameter, or a matrix derived from
// parameters (weight normalization). Value is [Rows, Cols], PyTorch's
// [out, in] for a linear map.
type Weight struct {
	Name  string
	Rows  int
	Cols  int
	Value func() tensor.Matrix
	Grad  func(lane int) tensor.Matrix // lane counts among the tape's lanes

	param  *Param // nil when derived
	panels *packed
	tape   *Tape
}

// packed holds a weight's two packed forms and the versions they were made at.
type packed struct {
	forward, backward     tensor.Panels
	forwardAt, backwardAt uint64
}

// Forward returns Wᵀ packed, [in, out]: the right operand of y = x·Wᵀ.
func (w *Weight) Forward() *tensor.Panels {
	if w.panels.forwardAt != w.tape.params.version {
		w.panels.forward.PackTransposed(w.tape.pool, w.Value())
		w.panels.forwardAt = w.tape.params.version
	}
	return &w.panels.forward
}

// Backward returns W packed, [out, in]: the right operand of dx = dy·W.
func (w *Weight) Backward() *tensor.Panels {
	if w.panels.backwardAt != w.tape.params.version {
		w.panels.backward.Pack(w.tape.pool, w.Value())
		w.panels.backwardAt = w.tape.params.version
	}
	return &w.panels.backward
}

// Param returns the operand that stands for p. All uses of p share it.
func (t *Tape) Param(p *Param) *Weight {
	if w := t.weights[p]; w != nil {
		return w
	}
	w := &Weight{
		Name: p.Name, Rows: p.Rows, Cols: p.Cols, Value: p.Value,
		Grad:  func(lane int) tensor.Matrix { return p.Grad(t.gradLane + lane) },
		param: p, panels: &p.panels, tape: t,
	}
	t.weights[p] = w
	return w
}
