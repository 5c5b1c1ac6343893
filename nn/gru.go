package nn

import "github.com/rondo-ml/rondo/tensor"

// gru is the GRU of torch.nn.GRU, gates in the order r, z, n. It resets after
// the product with the state, inside the candidate n:
//
//	r = σ(x·W_irᵀ + b_ir + h·W_hrᵀ + b_hr)
//	z = σ(x·W_izᵀ + b_iz + h·W_hzᵀ + b_hz)
//	n = tanh(x·W_inᵀ + b_in + r·(h·W_hnᵀ + b_hn))
//	h' = (1-z)·n + z·h
type gru struct {
	CellLayer
	wih, whh *Param // [3H, in], [3H, H]
	bih, bhh *Param // [3H]
}

func newGRU(l CellLayer) Recurrent {
	h := l.Hidden
	return &gru{
		CellLayer: l,
		wih:       l.Param("weight_ih", 3*h, l.In),
		whh:       l.Param("weight_hh", 3*h, h),
		bih:       l.Param("bias_ih", 3*h),
		bhh:       l.Param("bias_hh", 3*h),
	}
}

func (l *gru) Forward(t *Tape, x *Node, run Sequences) *Node {
	n := x.Rows * 3 * l.Hidden
	o := &gruOp{
		sequence: newSequence(t, l.CellLayer, x, run),
		wih:      t.Param(l.wih), whh: t.Param(l.whh), bih: t.Param(l.bih), bhh: t.Param(l.bhh),
		gates: t.Buffer(n), inner: t.Buffer(n),
	}
	o.pads.backward = []*Buffer{o.gates, o.inner}
	o.bind([]phase{{o.product, o.gateRows}}, []phase{{nil, o.gateRowsBack}, {o.productBack, nil}}, o.whh)
	o.record(o, Use{
		Name: l.Path(), Inputs: []*Node{x}, Outputs: []*Node{o.y}, Keep: []*Node{x, o.y},
		Saved: []*Buffer{o.gates, o.inner}, Weights: []*Weight{o.wih, o.whh, o.bih, o.bhh}, Sets: true,
	})
	return o.y
}

type gruOp struct {
	sequence
	wih, whh, bih, bhh *Weight
	gates              *Buffer // [T*N, 3H]: r, z, n; in Backward the gradients of their x part
	inner              *Buffer // [T*N, 3H]: h·W_hhᵀ + b_hh; in Backward its gradient
}

func (o *gruOp) Forward() {
	o.project(o.matrix(o.gates), o.bih.Value().Data, o.wih)
	o.whh.Forward()
	o.walk(&o.forward)
	o.keep(o.y.Value(), o.h)
}

func (o *gruOp) product(pool *tensor.Pool, t, lo, hi int) {
	was := o.before(o.y.Value(), o.h, t, lo, hi)
	o.multiply(pool, t, lo, o.at(o.matrix(o.inner), t, lo, hi), was, o.whh.Forward(), o.bhh.Value().Data)
}

func (o *gruOp) gateRows(t, lo, hi int) {
	x, u := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.matrix(o.inner), t, lo, hi)
	was, h := o.before(o.y.Value(), o.h, t, lo, hi), o.at(o.y.Value(), t, lo, hi)
	for r := range h.Rows {
		gruGates(x.Row(r), u.Row(r), was.Row(r), h.Row(r))
	}
}

// gruGates computes the gates of one row from the x part and the h part u, and
// h from was.
func gruGates(x, u, was, h []float32) {
	n := len(h)
	tensor.Add(x[:2*n], x[:2*n], u[:2*n])
	tensor.Sigmoid(x[:2*n], x[:2*n])
	r, z, c, un := x[:n], x[n:2*n], x[2*n:3*n], u[2*n:3*n]
	tensor.AddMul(c, r, un)
	tensor.Tanh(c, c)
	tensor.Mix(h, z, c, was)
}

func (o *gruOp) Backward() {
	o.whh.Backward()
	o.walk(&o.backward)
	o.recurBack(o.matrix(o.inner), o.whh, o.bhh)
	o.projectBack(o.matrix(o.gates), o.wih, o.bih)
}

func (o *gruOp) gateRowsBack(t, lo, hi int) {
	x, u := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.matrix(o.inner), t, lo, hi)
	was, dh := o.before(o.y.Value(), o.h, t, lo, hi), o.at(o.y.Grad(), t, lo, hi)
	for r := range dh.Rows {
		gruGatesBack(x.Row(r), u.Row(r), was.Row(r), dh.Row(r))
	}
	if t > 0 {
		before := o.at(o.y.Grad(), t-1, lo, hi)
		tensor.Add(before.Data, before.Data, dh.Data)
	}
}

func (o *gruOp) productBack(pool *tensor.Pool, t, lo, hi int) {
	if t > 0 {
		o.multiplyAdd(pool, t, lo, o.at(o.y.Grad(), t-1, lo, hi), o.at(o.matrix(o.inner), t, lo, hi), o.whh.Backward())
	}
}

// gruGatesBack turns one row of gates and of u into their gradients, and dh
// into the part of was's gradient that does not pass through u.
func gruGatesBack(x, u, was, dh []float32) {
	n := len(dh)
	tensor.GRUBack(x[:n], x[n:2*n], x[2*n:3*n], u[:n], u[n:2*n], u[2*n:3*n], was, dh)
}
