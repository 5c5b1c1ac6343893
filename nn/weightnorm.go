package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// weightNorm is a matrix in polar form (Salimans and Kingma 2016):
//
//	W = g·V/‖V‖
//
// with one norm and one g for each row of V [out, in]: for all inputs of one
// output unit. The squared norm is at least 1e-12. The parameters are called
// name_v [out, in] and name_g [out, 1], as torch.nn.utils.weight_norm calls
// them; g starts as ‖V‖, so that W starts as V, bit for bit.
type weightNorm struct {
	name string
	v, g *Param
}

// newWeightNorm registers name_v, drawn by init, and name_g.
func newWeightNorm(ps *Params, name string, init Init, out, in int) *weightNorm {
	n := &weightNorm{name: name, v: ps.Add(name+"_v", init, out, in)}
	n.g = ps.Add(name+"_g", func(g tensor.Matrix, _ Stream) {
		for i := range g.Data {
			g.Data[i] = norm(n.v.Value().Row(i))
		}
	}, out, 1)
	return n
}

// norm returns the length of a row, at least 1e-6.
func norm(row []float32) float32 {
	return float32(math.Sqrt(max(tensor.SumSquares(row), 1e-12)))
}

// record records the operation that forms W, and returns W. An operation that
// uses W lists the returned buffers among its Saved, so that they outlive it.
//
// The gradient of W is formed where that of V will be and turned into it in
// place: V is used for nothing else, once on a tape. It panics the second time.
func (n *weightNorm) record(t *Tape) (*Weight, []*Buffer) {
	out, in := n.v.Rows, n.v.Cols
	if t.weights[n.v] != nil {
		panic(fmt.Sprintf("nn: %s is used twice on one tape", n.name))
	}
	o := &weightNormOp{
		tape: t, v: t.Param(n.v), g: t.Param(n.g),
		value: t.Buffer(out * in), norms: make([]float32, out),
	}
	o.w = &Weight{
		Name: n.name, Rows: out, Cols: in,
		Value: func() tensor.Matrix { return tensor.Of(o.value.Data, out, in) },
		Grad:  o.v.Grad,
		tape:  t,
		// V itself is no operand, so its place for packed copies is W's: all
		// tapes share them.
		panels: &n.v.panels,
	}
	o.forward, o.backward = o.forwardRows, o.backwardRows
	t.Record(o, Use{Name: n.name, Saved: []*Buffer{o.value}, Weights: []*Weight{o.v, o.g}, Sets: true})
	return o.w, []*Buffer{o.value}
}

type weightNormOp struct {
	tape    *Tape
	v, g, w *Weight
	value   *Buffer   // [out, in]: W
	norms   []float32 // [out]
	normsAt uint64    // version of the parameters that norms belongs to

	forward, backward func(lo, hi int)
}

// Forward does nothing where the same parameters were packed before: the next
// token of a sample, the next pass of a large batch.
func (o *weightNormOp) Forward() {
	version, panels := o.tape.params.version, o.w.panels
	packed := panels.forwardAt == version
	if o.tape.Mode == Training {
		packed = packed && panels.backwardAt == version && o.normsAt == version
	}
	if packed {
		return
	}
	o.tape.pool.For(o.v.Rows, 16, o.forward)
	o.normsAt = version
}

func (o *weightNormOp) forwardRows(lo, hi int) {
	v, g, w := o.v.Value(), o.g.Value().Data, o.w.Value()
	for i := lo; i < hi; i++ {
		o.norms[i] = norm(v.Row(i))
		tensor.Scale(w.Row(i), v.Row(i), g[i]/o.norms[i])
	}
}

func (o *weightNormOp) Backward() { o.tape.pool.For(o.v.Rows, 16, o.backward) }

// backwardRows forms, with s = dW·V/‖V‖ for each row,
//
//	dg = s,  dV = g/‖V‖·(dW - s·V/‖V‖)
//
// where a norm at its floor counts as a constant. dV takes dW's place.
func (o *weightNormOp) backwardRows(lo, hi int) {
	v, g := o.v.Value(), o.g.Value().Data
	for l := range o.tape.Shape.Lanes {
		dv, dg := o.v.Grad(l), o.g.Grad(l).Data
		for i := lo; i < hi; i++ {
			d := dv.Row(i)
			s := float32(tensor.Dot(d, v.Row(i)) / float64(o.norms[i]))
			dg[i] = s
			scale := g[i] / o.norms[i]
			tensor.Scale(d, d, scale)
			if o.norms[i] > 1e-6 {
				tensor.Axpy(d, -scale*s/o.norms[i], v.Row(i))
			}
		}
	}
}
