package nn

import "github.com/rondo-ml/rondo/tensor"

// Rows of different lengths. A row's steps beyond its length are not computed:
// what a recurrent layer does at a step, it does for the rows that still have
// it, for a product gathered side by side. Rows are independent, so their bits
// do not depend on who is beside them. Steps that no row has are left out
// altogether.
//
// The sums over time that follow the walk, the weight gradients, do run over
// padding of rows beside longer ones. There the output, what the layer saved and
// its gradients are zero, and add nothing. So a lane's sums do not depend on the
// other lanes or on T: zeros follow.

// packing is what a sequence has for rows of different lengths.
type packing struct {
	lengths *Lengths // nil when all rows have all steps
	live    int      // steps of the longest row of the batch at hand, at least 1
	left    *Buffer  // [N, 4H]: rows that a product reads
	result  *Buffer  // [N, 4H]: and what it makes of them
	pads    pads
}

// pads lists what must be zero where rows are padding.
type pads struct {
	forward  []*Buffer // cleared as the walk in Forward passes, beside the output
	backward []*Buffer // the same in Backward, beside the gradient of the output
}

// mostGates is the widest operand of a product, in units of H.
const mostGates = 4

func newPacking(t *Tape, lengths *Lengths, rows, hidden int) packing {
	n := rows * mostGates * hidden
	return packing{lengths: lengths, left: t.Buffer(n), result: t.Buffer(n)}
}

// longest is the largest length, at least 1.
func (k *Lengths) longest() int {
	most := 1
	for i := range k.Of {
		most = max(most, k.of(i, k.Steps))
	}
	return most
}

// limit makes the walk one through the given steps.
func (w *walk) limit(steps int) {
	if w.by > 0 {
		w.to = steps
	} else {
		w.from = steps - 1
	}
}

// pack makes every phase leave out the rows that lack a step, and the first that
// goes row by row clear them.
func (w *walk) pack() {
	packed := make([]phase, len(w.phases))
	pad := w.pad
	for i, p := range w.phases {
		packed[i].product = p.product
		if p.rows == nil {
			continue
		}
		clears := pad
		pad = nil
		packed[i].rows = func(t, lo, hi int) {
			for end, has := lo, false; lo < hi; lo = end {
				end, has = w.lengths.group(t, lo, hi)
				switch {
				case has:
					p.rows(t, lo, end)
				case clears != nil:
					clears(t, lo, end)
				}
			}
		}
	}
	w.phases = packed
}

// group returns the end of the neighbours from row lo on that all have step t,
// or all lack it, and which.
func (k *Lengths) group(t, lo, hi int) (end int, has bool) {
	has = int(k.Of[lo]) > t
	for end = lo + 1; end < hi && (int(k.Of[end]) > t) == has; end++ {
	}
	return end, has
}

// packedMultiply computes c = bias + a*b, or c += a*b with add, for the rows
// that have step t. The first of c and a is row lo of the step.
func (s *sequence) packedMultiply(pool *tensor.Pool, t, lo int, c, a tensor.Matrix, b *tensor.Panels, bias []float32, add bool) {
	of, width := s.lengths.Of[lo:lo+c.Rows], mostGates*s.y.Cols
	left, result := s.left.Data[lo*width:], s.result.Data[lo*width:]
	n := 0
	for i, length := range of {
		if int(length) <= t {
			continue
		}
		copy(left[n*a.Cols:(n+1)*a.Cols], a.Row(i))
		if add {
			copy(result[n*c.Cols:(n+1)*c.Cols], c.Row(i))
		}
		n++
	}
	if n == 0 {
		return
	}
	rows, product := tensor.Of(left[:n*a.Cols], n, a.Cols), tensor.Of(result[:n*c.Cols], n, c.Cols)
	if add {
		pool.MatMulAdd(product, rows, b)
	} else {
		pool.MatMulBias(product, rows, b, bias)
	}
	n = 0
	for i, length := range of {
		if int(length) > t {
			copy(c.Row(i), product.Row(n))
			n++
		}
	}
}

// begun is the rows of m, [T*N, …], of the steps that are computed, and ended
// those after them.
func (s *sequence) begun(m tensor.Matrix) tensor.Matrix { return m.Slice(0, s.live*s.rows) }
func (s *sequence) ended(m tensor.Matrix) tensor.Matrix { return m.Slice(s.live*s.rows, m.Rows) }

// beginPacked finds the steps that are computed, and clears the output of the
// others.
func (s *sequence) beginPacked() {
	s.live = s.lengths.longest()
	clear(s.ended(s.y.Value()).Data)
}

// packedInputBack is inputBack for the steps that are computed.
func (s *sequence) packedInputBack(dz tensor.Matrix, w *Weight) {
	dx, fresh := s.x.TakeGrad()
	if !fresh {
		s.tape.pool.MatMulAdd(s.begun(dx), s.begun(dz), w.Backward())
		return
	}
	s.tape.pool.MatMulBias(s.begun(dx), s.begun(dz), w.Backward(), nil)
	clear(s.ended(dx).Data)
}

// clearForward makes rows [lo, hi) of step t padding.
func (s *sequence) clearForward(t, lo, hi int) {
	s.clearRows(s.y.value, t, lo, hi)
	for _, b := range s.pads.forward {
		s.clearRows(b, t, lo, hi)
	}
}

// clearBackward does so with the gradients.
func (s *sequence) clearBackward(t, lo, hi int) {
	s.clearRows(s.y.grad, t, lo, hi)
	for _, b := range s.pads.backward {
		s.clearRows(b, t, lo, hi)
	}
}

func (s *sequence) clearRows(b *Buffer, t, lo, hi int) { clear(s.at(s.matrix(b), t, lo, hi).Data) }

// keepLast writes what m holds at each row's last step as the next state: what
// came in where the row has none.
func (s *sequence) keepLast(m tensor.Matrix, state *State) {
	in, out := state.In(s.tape), state.Out(s.tape)
	for i := range s.rows {
		if n := s.lengths.of(i, s.lengths.Steps); n > 0 {
			copy(out.Row(i), m.Row((n-1)*s.rows+i))
		} else {
			copy(out.Row(i), in.Row(i))
		}
	}
}
