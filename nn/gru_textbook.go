package nn

import "github.com/rondo-ml/rondo/tensor"

// gruTextbook is the GRU as Cho et al. (2014) and the textbooks write it. It
// resets before the product with the state, and z says how much is new:
//
//	r = σ(x·W_rᵀ + h·U_rᵀ + b_r)
//	z = σ(x·W_zᵀ + h·U_zᵀ + b_z)
//	n = tanh(x·W_nᵀ + (r·h)·U_nᵀ + b_n)
//	h' = (1-z)·h + z·n
//
// W is weight_ih [3H, in] in the order r, z, n; U_r and U_z are weight_hh
// [2H, H]; U_n is weight_rh [H, H]; there is one bias [3H].
type gruTextbook struct {
	layer
	wih, whh, wrh, bias *Param
}

func newGRUTextbook(l layer) recurrent {
	h := l.hidden
	return &gruTextbook{
		layer: l,
		wih:   l.param("weight_ih", 3*h, l.in),
		whh:   l.param("weight_hh", 2*h, h),
		wrh:   l.param("weight_rh", h, h),
		bias:  l.param("bias", 3*h),
	}
}

func (l *gruTextbook) Forward(t *Tape, x *Node, states *States) *Node {
	h := l.hidden
	o := &gruTextbookOp{
		sequence: newSequence(t, l.path(), x, l.in, h, l.state(states, "h")),
		wih:      t.Param(l.wih), whh: t.Param(l.whh), wrh: t.Param(l.wrh), bias: t.Param(l.bias),
		gates: t.Buffer(x.Rows * 3 * h), reset: t.Buffer(x.Rows * h),
	}
	use := Use{
		Name: l.path(), Inputs: []*Node{x}, Outputs: []*Node{o.y}, Keep: []*Node{x, o.y},
		Saved: []*Buffer{o.gates, o.reset}, Weights: []*Weight{o.wih, o.whh, o.wrh, o.bias},
	}
	if t.Mode == Training {
		o.dreset = t.Buffer(o.rows * h)
		use.Scratch = []*Buffer{o.dreset}
	}
	o.bind(o)
	t.Record(o, use)
	return o.y
}

type gruTextbookOp struct {
	sequence
	wih, whh, wrh, bias *Weight
	gates               *Buffer // [T*N, 3H]: r, z, n; in Backward their gradients
	reset               *Buffer // [T*N, H]: r·h
	dreset              *Buffer // [N, H]: its gradient in the step at hand
}

func (o *gruTextbookOp) Forward() {
	o.project(o.matrix(o.gates), o.bias.Value().Data, o.wih)
	o.whh.Forward()
	o.wrh.Forward()
	o.walk(o.forward)
	o.keep(o.y.Value(), o.h)
}

func (o *gruTextbookOp) forwardStep(pool *tensor.Pool, t, lo, hi int) {
	g, reset := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.matrix(o.reset), t, lo, hi)
	was, h := o.before(o.y.Value(), o.h, t, lo, hi), o.at(o.y.Value(), t, lo, hi)
	n := h.Cols
	pool.MatMulAdd(g.Columns(0, 2*n), was, o.whh.Forward())
	for i := range h.Rows {
		rz := g.Row(i)[:2*n]
		tensor.Sigmoid(rz, rz)
		tensor.Mul(reset.Row(i), rz[:n], was.Row(i))
	}
	pool.MatMulAdd(g.Columns(2*n, 3*n), reset, o.wrh.Forward())
	for i := range h.Rows {
		z, c := g.Row(i)[n:2*n], g.Row(i)[2*n:3*n]
		tensor.Tanh(c, c)
		mix(h.Row(i), z, c, was.Row(i))
	}
}

// mix sets h = (1-z)·was + z·c.
func mix(h, z, c, was []float32) {
	for j := range h {
		h[j] = float32((1-z[j])*was[j]) + float32(z[j]*c[j])
	}
}

func (o *gruTextbookOp) Backward() {
	t := o.tape
	o.whh.Backward()
	o.wrh.Backward()
	o.walk(o.backward)
	dg, n := o.matrix(o.gates), o.y.Cols
	o.recurBack(dg.Columns(0, 2*n), o.whh)
	for l := range t.Shape.Lanes {
		t.pool.MatMulTransAdd(o.wrh.Grad(l), t.Lane(dg.Columns(2*n, 3*n), l), t.Lane(o.matrix(o.reset), l))
	}
	o.projectBack(dg, o.wih, o.bias)
}

func (o *gruTextbookOp) backwardStep(pool *tensor.Pool, t, lo, hi int) {
	g, dh := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.y.Grad(), t, lo, hi)
	was := o.before(o.y.Value(), o.h, t, lo, hi)
	n := dh.Cols
	dreset := tensor.Of(o.dreset.Data, o.rows, n).Slice(lo, hi)
	clear(dreset.Data)
	for i := range dh.Rows {
		mixBack(g.Row(i)[n:], was.Row(i), dh.Row(i))
	}
	pool.MatMulAdd(dreset, g.Columns(2*n, 3*n), o.wrh.Backward())
	for i := range dh.Rows {
		resetBack(g.Row(i)[:n], dreset.Row(i), was.Row(i), dh.Row(i))
	}
	if t == 0 {
		return
	}
	before := o.at(o.y.Grad(), t-1, lo, hi)
	tensor.Add(before.Data, before.Data, dh.Data)
	pool.MatMulAdd(before, g.Columns(0, 2*n), o.whh.Backward())
}

// mixBack turns z and c, one after the other in zc, into their gradients, and
// dh into the part of was's gradient that h took directly.
func mixBack(zc, was, dh []float32) {
	n := len(dh)
	z, c, was := zc[:n], zc[n:2*n], was[:n]
	for j, d := range dh {
		zv, cv := z[j], c[j]
		z[j] = d * (cv - was[j]) * zv * (1 - zv)
		c[j] = d * zv * (1 - float32(cv*cv))
		dh[j] = d * (1 - zv)
	}
}

// resetBack turns r into its gradient and adds to dh what r·was gives it.
func resetBack(r, dreset, was, dh []float32) {
	for j, d := range dreset {
		rv := r[j]
		r[j] = d * was[j] * rv * (1 - rv)
		dh[j] += float32(d * rv)
	}
}
