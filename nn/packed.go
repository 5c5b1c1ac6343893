package nn

import "github.com/rondo-ml/rondo/tensor"

// Rows of different lengths. A row's steps beyond its length are not computed
// at all: what a recurrent layer runs at a step, it runs for each group of
// neighbouring rows that still have that step. Rows are independent, so their
// bits do not depend on the groups.
//
// The sums over time that follow the walk, the weight gradients, do run over
// padding. There the output, what the layer saved and its gradients are zero,
// and add nothing. So a lane's sums do not depend on T either: zeros follow.

// pads lists what must be zero where rows are padding.
type pads struct {
	forward  []*Buffer // cleared as the walk in Forward passes, beside the output
	backward []*Buffer // the same in Backward, beside the gradient of the output
}

// group returns the end of the neighbours from row lo on that all have step t,
// or all lack it, and which.
func (k *Lengths) group(t, lo, hi int) (end int, has bool) {
	has = int(k.Of[lo]) > t
	for end = lo + 1; end < hi && (int(k.Of[end]) > t) == has; end++ {
	}
	return end, has
}

// packed runs all steps for rows [lo, hi) on one goroutine.
func (w *walk) packed(single *tensor.Pool, lo, hi int) {
	for t := w.from; t != w.to; t += w.by {
		for at, end, has := lo, 0, false; at < hi; at = end {
			end, has = w.lengths.group(t, at, hi)
			if !has {
				w.pad(t, at, end)
				continue
			}
			for _, p := range w.phases {
				p.run(single, t, at, end)
			}
		}
	}
}

// packedStep runs step t of all rows on the whole pool.
func (w *walk) packedStep(pool *tensor.Pool, t, rows int) {
	for at, end, has := 0, 0, false; at < rows; at = end {
		if end, has = w.lengths.group(t, at, rows); has {
			w.share(pool, t, at, end)
		} else {
			w.pad(t, at, end)
		}
	}
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
	for i, n := range s.lengths.Of {
		if n == 0 {
			copy(out.Row(i), in.Row(i))
			continue
		}
		copy(out.Row(i), m.Row((int(n)-1)*s.rows+i))
	}
}
