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

// record records the operation that forms W, and returns W for one other
// operation, to whose use it adds what keeps W alive and what W is made of.
//
// The gradient of W is formed where that of V will be and turned into it in
// place, as soon as rows of it are complete: V is used for nothing else, once on a
// tape. It panics the second time.
func (n *weightNorm) record(t *Tape, use *Use) *Weight {
	out, in := n.v.Rows, n.v.Cols
	if t.weights[n.v] != nil {
		panic(fmt.Sprintf("nn: %s is used twice on one tape", n.name))
	}
	o := &weightNormOp{
		tape: t, v: t.Param(n.v), g: t.Param(n.g),
		value: t.Buffer(out * in), norms: make([]float32, out),
	}
	if n.v.Frozen && !n.g.Frozen { // what g's gradient is taken from lies in the place of v's
		o.v.grad = t.discarded(out, in)
	}
	o.w = &Weight{
		Name: n.name, Rows: out, Cols: in, frozen: n.v.Frozen && n.g.Frozen,
		Value:  func() tensor.Matrix { return tensor.Of(o.value.Data, out, in) },
		grad:   o.v.grad,
		stages: n.v, scale: n.g, finish: o.finish,
		tape: t,
		// V itself is no operand, so its place for packed copies is W's: all
		// tapes share them.
		panels: &n.v.panels,
	}
	o.forward, o.backward = o.forwardRows, o.backwardRows
	t.Record(o, Use{Name: n.name, Saved: []*Buffer{o.value}})
	use.Saved = append(use.Saved, o.value)
	use.Weights = append(use.Weights, o.w, o.v, o.g) // W is complete before V and g are
	return o.w
}

type weightNormOp struct {
	tape    *Tape
	v, g, w *Weight
	value   *Buffer   // [out, in]: W
	norms   []float32 // [out]
	normsAt uint64    // version of the parameters that norms belongs to

	forward, backward func(lo, hi int)
	from              int // the first of the rows that backward counts from
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

// Backward does nothing: the operation that uses W has finished its gradient.
func (o *weightNormOp) Backward() {}

// finish turns rows [lo, hi) of the gradient of W into those of V and g.
func (o *weightNormOp) finish(lo, hi int) {
	o.from = lo
	o.v.TakeGrads() // both are set whole, stage by stage
	o.g.TakeGrads()
	o.tape.pool.For(hi-lo, 16, o.backward)
	o.v.complete(hi)
	o.g.complete(hi)
}

// backwardRows forms, with s = dW·V/‖V‖ for each row,
//
//	dg = s,  dV = g/‖V‖·(dW - s·V/‖V‖)
//
// where a norm at its floor counts as a constant. dV takes dW's place.
func (o *weightNormOp) backwardRows(lo, hi int) {
	v, g := o.v.Value(), o.g.Value().Data
	for l := range o.tape.Shape.Lanes {
		dv, dg := o.v.Grad(l), o.g.Grad(l).Data
		for i := o.from + lo; i < o.from+hi; i++ {
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
