package nn

import "github.com/rondo-ml/rondo/tensor"

// mlstm is the multiplicative LSTM of Krause et al. (2016), as Radford et al.
// (2017) trained it, gates in the order i, f, o, u:
//
//	m = (x·W_mihᵀ)·(h·W_mhhᵀ)          element by element
//	[i f o u] = x·W_ihᵀ + m·W_mhᵀ + b
//	c' = σ(f)·c + σ(i)·tanh(u)
//	h' = σ(o)·tanh(c')
//
// The matrices may be weight-normalized; then each is a pair of parameters,
// weight_ih_l0_v and weight_ih_l0_g and so on. The bias is not.
type mlstm struct {
	CellLayer
	wih, wmh, wmih, wmhh operand // [4H, in], [4H, H], [H, in], [H, H]
	bias                 *Param  // [4H]
}

func newMLSTM(l CellLayer) Recurrent {
	h := l.Hidden
	return &mlstm{
		CellLayer: l,
		wih:       l.operand("weight_ih", 4*h, l.In),
		wmh:       l.operand("weight_mh", 4*h, h),
		wmih:      l.operand("weight_mih", h, l.In),
		wmhh:      l.operand("weight_mhh", h, h),
		bias:      l.Param("bias", 4*h),
	}
}

// operand is a matrix, plain or weight-normalized.
type operand struct {
	plain  *Param
	normed *weightNorm
}

func (l CellLayer) operand(part string, out, in int) operand {
	if l.weightNorm {
		return operand{normed: newWeightNorm(l.Params, l.name+"."+part+l.suffix, l.init(), out, in)}
	}
	return operand{plain: l.Param(part, out, in)}
}

// on returns the matrix on the tape, as a weight of the operation that use
// describes.
func (w operand) on(t *Tape, use *Use) *Weight {
	if w.normed == nil {
		use.Weights = append(use.Weights, t.Param(w.plain))
		return t.Param(w.plain)
	}
	return w.normed.record(t, use)
}

func (l *mlstm) Forward(t *Tape, x *Node, run Sequences) *Node {
	var use Use
	o := &mlstmOp{wih: l.wih.on(t, &use), wmh: l.wmh.on(t, &use), wmih: l.wmih.on(t, &use), wmhh: l.wmhh.on(t, &use)}
	h := l.Hidden
	o.sequence = newSequence(t, l.CellLayer, x, run)
	o.c, o.bias = l.State(run.States, "c"), t.Param(l.bias)
	o.gates, o.cells = t.Buffer(x.Rows*4*h), t.Buffer(x.Rows*h)
	o.mx, o.mh, o.m = t.Buffer(x.Rows*h), t.Buffer(x.Rows*h), t.Buffer(x.Rows*h)
	use.Name, use.Inputs, use.Outputs, use.Keep = l.Path(), []*Node{x}, []*Node{o.y}, []*Node{x, o.y}
	use.Saved = append(use.Saved, o.gates, o.cells, o.mx, o.mh, o.m)
	use.Weights, use.Sets = append(use.Weights, o.bias), true
	if t.Mode == Training {
		o.dc, o.scratch = t.Buffer(o.rows*h), t.Buffer(o.rows*h)
		use.Scratch = []*Buffer{o.dc, o.scratch}
	}
	o.pads = pads{forward: []*Buffer{o.cells, o.m}, backward: []*Buffer{o.gates, o.mx, o.mh}}
	t.remembers(l.Path()+".c", x, h, o.cells)
	o.bind([]phase{{o.productM, o.multiplyRows}, {o.product, o.gateRows}},
		[]phase{{nil, o.gateRowsBack}, {o.productBack, o.multiplyRowsBack}, {o.productMBack, nil}}, o.wmh, o.wmhh)
	o.record(o, use)
	return o.y
}

type mlstmOp struct {
	sequence
	c                          *State
	wih, wmh, wmih, wmhh, bias *Weight
	gates                      *Buffer // [T*N, 4H]: i, f, o, u; in Backward their gradients
	cells                      *Buffer // [T*N, H]: c'
	mx, mh                     *Buffer // [T*N, H]: the factors of m; in Backward each other's gradients
	m                          *Buffer // [T*N, H]
	dc                         *Buffer // [N, H]: gradient of c' on its way back
	scratch                    *Buffer // [N, H]: tanh(c'), then m's gradient, of the step at hand
}

func (o *mlstmOp) Forward() {
	o.project(o.matrix(o.gates), o.bias.Value().Data, o.wih)
	o.project(o.matrix(o.mx), nil, o.wmih)
	o.wmh.Forward()
	o.wmhh.Forward()
	o.walk(&o.forward)
	o.keep(o.y.Value(), o.h)
	o.keep(o.matrix(o.cells), o.c)
}

func (o *mlstmOp) productM(pool *tensor.Pool, t, lo, hi int) {
	o.multiply(pool, t, lo, o.at(o.matrix(o.mh), t, lo, hi), o.before(o.y.Value(), o.h, t, lo, hi), o.wmhh.Forward(), nil)
}

func (o *mlstmOp) multiplyRows(t, lo, hi int) {
	mx, mh := o.at(o.matrix(o.mx), t, lo, hi), o.at(o.matrix(o.mh), t, lo, hi)
	tensor.Mul(o.at(o.matrix(o.m), t, lo, hi).Data, mx.Data, mh.Data)
}

func (o *mlstmOp) product(pool *tensor.Pool, t, lo, hi int) {
	o.multiplyAdd(pool, t, lo, o.at(o.matrix(o.gates), t, lo, hi), o.at(o.matrix(o.m), t, lo, hi), o.wmh.Forward())
}

func (o *mlstmOp) gateRows(t, lo, hi int) {
	z, was := o.at(o.matrix(o.gates), t, lo, hi), o.before(o.matrix(o.cells), o.c, t, lo, hi)
	c, h := o.at(o.matrix(o.cells), t, lo, hi), o.at(o.y.Value(), t, lo, hi)
	n := h.Cols
	for r := range z.Rows {
		g := z.Row(r)
		tensor.Sigmoid(g[:3*n], g[:3*n])
		tensor.Tanh(g[3*n:], g[3*n:])
		remember(g[:n], g[n:2*n], g[3*n:], g[2*n:3*n], was.Row(r), c.Row(r), h.Row(r))
	}
}

func (o *mlstmOp) Backward() {
	clear(o.dc.Data)
	o.wmh.Backward()
	o.wmhh.Backward()
	o.walk(&o.backward)
	dz := o.matrix(o.gates)
	o.recurBack(o.matrix(o.mx), o.wmhh)
	o.projectBack(o.matrix(o.mh), o.wmih)
	addBiases(o.layout(), dz, []*Weight{o.bias})
	m := o.matrix(o.m)
	o.addBoth(dz, o.wmh, func(lane int) tensor.Blocks { return o.layout().Lane(m, lane) }, o.wih)
	o.inputBack(dz, o.wih)
}

// stepScratch is the rows of scratch.
func (o *mlstmOp) stepScratch(lo, hi int) tensor.Matrix {
	return tensor.Of(o.scratch.Data, o.rows, o.y.Cols).Slice(lo, hi)
}

func (o *mlstmOp) gateRowsBack(t, lo, hi int) {
	z, dh := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.y.Grad(), t, lo, hi)
	was, c := o.before(o.matrix(o.cells), o.c, t, lo, hi), o.at(o.matrix(o.cells), t, lo, hi)
	n, scratch := dh.Cols, o.stepScratch(lo, hi)
	for r := range z.Rows {
		g, tanhC := z.Row(r), scratch.Row(r)
		tensor.Tanh(tanhC, c.Row(r))
		at := (lo + r) * n
		tensor.LSTMBack(g[:n], g[n:2*n], g[3*n:], g[2*n:3*n], was.Row(r), tanhC, dh.Row(r), o.dc.Data[at:at+n])
	}
}

func (o *mlstmOp) productBack(pool *tensor.Pool, t, lo, hi int) {
	o.multiply(pool, t, lo, o.stepScratch(lo, hi), o.at(o.matrix(o.gates), t, lo, hi), o.wmh.Backward(), nil)
}

// multiplyRowsBack makes of each factor of m the other's gradient.
func (o *mlstmOp) multiplyRowsBack(t, lo, hi int) {
	mx, mh, d := o.at(o.matrix(o.mx), t, lo, hi), o.at(o.matrix(o.mh), t, lo, hi), o.stepScratch(lo, hi)
	tensor.Mul(mx.Data, mx.Data, d.Data)
	tensor.Mul(mh.Data, mh.Data, d.Data)
}

func (o *mlstmOp) productMBack(pool *tensor.Pool, t, lo, hi int) {
	if t > 0 {
		o.multiplyAdd(pool, t, lo, o.at(o.y.Grad(), t-1, lo, hi), o.at(o.matrix(o.mx), t, lo, hi), o.wmhh.Backward())
	}
}
