package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Weight is a matrix operand of a tape: a parameter, or a matrix derived from
// parameters (weight normalization). Value is [Rows, Cols], PyTorch's
// [out, in] for a linear map.
type Weight struct {
	Name  string
	Rows  int
	Cols  int
	Value func() tensor.Matrix

	grad      func(lane int) tensor.Matrix // lane counts among the tape's lanes
	param     *Param                       // nil when derived
	finish    func(lo, hi int)             // when derived, turns these rows' gradient into that of the parameters
	stages    *Param                       // whose stages of rows it has
	scale     *Param                       // of a normalized one: what its rows are as long as
	freshness                              // of the gradient, in all lanes
	unused    bool                         // no operation says that it uses it
	frozen    bool                         // what it is made of is
	last      bool                         // the Backward under way completes the gradient
	final     int                          // rows of it that are complete, and told to be
	uses      int                          // operations that say that they use it
	panels    *packed
	tape      *Tape
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
	if p == nil || p.set != t.params {
		name := "a nil parameter"
		if p != nil {
			name = p.Name
		}
		panic(fmt.Sprintf("nn: %s is no parameter of this network: its layer was made with other Params than those of the tape", name))
	}
	if w := t.weights[p]; w != nil {
		return w
	}
	w := &Weight{
		Name: p.Name, Rows: p.Rows, Cols: p.Cols, Value: p.Value,
		grad:  func(lane int) tensor.Matrix { return p.grad(t.gradLane + lane) },
		param: p, stages: p, panels: &p.panels, tape: t,
	}
	if p.Frozen || t.inner != nil {
		w.frozen, w.grad = true, t.discarded(p.Rows, p.Cols)
	}
	t.weights[p] = w
	return w
}

// addProducts adds dyᵀ·x to the gradient of each lane, dy [rows, out] and x
// [rows, in] having layout l, or sets it when it is fresh.
func (w *Weight) addProducts(l Layout, dy, x tensor.Matrix) {
	w.addStages(l, dy, func(lane int) tensor.Blocks { return l.Lane(x, lane) })
}

// addStages is addProducts with x given by lane. It completes the gradient a
// stage of rows at a time, in all lanes, and says so.
func (w *Weight) addStages(layout Layout, dy tensor.Matrix, x func(lane int) tensor.Blocks) {
	if w.frozen {
		return
	}
	pool, fresh := w.tape.pool, w.TakeGrads()
	for lo, hi := 0, 0; lo < w.Rows; lo = hi {
		hi = w.stage(lo)
		for l := range w.tape.Shape.Lanes {
			if t := w.target(l, lo, hi, x(l), fresh); fresh {
				pool.MatMulTrans(t.C, layout.Lane(dy.Columns(lo, hi), l), t.B)
			} else {
				pool.MatMulTransAdd(t.C, layout.Lane(dy.Columns(lo, hi), l), t.B)
			}
		}
		w.complete(hi)
	}
}

// target is rows [lo, hi) of the gradient of a lane as a result of a product with x.
func (w *Weight) target(lane, lo, hi int, x tensor.Blocks, fresh bool) tensor.Target {
	return tensor.Target{C: w.Grad(lane).Slice(lo, hi), B: x, Fresh: fresh}
}

// stage returns where the stage of rows ends that begins at lo: at once at the
// end, unless somebody waits for them.
func (w *Weight) stage(lo int) int {
	if !w.last || w.tape.leave == nil {
		return w.Rows
	}
	return w.stages.StageEnd(lo)
}

// complete says that the gradient of the rows before hi is complete, in all
// lanes, if the Backward under way is the one that completes it.
func (w *Weight) complete(hi int) {
	lo := w.final
	if !w.last || hi <= lo {
		return
	}
	w.final = hi
	if w.finish != nil {
		w.finish(lo, hi)
	} else if w.tape.leave != nil {
		w.tape.leave(w.param.Offset+lo*w.Cols, w.param.Offset+hi*w.Cols)
	}
}

// addColumnSums adds the sums of dy's columns to the gradient of a bias, lane by
// lane.
func (w *Weight) addColumnSums(layout Layout, dy tensor.Matrix) {
	w.takeCleared()
	for l := range w.tape.Shape.Lanes {
		w.tape.pool.ColumnSumAdd(w.Grad(l).Data, layout.Lane(dy, l))
	}
}

// addInput adds dy·W to the gradient of an input, or sets it when it is fresh.
func (w *Weight) addInput(x *Node, dy tensor.Matrix) {
	if dx, fresh := x.TakeGrad(); fresh {
		w.tape.pool.MatMulBias(dx, dy, w.Backward(), nil)
	} else {
		w.tape.pool.MatMulAdd(dx, dy, w.Backward())
	}
}
