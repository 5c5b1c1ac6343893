package nn

import "github.com/rondo-ml/rondo/tensor"

// lstmPeephole is an LSTM whose gates see the memory through diagonal weights
// (Gers et al. 2002). The gates i and f see the old memory, o sees the new one:
//
//	[i f g o] = x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh
//	i = σ(i + w_ci·c),  f = σ(f + w_cf·c)
//	c' = f·c + i·tanh(g)
//	h' = σ(o + w_co·c')·tanh(c')
type lstmPeephole struct {
	lstm
	wci, wcf, wco *Param // [H]
}

func newLSTMPeephole(l CellLayer) Recurrent {
	return &lstmPeephole{
		lstm: *newLSTM(l).(*lstm),
		wci:  l.Param("weight_ci", l.Hidden),
		wcf:  l.Param("weight_cf", l.Hidden),
		wco:  l.Param("weight_co", l.Hidden),
	}
}

func (l *lstmPeephole) Forward(t *Tape, x *Node, run Sequences) *Node {
	base, use := l.operation(t, x, run)
	o := &lstmPeepholeOp{lstmOp: base, wci: t.Param(l.wci), wcf: t.Param(l.wcf), wco: t.Param(l.wco)}
	use.Weights = append(use.Weights, o.wci, o.wcf, o.wco)
	base.gate, base.gateBack = o.peepGate, o.peepGateBack
	o.diagonals = o.diagonalBack
	o.record(o, use)
	return o.y
}

type lstmPeepholeOp struct {
	*lstmOp
	wci, wcf, wco *Weight
	set           [3]bool // their gradients are fresh in the Backward under way
	diagonals     func(lo, hi int)
}

// peepGate is lstmGate with peepholes.
func (o *lstmPeepholeOp) peepGate(z, was, c, h []float32) {
	n := len(c)
	i, f, g, out := z[:n], z[n:2*n], z[2*n:3*n], z[3*n:4*n]
	tensor.AddMul(i, o.wci.Value().Data, was)
	tensor.AddMul(f, o.wcf.Value().Data, was)
	tensor.Sigmoid(z[:2*n], z[:2*n])
	tensor.Tanh(g, g)
	tensor.SumOfProducts(c, f, was, i, g)
	tensor.AddMul(out, o.wco.Value().Data, c)
	tensor.Sigmoid(out, out)
	tensor.Tanh(h, c)
	tensor.Mul(h, h, out)
}

func (o *lstmPeepholeOp) Backward() {
	o.lstmOp.Backward()
	o.set = [3]bool{o.wci.TakeGrads(), o.wcf.TakeGrads(), o.wco.TakeGrads()}
	o.tape.pool.For(o.y.Cols, 16, o.diagonals)
}

// peepGateBack is lstmGateBack with the peepholes' share in the gradient of the
// memory.
func (o *lstmPeepholeOp) peepGateBack(z, was, tanhC, dh, dc []float32) {
	n := len(dc)
	i, f, g, out := z[:n], z[n:2*n], z[2*n:3*n], z[3*n:4*n]
	tensor.PeepholeBack(i, f, g, out, was, tanhC, dh, dc, o.wci.Value().Data, o.wcf.Value().Data, o.wco.Value().Data)
}

// diagonalBack adds the gradients of columns [lo, hi) of the peepholes: for
// each lane the sum of gate gradient times memory, step by step, row by row.
func (o *lstmPeepholeOp) diagonalBack(lo, hi int) {
	s, n := o.layout(), o.y.Cols
	dz, c := o.matrix(o.gates), o.matrix(o.cells)
	for l := range s.Lanes {
		di, df, do := o.wci.Grad(l).Data[lo:hi], o.wcf.Grad(l).Data[lo:hi], o.wco.Grad(l).Data[lo:hi]
		for i, d := range [3][]float32{di, df, do} {
			if o.set[i] {
				clear(d)
			}
		}
		for t := range s.Steps {
			from, to := l*s.LaneRows(), (l+1)*s.LaneRows()
			g, now := o.at(dz, t, from, to), o.at(c, t, from, to)
			was := o.before(c, o.c, t, from, to)
			for r := range to - from {
				row := g.Row(r)
				tensor.AddMul(di, row[lo:hi], was.Row(r)[lo:hi])
				tensor.AddMul(df, row[n+lo:n+hi], was.Row(r)[lo:hi])
				tensor.AddMul(do, row[3*n+lo:3*n+hi], now.Row(r)[lo:hi])
			}
		}
	}
}
