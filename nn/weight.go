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
	fresh  bool   // the gradient begins with the Backward under way; see Use.Sets
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

// addProducts adds dyᵀ·x to the gradient of each lane, dy [rows, out] and x
// [rows, in] being activations, or sets it when it is fresh.
func (w *Weight) addProducts(dy, x tensor.Matrix) {
	for l := range w.tape.Shape.Lanes {
		w.addProduct(l, w.tape.Lane(dy, l), w.tape.Lane(x, l))
	}
}

// addProduct is addProducts for one lane, given its rows.
func (w *Weight) addProduct(lane int, dy, x tensor.Blocks) {
	if w.fresh {
		w.tape.pool.MatMulTrans(w.Grad(lane), dy, x)
	} else {
		w.tape.pool.MatMulTransAdd(w.Grad(lane), dy, x)
	}
}

// target is the gradient of a lane as a result of a product with x.
func (w *Weight) target(lane int, x tensor.Blocks) tensor.Target {
	return tensor.Target{C: w.Grad(lane), B: x, Fresh: w.fresh}
}

// addColumnSums adds the sums of dy's columns to the gradient of a bias, lane by
// lane, or sets it when it is fresh.
func (w *Weight) addColumnSums(dy tensor.Matrix) {
	for l := range w.tape.Shape.Lanes {
		db := w.Grad(l).Data
		if w.fresh {
			clear(db)
		}
		w.tape.pool.ColumnSumAdd(db, w.tape.Lane(dy, l))
	}
}

// addInput adds dy·W to the gradient of an input, or sets it when it is fresh.
func (w *Weight) addInput(x *Node, dy tensor.Matrix) {
	if x.fresh {
		w.tape.pool.MatMulBias(x.Grad(), dy, w.Backward(), nil)
	} else {
		w.tape.pool.MatMulAdd(x.Grad(), dy, w.Backward())
	}
}
