package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// A recurrent layer is one operation over a whole sequence. Its rows are
// independent of each other, so it computes in three parts:
//
//  1. what the input contributes to the gates, one matrix product over all T
//     steps;
//  2. the recurrence, step by step: the product with the state, then the gates;
//  3. in Backward, after the recurrence ran in reverse, the weight gradients,
//     one product per lane over all T steps.
//
// The second part splits the rows over the pool, each range running through all
// T steps by itself, so that nobody waits for anybody between steps. With too
// few rows for that, or with weights so large that everybody's reading all of
// them would cost more than waiting, each step is shared out instead.
//
// T is the steps of the input's layout, N stands for L*R, the rows of one step.
// The incoming state is a constant: gradients stop there (truncated
// back-propagation through time). It is zero where no states are carried.

// phase is a part of a step: a matrix product and what is done with its result,
// row by row. Either may be nil.
type phase struct {
	product func(pool *tensor.Pool, t, lo, hi int) // for rows [lo, hi) of step t
	rows    func(t, lo, hi int)
}

// sequence is what all recurrent operations share.
type sequence struct {
	tape *Tape
	x, y *Node  // [T*N, in], [T*N, H]
	h    *State // [N, H]; nil when sequences start at zero
	rows int    // N = L*R

	zero    *Buffer // [N, H] zeros in place of the incoming state; nil when there is one
	packing         // of rows of different lengths

	forward, backward walk
}

// walk is one direction through time.
type walk struct {
	phases []phase
	alone  func(lo, hi int)   // all steps for some rows; nil when steps are shared out
	shared []func(lo, hi int) // by phase: what is done with rows of the step at hand
	step   int

	from, to, by int // steps

	lengths *Lengths            // nil when all rows have all steps
	pad     func(t, lo, hi int) // done instead with rows [lo, hi) that lack step t
}

// newSequence checks the input and makes the output and the state.
func newSequence(t *Tape, l CellLayer, x *Node, run Sequences) sequence {
	layout := x.Layout
	switch {
	case x.Cols != l.In || run.States != nil && layout.LaneRows() != t.Shape.Rows:
		panic(fmt.Sprintf("nn: %s takes %d features for any steps of %s of each lane, got %v", l.Path(), l.In, count(t.Shape.Rows, "row"), x))
	case x.Layout.IsImage():
		panic(fmt.Sprintf("nn: %s takes rows of %d features, got %v; see Tape.Flatten", l.Path(), l.In, x))
	}
	run.Lengths.fit(l.Path(), layout)
	s := sequence{tape: t, x: x, y: t.Node(layout, l.Hidden), h: l.State(run.States, "h"),
		rows: layout.Lanes * layout.LaneRows()}
	if s.h == nil {
		s.zero = t.Buffer(s.rows * l.Hidden)
	}
	if run.Lengths != nil {
		s.packing = newPacking(t, run.Lengths, s.rows, l.Hidden)
	}
	return s
}

// record appends the operation that the sequence is part of.
func (s *sequence) record(op Operation, use Use) {
	if s.zero != nil {
		use.Scratch = append(use.Scratch, s.zero)
	}
	if s.lengths != nil {
		use.Scratch = append(use.Scratch, s.left, s.result)
	}
	s.tape.Record(op, use)
}

// minRows is the least number of rows that make a matrix product on one
// goroutine run at full speed.
const minRows = 4

// largeWeights is the elements of recurrent weights above which goroutines share
// out the products of a step, each reading its own part: all of them do not fit
// the second cache by far, and reading them from beyond costs more than waiting.
const largeWeights = 3 << 20

// bind prepares the walks over time, once, so that replays allocate nothing. The
// weights are those of the products.
func (s *sequence) bind(forward, backward []phase, weights ...*Weight) {
	size := 0
	for _, w := range weights {
		size += w.Rows * w.Cols
	}
	steps, together := s.x.Layout.Steps, s.rows < minRows*s.tape.pool.Size() || size > largeWeights
	s.forward = walk{phases: forward, from: 0, to: steps, by: 1}
	s.backward = walk{phases: backward, from: steps - 1, to: -1, by: -1}
	if s.lengths != nil {
		s.forward.lengths, s.forward.pad = s.lengths, s.clearForward
		s.backward.lengths, s.backward.pad = s.lengths, s.clearBackward
	}
	s.forward.bind(s.tape.pool, together)
	s.backward.bind(s.tape.pool, together)
}

func (w *walk) bind(pool *tensor.Pool, together bool) {
	if w.lengths != nil {
		w.pack()
	}
	phases, single := w.phases, pool.Alone()
	if !together {
		w.alone = func(lo, hi int) {
			for t := w.from; t != w.to; t += w.by {
				for _, p := range phases {
					p.run(single, t, lo, hi)
				}
			}
		}
		return
	}
	for _, p := range phases {
		w.shared = append(w.shared, func(lo, hi int) { p.rows(w.step, lo, hi) })
	}
}

func (p *phase) run(pool *tensor.Pool, t, lo, hi int) {
	if p.product != nil {
		p.product(pool, t, lo, hi)
	}
	if p.rows != nil {
		p.rows(t, lo, hi)
	}
}

// walk runs one direction over all rows.
func (s *sequence) walk(w *walk) {
	pool := s.tape.pool
	if s.zero != nil {
		clear(s.zero.Data)
	}
	if s.lengths != nil {
		w.limit(s.live)
	}
	if w.alone != nil {
		pool.For(s.rows, minRows, w.alone)
		return
	}
	for t := w.from; t != w.to; t += w.by {
		w.step = t
		for i, p := range w.phases {
			if p.product != nil {
				p.product(pool, t, 0, s.rows)
			}
			if p.rows != nil {
				pool.For(s.rows, 1, w.shared[i])
			}
		}
	}
}

// at returns rows [lo, hi) of step t of a time-major matrix.
func (s *sequence) at(m tensor.Matrix, t, lo, hi int) tensor.Matrix {
	return m.Slice(t*s.rows+lo, t*s.rows+hi)
}

// before returns rows [lo, hi) of m as step t found it: of the step before, or
// of the incoming state.
func (s *sequence) before(m tensor.Matrix, in *State, t, lo, hi int) tensor.Matrix {
	if t == 0 {
		return s.incoming(in).Slice(lo, hi)
	}
	return s.at(m, t-1, lo, hi)
}

// incoming is the state that the batch starts from, [N, H].
func (s *sequence) incoming(in *State) tensor.Matrix {
	if in == nil {
		return tensor.Of(s.zero.Data, s.rows, s.y.Cols)
	}
	return in.In(s.tape)
}

// keep writes the last step of m as the next state. Units that are held have their value in both.
func (s *sequence) keep(m tensor.Matrix, out *State) {
	switch {
	case out == nil:
		return
	case len(out.held) > 0:
		s.hold(m, out)
	case s.lengths != nil:
		s.keepLast(m, out)
		return
	}
	copy(out.Out(s.tape).Data, m.Slice(m.Rows-s.rows, m.Rows).Data)
}

// hold overwrites the units that are held.
func (s *sequence) hold(m tensor.Matrix, out *State) {
	if s.lengths != nil || m.Rows != s.rows {
		panic(fmt.Sprintf("nn: a unit of %s is held on a tape of %v; record one step of rows that are not packed", out.Name, s.x.Layout))
	}
	for i := range m.Rows {
		for _, h := range out.held {
			m.Row(i)[h.unit] = h.value
		}
	}
}

// matrix returns a buffer of the tape as a matrix of T*N rows.
func (s *sequence) matrix(b *Buffer) tensor.Matrix {
	rows := s.x.Rows
	return tensor.Of(b.Data, rows, len(b.Data)/rows)
}

// layout is that of the steps that are computed.
func (s *sequence) layout() Layout {
	l := s.x.Layout
	if s.lengths != nil {
		l.Steps = s.live
	}
	return l
}

// multiplyAdd computes c += a*b for rows of step t, of which c and a begin with
// row lo.
func (s *sequence) multiplyAdd(pool *tensor.Pool, t, lo int, c, a tensor.Matrix, b *tensor.Panels) {
	if s.lengths == nil {
		pool.MatMulAdd(c, a, b)
	} else {
		s.packedMultiply(pool, t, lo, c, a, b, nil, true)
	}
}

// multiply computes c = bias + a*b in the same way. The bias may be nil.
func (s *sequence) multiply(pool *tensor.Pool, t, lo int, c, a tensor.Matrix, b *tensor.Panels, bias []float32) {
	if s.lengths == nil {
		pool.MatMulBias(c, a, b, bias)
	} else {
		s.packedMultiply(pool, t, lo, c, a, b, bias, false)
	}
}

// project sets z = bias + x·Wᵀ for all steps. The bias may be nil.
func (s *sequence) project(z tensor.Matrix, bias []float32, w *Weight) {
	x := s.x.Value()
	if s.lengths != nil {
		s.beginPacked()
		x, z = s.begun(x), s.begun(z)
	}
	s.tape.pool.MatMulBias(z, x, w.Forward(), bias)
}

// projectBack adds what project's z gradient means for x, W and the biases. What
// travels comes first.
func (s *sequence) projectBack(dz tensor.Matrix, w *Weight, biases ...*Weight) {
	addBiases(s.layout(), dz, biases)
	w.addProducts(s.layout(), dz, s.x.Value())
	s.inputBack(dz, w)
}

// inputBack adds what project's z gradient means for x.
func (s *sequence) inputBack(dz tensor.Matrix, w *Weight) {
	switch {
	case !s.x.NeedsGrad():
	case s.lengths != nil:
		s.packedInputBack(dz, w)
	default:
		w.addInput(s.x, dz)
	}
}

// recurBack adds the gradient of W for z_t = b + h_{t-1}·Wᵀ: the sum over time
// of dz_tᵀ·h_{t-1}, where step 0 saw the incoming state.
func (s *sequence) recurBack(dz tensor.Matrix, w *Weight, biases ...*Weight) {
	addBiases(s.layout(), dz, biases)
	w.addStages(s.layout(), dz, s.states)
}

// states is the rows of one lane of h_{t-1}, for all steps t.
func (s *sequence) states(lane int) tensor.Blocks {
	l := s.layout()
	r := l.LaneRows()
	return tensor.Blocks{
		M: s.y.Value(), First: lane * r, Count: l.Steps - 1, Rows: r, Step: s.rows,
		Head: s.incoming(s.h).Slice(lane*r, (lane+1)*r),
	}
}

// gatesBack is recurBack for whh and projectBack for wih at once, where both
// have the same gradient.
func (s *sequence) gatesBack(dz tensor.Matrix, whh, wih *Weight, biases ...*Weight) {
	addBiases(s.layout(), dz, biases)
	s.addBoth(dz, whh, s.states, wih)
	s.inputBack(dz, wih)
}

// addBoth adds to the gradients of two weights of as many rows: w met the states
// that are given by lane, wih the input.
func (s *sequence) addBoth(dz tensor.Matrix, w *Weight, states func(lane int) tensor.Blocks, wih *Weight) {
	if w.frozen && wih.frozen {
		return
	}
	t, x, layout := s.tape, s.x.Value(), s.layout()
	fresh, freshIH := w.TakeGrads(), wih.TakeGrads()
	for lo, hi := 0, 0; lo < w.Rows; lo = hi {
		hi = w.stage(lo)
		for l := range t.Shape.Lanes {
			t.pool.MatMulTransBoth(layout.Lane(dz.Columns(lo, hi), l), w.target(l, lo, hi, states(l), fresh),
				wih.target(l, lo, hi, layout.Lane(x, l), freshIH))
		}
		w.complete(hi)
		wih.complete(hi)
	}
}

// addBiases adds the sums of dz's columns to the gradients of biases.
func addBiases(layout Layout, dz tensor.Matrix, biases []*Weight) {
	alone := false // the first one's gradient is the sums, and nothing else
	for i, b := range biases {
		if i == 0 || !alone || !b.fresh {
			alone = i == 0 && b.fresh
			b.addColumnSums(layout, dz)
			continue
		}
		b.TakeGrads()
		for l := range b.tape.Shape.Lanes { // the same sums
			copy(b.Grad(l).Data, biases[0].Grad(l).Data)
		}
	}
}
