package nn

import "github.com/rondo-ml/rondo/tensor"

// ForwardPart records the outputs of the lane's pipeline, [rows, out/n], under
// [Tape.Pipelines] of n parts: as many neighbours of Forward's, for x [rows, in].
// Without pipelines it is Forward. It panics when the outputs cannot be shared, or
// x's features are not the layer's.
func (l *Linear) ForwardPart(t *Tape, x *Node) *Node {
	if t.pipelines == nil {
		return l.Forward(t, x)
	}
	w, n := t.Param(l.Weight), t.pipelines.count
	t.wantParts(l.Name, w.Rows)
	if len(l.parts) != n {
		l.parts = make([]packed, n)
	}
	op := &linearPart{tape: t, parts: l.parts, x: x, w: w, y: t.Node(x.Layout, w.Rows/n)}
	op.b = l.record(t, op, w, x, op.y)
	return op.y
}

// linearPart is a linear map of which each lane computes the part of its pipeline.
type linearPart struct {
	tape  *Tape
	parts []packed // the weights, by pipeline
	x, y  *Node
	w, b  *Weight // b may be nil
}

func (o *linearPart) operations() int { return 2 * o.x.Rows * o.y.Cols * o.w.Cols }

// outputs are those of a lane: from one to before another.
func (o *linearPart) outputs(lane int) (lo, hi int) {
	part := o.tape.part(lane)
	return part * o.y.Cols, (part + 1) * o.y.Cols
}

func (o *linearPart) Forward() {
	t := o.tape
	for l := range t.Shape.Lanes {
		lo, hi := o.outputs(l)
		w := &o.parts[t.part(l)]
		if w.forwardAt != t.params.version {
			w.forward.PackTransposed(t.pool, o.w.Value().Slice(lo, hi))
			w.forwardAt = t.params.version
		}
		var bias []float32
		if o.b != nil {
			bias = o.b.Value().Data[lo:hi]
		}
		for step := range o.x.Layout.Steps {
			t.pool.MatMulBias(o.y.Layout.block(o.y.Value(), step, l), o.x.Layout.block(o.x.Value(), step, l), &w.forward, bias)
		}
	}
}

func (o *linearPart) Backward() {
	dy := o.y.Grad()
	if o.b != nil {
		o.b.takeCleared()
		for l := range o.tape.Shape.Lanes {
			lo, hi := o.outputs(l)
			o.tape.pool.ColumnSumAdd(o.b.Grad(l).Data[lo:hi], o.y.Layout.Lane(dy, l))
		}
	}
	o.weightsBack(dy)
	if dx, fresh := o.x.TakeGrad(); dx.Rows > 0 {
		for l := range o.tape.Shape.Lanes {
			o.inputBack(l, dx, dy, fresh)
		}
	}
}

// weightsBack is Weight.addStages of a lane's own rows; in others it has no gradient.
func (o *linearPart) weightsBack(dy tensor.Matrix) {
	if o.w.frozen {
		return
	}
	pool, fresh := o.tape.pool, o.w.TakeGrads()
	for lo, hi := 0, 0; lo < o.w.Rows; lo = hi {
		hi = o.w.stage(lo)
		for l := range o.tape.Shape.Lanes {
			first, end := o.outputs(l)
			from, to := max(lo, first), min(hi, end)
			grad, x := o.w.Grad(l), o.x.Layout.Lane(o.x.Value(), l)
			if fresh {
				clear(grad.Slice(lo, hi).Data)
			}
			if from < to {
				pool.MatMulTransAdd(grad.Slice(from, to), o.y.Layout.Lane(dy.Columns(from-first, to-first), l), x)
			}
		}
		o.w.complete(hi)
	}
}

// inputBack adds a lane's gradient of the input, or sets it.
func (o *linearPart) inputBack(lane int, dx, dy tensor.Matrix, fresh bool) {
	t, w := o.tape, &o.parts[o.tape.part(lane)]
	if w.backwardAt != t.params.version {
		lo, hi := o.outputs(lane)
		w.backward.Pack(t.pool, o.w.Value().Slice(lo, hi))
		w.backwardAt = t.params.version
	}
	for step := range o.x.Layout.Steps {
		dx, dy := o.x.Layout.block(dx, step, lane), o.y.Layout.block(dy, step, lane)
		if fresh {
			t.pool.MatMulBias(dx, dy, &w.backward, nil)
		} else {
			t.pool.MatMulAdd(dx, dy, &w.backward)
		}
	}
}
