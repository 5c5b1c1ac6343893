package nn

import (
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
func (n *weightNorm) record(t *Tape) (*Weight, []*Buffer) {
	out, in := n.v.Rows, n.v.Cols
	o := &weightNormOp{
		tape: t, v: t.Param(n.v), g: t.Param(n.g),
		value: t.Buffer(out * in), norms: make([]float32, out),
	}
	o.w = &Weight{
		Name: n.name, Rows: out, Cols: in,
		Value: func() tensor.Matrix { return tensor.Of(o.value.Data, out, in) },
		tape:  t,
		// V itself is no operand, so its place for packed copies is W's: all
		// tapes share them.
		panels: &n.v.panels,
	}
	saved := []*Buffer{o.value}
	if t.Mode == Training {
		o.grads = t.Buffer(t.Shape.Lanes * out * in)
		o.w.Grad = func(lane int) tensor.Matrix {
			return tensor.Of(o.grads.Data[lane*out*in:(lane+1)*out*in], out, in)
		}
		saved = append(saved, o.grads)
	}
	o.forward, o.backward = o.forwardRows, o.backwardRows
	t.Record(o, Use{Name: n.name, Saved: saved, Weights: []*Weight{o.v, o.g}})
	return o.w, saved
}

type weightNormOp struct {
	tape    *Tape
	v, g, w *Weight
	value   *Buffer   // [out, in]: W
	grads   *Buffer   // [L, out, in]: W's gradient, by lane
	norms   []float32 // [out]
	normsAt uint64    // version of the parameters that norms belongs to

	forward, backward func(lo, hi int)
}

// Forward does nothing but clear gradients where the same parameters were
// packed before: the next token of a sample, the next pass of a large batch.
func (o *weightNormOp) Forward() {
	version, panels := o.tape.params.version, o.w.panels
	packed := panels.forwardAt == version
	if o.tape.Mode == Training {
		clear(o.grads.Data)
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

// backwardRows adds, with s = dW·V/‖V‖ for each row,
//
//	dg = s,  dV = g/‖V‖·(dW - s·V/‖V‖)
//
// where a norm at its floor counts as a constant.
func (o *weightNormOp) backwardRows(lo, hi int) {
	v, g := o.v.Value(), o.g.Value().Data
	for l := range o.tape.Shape.Lanes {
		dw, dv, dg := o.w.Grad(l), o.v.Grad(l), o.g.Grad(l).Data
		for i := lo; i < hi; i++ {
			s := float32(dot(dw.Row(i), v.Row(i)) / float64(o.norms[i]))
			dg[i] += s
			scale := g[i] / o.norms[i]
			tensor.Axpy(dv.Row(i), scale, dw.Row(i))
			if o.norms[i] > 1e-6 {
				tensor.Axpy(dv.Row(i), -scale*s/o.norms[i], v.Row(i))
			}
		}
	}
}

// dot returns Σ a·b. Products of two float32 are exact in float64, so fusing
// them with the additions changes nothing.
func dot(a, b []float32) float64 {
	var s [4]float64
	n := len(a) &^ 3
	for j := 0; j < n; j += 4 {
		x, y := a[j:j+4], b[j:j+4]
		s[0] += float64(x[0]) * float64(y[0])
		s[1] += float64(x[1]) * float64(y[1])
		s[2] += float64(x[2]) * float64(y[2])
		s[3] += float64(x[3]) * float64(y[3])
	}
	for j := n; j < len(a); j++ {
		s[0] += float64(a[j]) * float64(b[j])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}
