package nn

import "github.com/rondo-ml/rondo/tensor"

// lstm is the LSTM of torch.nn.LSTM, gates in the order i, f, g, o:
//
//	[i f g o] = x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh
//	c' = σ(f)·c + σ(i)·tanh(g)
//	h' = σ(o)·tanh(c')
type lstm struct {
	CellLayer
	wih, whh *Param // [4H, in], [4H, H]
	bih, bhh *Param // [4H]
}

func newLSTM(l CellLayer) Recurrent {
	h := l.Hidden
	return &lstm{
		CellLayer: l,
		wih:       l.Param("weight_ih", 4*h, l.In),
		whh:       l.Param("weight_hh", 4*h, h),
		bih:       l.Param("bias_ih", 4*h),
		bhh:       l.Param("bias_hh", 4*h),
	}
}

func (l *lstm) Forward(t *Tape, x *Node, run Sequences) *Node {
	o, use := l.operation(t, x, run)
	o.record(o, use)
	return o.y
}

// operation makes the operation and says what it uses.
func (l *lstm) operation(t *Tape, x *Node, run Sequences) (*lstmOp, Use) {
	h := l.Hidden
	o := &lstmOp{
		sequence: newSequence(t, l.CellLayer, x, run),
		c:        l.State(run.States, "c"),
		wih:      t.Param(l.wih), whh: t.Param(l.whh), bih: t.Param(l.bih), bhh: t.Param(l.bhh),
		gates: t.Buffer(x.Rows * 4 * h), cells: t.Buffer(x.Rows * h),
		bias: t.Buffer(4 * h),
		gate: lstmGate, gateBack: lstmGateBack,
	}
	o.pads = pads{forward: []*Buffer{o.cells}, backward: []*Buffer{o.gates}}
	t.remembers(l.Path()+".c", x, h, o.cells)
	o.bind([]phase{{o.product, o.gateRows}}, []phase{{nil, o.gateRowsBack}, {o.productBack, nil}}, o.whh)
	use := Use{
		Name: l.Path(), Inputs: []*Node{x}, Outputs: []*Node{o.y}, Keep: []*Node{x, o.y},
		Saved: []*Buffer{o.gates, o.cells}, Scratch: []*Buffer{o.bias},
		Weights: []*Weight{o.wih, o.whh, o.bih, o.bhh}, Sets: true,
	}
	if t.Mode == Training {
		o.dc, o.tanhC = t.Buffer(o.rows*h), t.Buffer(o.rows*h)
		use.Scratch = append(use.Scratch, o.dc, o.tanhC)
	}
	return o, use
}

type lstmOp struct {
	sequence
	c                  *State
	wih, whh, bih, bhh *Weight
	gates              *Buffer // [T*N, 4H]: the gates after σ and tanh; in Backward their gradients
	cells              *Buffer // [T*N, H]: c'
	bias               *Buffer // [4H]: b_ih + b_hh
	dc                 *Buffer // [N, H]: gradient of c' on its way back
	tanhC              *Buffer // [N, H]: tanh(c') of the step at hand

	gate     func(z, was, c, h []float32) // lstmGate, or with peepholes
	gateBack func(z, was, tanhC, dh, dc []float32)
}

func (o *lstmOp) Forward() {
	tensor.Add(o.bias.Data, o.bih.Value().Data, o.bhh.Value().Data)
	o.project(o.matrix(o.gates), o.bias.Data, o.wih)
	o.whh.Forward()
	o.walk(&o.forward)
	o.keep(o.y.Value(), o.h)
	o.keep(o.matrix(o.cells), o.c)
}

func (o *lstmOp) product(pool *tensor.Pool, t, lo, hi int) {
	o.multiplyAdd(pool, t, lo, o.at(o.matrix(o.gates), t, lo, hi), o.before(o.y.Value(), o.h, t, lo, hi), o.whh.Forward())
}

func (o *lstmOp) gateRows(t, lo, hi int) {
	z := o.at(o.matrix(o.gates), t, lo, hi)
	was := o.before(o.matrix(o.cells), o.c, t, lo, hi)
	c, h := o.at(o.matrix(o.cells), t, lo, hi), o.at(o.y.Value(), t, lo, hi)
	for r := range z.Rows {
		o.gate(z.Row(r), was.Row(r), c.Row(r), h.Row(r))
	}
}

// lstmGate turns one row of z into gates and computes c' and h' from c.
func lstmGate(z, was, c, h []float32) {
	n := len(c)
	tensor.Sigmoid(z[:2*n], z[:2*n])
	tensor.Tanh(z[2*n:3*n], z[2*n:3*n])
	tensor.Sigmoid(z[3*n:], z[3*n:])
	remember(z[:n], z[n:2*n], z[2*n:3*n], z[3*n:], was, c, h)
}

func (o *lstmOp) Backward() {
	clear(o.dc.Data)
	o.whh.Backward()
	o.walk(&o.backward)
	dz := o.matrix(o.gates)
	o.gatesBack(dz, o.whh, o.wih, o.bih, o.bhh)
}

func (o *lstmOp) gateRowsBack(t, lo, hi int) {
	z, dh := o.at(o.matrix(o.gates), t, lo, hi), o.at(o.y.Grad(), t, lo, hi)
	was, c := o.before(o.matrix(o.cells), o.c, t, lo, hi), o.at(o.matrix(o.cells), t, lo, hi)
	n := dh.Cols
	for r := range z.Rows {
		at := (lo + r) * n
		tanhC := o.tanhC.Data[at : at+n]
		tensor.Tanh(tanhC, c.Row(r))
		o.gateBack(z.Row(r), was.Row(r), tanhC, dh.Row(r), o.dc.Data[at:at+n])
	}
}

func (o *lstmOp) productBack(pool *tensor.Pool, t, lo, hi int) {
	if t > 0 {
		o.multiplyAdd(pool, t, lo, o.at(o.y.Grad(), t-1, lo, hi), o.at(o.matrix(o.gates), t, lo, hi), o.whh.Backward())
	}
}

// lstmGateBack turns one row of gates into the gradient of z, and dc from the
// gradient of c' into that of c.
func lstmGateBack(z, was, tanhC, dh, dc []float32) {
	n := len(dc)
	tensor.LSTMBack(z[:n], z[n:2*n], z[2*n:3*n], z[3*n:], was, tanhC, dh, dc)
}

// remember is the memory of an LSTM for one row, after its gates:
//
//	c' = f·c + i·g,  h' = o·tanh(c')
func remember(i, f, g, o, was, c, h []float32) {
	tensor.SumOfProducts(c, f, was, i, g)
	tensor.Tanh(h, c)
	tensor.Mul(h, h, o)
}
