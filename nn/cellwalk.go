package nn

import "github.com/rondo-ml/rondo/tensor"

// byStepOp walks a tape of one step through time. The memory of the step's tape is
// there once for every step while training, so that each finds in Backward what it
// had computed, and once for all of them for inference.
//
// Rows that lack a step are computed beside the others, and what comes of them is
// left: output and gradients are 0 there.
type byStepOp struct {
	sequence
	cell     string
	inner    *Tape
	in       *Node   // [N, in], of inner
	was      []*Node // [N, H] each: h, then the memories
	ends     *stepEnds
	memories []memoryOf
	weights  []*Weight
	arena    *Buffer // [T or 1, size]
	size     int
}

// memoryOf is a state that a cell keeps beside its output.
type memoryOf struct {
	state *State
	held  *Buffer // [T*N, H]
	grad  *Buffer // [N, H]: that of what the step at hand leaves
}

func (o *byStepOp) operations() int { return o.x.Layout.Steps * o.inner.Operations() }

func (o *byStepOp) trainingOperations() int { return o.x.Layout.Steps * o.inner.TrainingOperations() }

func (o *byStepOp) describe() any {
	r := o.recurs(o.cell, nil, o.weights...)
	for _, m := range o.memories {
		if m.state != nil {
			r.States = append(r.States, m.state)
		}
	}
	return r
}

// place puts the step's tape where step t is.
func (o *byStepOp) place(t int) {
	at := 0
	if o.tape.Mode == Training {
		at = t * o.size
	}
	o.inner.moveTo(o.arena.Data[at : at+o.size])
	o.in.value.Data = o.at(o.x.Value(), t, 0, o.rows).Data
	o.was[0].value.Data = o.before(o.y.Value(), o.h, t, 0, o.rows).Data
	for i, m := range o.memories {
		o.was[1+i].value.Data = o.before(o.matrix(m.held), m.state, t, 0, o.rows).Data
	}
}

func (o *byStepOp) begin() (steps int) {
	o.inner.Begin(o.tape.step, o.tape.lane, o.tape.gradLane)
	return o.layout().Steps
}

func (o *byStepOp) Forward() {
	if o.zero != nil {
		clear(o.zero.Data)
	}
	if o.lengths != nil {
		o.beginPacked()
	}
	for t := range o.begin() {
		o.place(t)
		o.inner.Forward()
		o.leave(o.y.Value(), o.ends.nodes[0], t)
		for i, m := range o.memories {
			o.leave(o.matrix(m.held), o.ends.nodes[1+i], t)
		}
	}
	o.keep(o.y.Value(), o.h)
	for _, m := range o.memories {
		o.keep(o.matrix(m.held), m.state)
	}
}

// leave copies what the step has computed to step t of m.
func (o *byStepOp) leave(m tensor.Matrix, next *Node, t int) {
	to := o.at(m, t, 0, o.rows)
	copy(to.Data, next.Value().Data)
	o.clearPadding(to, t)
}

// clearPadding clears the rows of step t that lack it.
func (o *byStepOp) clearPadding(m tensor.Matrix, t int) {
	if o.lengths == nil {
		return
	}
	for i, n := range o.lengths.Of {
		if int(n) <= t {
			clear(m.Row(i))
		}
	}
}

func (o *byStepOp) Backward() {
	for _, w := range o.weights {
		w.takeCleared()
	}
	dx, fresh := o.x.TakeGrad()
	for _, m := range o.memories {
		clear(m.grad.Data)
	}
	steps := o.begin()
	for t := steps - 1; t >= 0; t-- {
		o.place(t)
		dh := o.at(o.y.Grad(), t, 0, o.rows)
		o.clearPadding(dh, t)
		o.ends.grads[0] = dh
		for i, m := range o.memories {
			o.ends.grads[1+i] = tensor.Of(m.grad.Data, o.rows, o.y.Cols)
			o.clearPadding(o.ends.grads[1+i], t)
		}
		o.inner.Backward(nil)
		if dx.Rows > 0 {
			o.in.giveGrad(o.at(dx, t, 0, o.rows), fresh)
		}
		if t > 0 {
			o.was[0].giveGrad(o.at(o.y.Grad(), t-1, 0, o.rows), false)
		}
		for i := range o.memories {
			o.was[1+i].giveGrad(o.ends.grads[1+i], true)
		}
	}
	if fresh {
		clear(dx.Slice(steps*o.rows, dx.Rows).Data)
	}
}

// gateGradients are those of the output, step by step: nothing is known of gates.
func (o *byStepOp) gateGradients() (tensor.Matrix, int) { return o.soFar(o.y.Grad()) }

// giveGrad adds the gradient of an activation from outside to dx, or sets it. What
// nothing read has none.
func (n *Node) giveGrad(dx tensor.Matrix, set bool) {
	switch {
	case n.grad != nil:
		put(dx.Data, n.Grad().Data, set)
	case set:
		clear(dx.Data)
	}
}

// stepEnds is where a step ends: the gradients of what it leaves come from the step
// after and from outside.
type stepEnds struct {
	nodes []*Node
	grads []tensor.Matrix
}

func (o *stepEnds) Forward() {}

func (o *stepEnds) Backward() {
	for i, n := range o.nodes {
		if dx, fresh := n.TakeGrad(); dx.Rows > 0 {
			put(dx.Data, o.grads[i].Data, fresh)
		}
	}
}
