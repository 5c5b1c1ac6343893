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
	CellLayer
	wih, whh, wrh, bias *Param
}

func newGRUTextbook(l CellLayer) Recurrent {
	h := l.Hidden
	return &gruTextbook{
		CellLayer: l,
		wih:       l.Param("weight_ih", 3*h, l.In),
		whh:       l.Param("weight_hh", 2*h, h),
		wrh:       l.Param("weight_rh", h, h),
		bias:      l.Param("bias", 3*h),
	}
}

func (l *gruTextbook) Forward(t *Tape, x *Node, run Sequences) *Node {
	h := l.Hidden
	o := &gruTextbookOp{
		sequence: newSequence(t, l.CellLayer, x, run),
		wih:      t.Param(l.wih), whh: t.Param(l.whh), wrh: t.Param(l.wrh), bias: t.Param(l.bias),
		gates: t.Buffer(x.Rows * 3 * h), reset: t.Buffer(x.Rows * h),
	}
	use := Use{
		Name: l.Path(), Inputs: []*Node{x}, Outputs: []*Node{o.y}, Keep: []*Node{x, o.y},
		Saved: []*Buffer{o.gates, o.reset}, Weights: []*Weight{o.wih, o.whh, o.wrh, o.bias}, Sets: true,
	}
	if t.Mode == Training {
		o.dreset = t.Buffer(o.rows * h)
		use.Scratch = []*Buffer{o.dreset}
	}
	o.pads = pads{forward: []*Buffer{o.reset}, backward: []*Buffer{o.gates}}
	o.bind([]phase{{o.product, o.resetRows}, {o.productReset, o.mixRows}},
		[]phase{{nil, o.mixRowsBack}, {o.productResetBack, o.resetRowsBack}, {o.productBack, nil}}, o.whh, o.wrh)
	o.record(o, use)
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
	o.walk(&o.forward)
	o.keep(o.y.Value(), o.h)
}

func (o *gruTextbookOp) product(pool *tensor.Pool, t, lo, hi int) {
	rz := o.at(o.matrix(o.gates), t, lo, hi).Columns(0, 2*o.y.Cols)
	o.multiplyAdd(pool, t, lo, rz, o.before(o.y.Value(), o.h, t, lo, hi), o.whh.Forward())
}

func (o *gruTextbookOp) resetRows(t, lo, hi int) {
	g, reset := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.matrix(o.reset), t, lo, hi)
	was, n := o.before(o.y.Value(), o.h, t, lo, hi), o.y.Cols
	for i := range g.Rows {
		rz := g.Row(i)[:2*n]
		tensor.Sigmoid(rz, rz)
		tensor.Mul(reset.Row(i), rz[:n], was.Row(i))
	}
}

func (o *gruTextbookOp) productReset(pool *tensor.Pool, t, lo, hi int) {
	c := o.at(o.matrix(o.gates), t, lo, hi).Columns(2*o.y.Cols, 3*o.y.Cols)
	o.multiplyAdd(pool, t, lo, c, o.at(o.matrix(o.reset), t, lo, hi), o.wrh.Forward())
}

func (o *gruTextbookOp) mixRows(t, lo, hi int) {
	g, h := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.y.Value(), t, lo, hi)
	was, n := o.before(o.y.Value(), o.h, t, lo, hi), o.y.Cols
	for i := range h.Rows {
		z, c := g.Row(i)[n:2*n], g.Row(i)[2*n:3*n]
		tensor.Tanh(c, c)
		tensor.Mix(h.Row(i), z, was.Row(i), c)
	}
}

func (o *gruTextbookOp) Backward() {
	o.whh.Backward()
	o.wrh.Backward()
	o.walk(&o.backward)
	dg, n := o.matrix(o.gates), o.y.Cols
	o.recurBack(dg.Columns(0, 2*n), o.whh)
	o.wrh.addProducts(o.layout(), dg.Columns(2*n, 3*n), o.matrix(o.reset))
	o.projectBack(dg, o.wih, o.bias)
}

func (o *gruTextbookOp) mixRowsBack(t, lo, hi int) {
	g, dh := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.y.Grad(), t, lo, hi)
	was, n := o.before(o.y.Value(), o.h, t, lo, hi), o.y.Cols
	for i := range dh.Rows {
		tensor.MixBack(g.Row(i)[n:2*n], g.Row(i)[2*n:3*n], was.Row(i), dh.Row(i))
	}
}

func (o *gruTextbookOp) productResetBack(pool *tensor.Pool, t, lo, hi int) {
	dc := o.at(o.matrix(o.gates), t, lo, hi).Columns(2*o.y.Cols, 3*o.y.Cols)
	o.multiply(pool, t, lo, tensor.Of(o.dreset.Data, o.rows, o.y.Cols).Slice(lo, hi), dc, o.wrh.Backward(), nil)
}

func (o *gruTextbookOp) resetRowsBack(t, lo, hi int) {
	g, dh := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.y.Grad(), t, lo, hi)
	was, n := o.before(o.y.Value(), o.h, t, lo, hi), o.y.Cols
	dreset := tensor.Of(o.dreset.Data, o.rows, n).Slice(lo, hi)
	for i := range dh.Rows {
		tensor.ResetBack(g.Row(i)[:n], dreset.Row(i), was.Row(i), dh.Row(i))
	}
	if t > 0 {
		before := o.at(o.y.Grad(), t-1, lo, hi)
		tensor.Add(before.Data, before.Data, dh.Data)
	}
}

func (o *gruTextbookOp) productBack(pool *tensor.Pool, t, lo, hi int) {
	if t > 0 {
		rz := o.at(o.matrix(o.gates), t, lo, hi).Columns(0, 2*o.y.Cols)
		o.multiplyAdd(pool, t, lo, o.at(o.y.Grad(), t-1, lo, hi), rz, o.whh.Backward())
	}
}
