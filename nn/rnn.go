package nn

import "github.com/rondo-ml/rondo/tensor"

// rnn is the simple recurrent layer of torch.nn.RNN:
//
//	h' = tanh(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh)
//
// or with relu in place of tanh. The two biases act as one; both are kept, as
// PyTorch has both.
type rnn struct {
	CellLayer
	relu     bool
	wih, whh *Param // [H, in], [H, H]
	bih, bhh *Param // [H]
}

func newRNN(l CellLayer) Recurrent { return newSimple(l, false) }

func newRNNReLU(l CellLayer) Recurrent { return newSimple(l, true) }

func newSimple(l CellLayer, relu bool) Recurrent {
	h := l.Hidden
	return &rnn{
		CellLayer: l,
		relu:      relu,
		wih:       l.Param("weight_ih", h, l.In),
		whh:       l.Param("weight_hh", h, h),
		bih:       l.Param("bias_ih", h),
		bhh:       l.Param("bias_hh", h),
	}
}

func (l *rnn) Forward(t *Tape, x *Node, run Sequences) *Node {
	o := &rnnOp{
		sequence: newSequence(t, l.CellLayer, x, run),
		wih:      t.Param(l.wih), whh: t.Param(l.whh), bih: t.Param(l.bih), bhh: t.Param(l.bhh),
		bias: t.Buffer(l.Hidden), relu: l.relu,
	}
	rows, rowsBack := o.tanhRows, o.tanhRowsBack
	if l.relu {
		rows, rowsBack = o.reluRows, o.reluRowsBack
	}
	o.bind([]phase{{o.product, rows}}, []phase{{nil, rowsBack}, {o.productBack, nil}}, o.whh)
	o.record(o, Use{
		Name: l.Path(), Inputs: []*Node{x}, Outputs: []*Node{o.y}, Keep: []*Node{x, o.y},
		Scratch: []*Buffer{o.bias}, Weights: []*Weight{o.wih, o.whh, o.bih, o.bhh}, Sets: true,
	})
	return o.y
}

type rnnOp struct {
	sequence
	relu               bool
	wih, whh, bih, bhh *Weight
	bias               *Buffer // [H]: b_ih + b_hh
}

func (o *rnnOp) Forward() {
	tensor.Add(o.bias.Data, o.bih.Value().Data, o.bhh.Value().Data)
	o.project(o.y.Value(), o.bias.Data, o.wih)
	o.whh.Forward()
	o.walk(&o.forward)
	o.keep(o.y.Value(), o.h)
}

func (o *rnnOp) product(pool *tensor.Pool, t, lo, hi int) {
	o.multiplyAdd(pool, t, lo, o.at(o.y.Value(), t, lo, hi), o.before(o.y.Value(), o.h, t, lo, hi), o.whh.Forward())
}

func (o *rnnOp) tanhRows(t, lo, hi int) {
	h := o.at(o.y.Value(), t, lo, hi)
	tensor.Tanh(h.Data, h.Data)
}

func (o *rnnOp) reluRows(t, lo, hi int) {
	h := o.at(o.y.Value(), t, lo, hi)
	tensor.Rectify(h.Data, h.Data, tensor.ReLU)
}

func (o *rnnOp) Backward() {
	o.whh.Backward()
	o.walk(&o.backward)
	dz := o.y.Grad() // by now the gradient of what entered the tanh or relu
	o.gatesBack(dz, o.whh, o.wih, o.bih, o.bhh)
}

func (o *rnnOp) tanhRowsBack(t, lo, hi int) {
	h, dh := o.at(o.y.Value(), t, lo, hi), o.at(o.y.Grad(), t, lo, hi)
	tensor.TanhSlope(dh.Data, h.Data)
}

func (o *rnnOp) reluRowsBack(t, lo, hi int) {
	h, dh := o.at(o.y.Value(), t, lo, hi), o.at(o.y.Grad(), t, lo, hi)
	for i, v := range h.Data {
		if v <= 0 {
			dh.Data[i] = 0
		}
	}
}

func (o *rnnOp) productBack(pool *tensor.Pool, t, lo, hi int) {
	if t > 0 {
		o.multiplyAdd(pool, t, lo, o.at(o.y.Grad(), t-1, lo, hi), o.at(o.y.Grad(), t, lo, hi), o.whh.Backward())
	}
}
