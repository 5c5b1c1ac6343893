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
// few rows for that, the matrix product inside a step is split instead.
//
// N stands for L*R, the rows of one step. The incoming state is a constant: gradients stop there (truncated
// back-propagation through time).

// cell is the part of a recurrent layer that walks through time, for rows
// [lo, hi) of step t. Matrix products use the given pool.
type cell interface {
	forwardStep(pool *tensor.Pool, t, lo, hi int)
	backwardStep(pool *tensor.Pool, t, lo, hi int)
}

// sequence is what all recurrent operations share.
type sequence struct {
	tape *Tape
	x, y *Node  // [T*N, in], [T*N, H]
	h    *State // [N, H]
	rows int    // N = L*R

	forward, backward func(lo, hi int) // all steps for some rows
}

// newSequence checks the input and makes the output and the state.
func newSequence(t *Tape, name string, x *Node, in, hidden int, h *State) sequence {
	if x.Cols != in || x.Rows != t.Shape.Total() {
		panic(fmt.Sprintf("nn: %s takes [%d, %d], got [%d, %d]", name, t.Shape.Total(), in, x.Rows, x.Cols))
	}
	return sequence{tape: t, x: x, y: t.Node(x.Rows, hidden), h: h, rows: t.Shape.Lanes * t.Shape.Rows}
}

// single is the pool of one: it computes on the goroutine that calls it.
var single = tensor.NewPool(1)

// minRows is the least number of rows that make a matrix product on one
// goroutine run at full speed.
const minRows = 4

// bind prepares the walks over time, once, so that replays allocate nothing.
func (s *sequence) bind(c cell) {
	steps := s.tape.Shape.Steps
	s.forward = func(lo, hi int) {
		for t := range steps {
			c.forwardStep(single, t, lo, hi)
		}
	}
	s.backward = func(lo, hi int) {
		for t := steps - 1; t >= 0; t-- {
			c.backwardStep(single, t, lo, hi)
		}
	}
	pool := s.tape.pool
	if s.rows >= minRows*pool.Size() {
		return
	}
	s.forward = func(_, _ int) {
		for t := range steps {
			c.forwardStep(pool, t, 0, s.rows)
		}
	}
	s.backward = func(_, _ int) {
		for t := steps - 1; t >= 0; t-- {
			c.backwardStep(pool, t, 0, s.rows)
		}
	}
}

// walk runs one direction over all rows.
func (s *sequence) walk(f func(lo, hi int)) {
	if s.rows < minRows*s.tape.pool.Size() {
		f(0, s.rows)
		return
	}
	s.tape.pool.For(s.rows, minRows, f)
}

// at returns rows [lo, hi) of step t of a time-major matrix.
func (s *sequence) at(m tensor.Matrix, t, lo, hi int) tensor.Matrix {
	return m.Slice(t*s.rows+lo, t*s.rows+hi)
}

// before returns rows [lo, hi) of m as step t found it: of the step before, or
// of the incoming state.
func (s *sequence) before(m tensor.Matrix, in *State, t, lo, hi int) tensor.Matrix {
	if t == 0 {
		return in.In(s.tape).Slice(lo, hi)
	}
	return s.at(m, t-1, lo, hi)
}

// keep writes the last step of m as the next state.
func (s *sequence) keep(m tensor.Matrix, out *State) {
	copy(out.Out(s.tape).Data, m.Slice(m.Rows-s.rows, m.Rows).Data)
}

// matrix returns a buffer of the tape as a matrix of T*N rows.
func (s *sequence) matrix(b *Buffer) tensor.Matrix {
	rows := s.x.Rows
	return tensor.Of(b.Data, rows, len(b.Data)/rows)
}

// project sets z = bias + x·Wᵀ for all steps.
func (s *sequence) project(z tensor.Matrix, bias []float32, w *Weight) {
	if bias == nil {
		clear(z.Data)
	} else {
		tensor.BroadcastRows(z, bias)
	}
	s.tape.pool.MatMulAdd(z, s.x.Value(), w.Forward())
}

// projectBack adds what project's z gradient means for x, W and the biases.
func (s *sequence) projectBack(dz tensor.Matrix, w *Weight, biases ...*Weight) {
	t, x := s.tape, s.x.Value()
	if s.x.NeedsGrad() {
		t.pool.MatMulAdd(s.x.Grad(), dz, w.Backward())
	}
	for l := range t.Shape.Lanes {
		t.pool.MatMulTransAdd(w.Grad(l), t.Lane(dz, l), t.Lane(x, l))
		for _, b := range biases {
			t.pool.ColumnSumAdd(b.Grad(l).Data, t.Lane(dz, l))
		}
	}
}

// recurBack adds the gradient of W for z_t = b + h_{t-1}·Wᵀ: the sum over time
// of dz_tᵀ·h_{t-1}, where step 0 saw the incoming state. Both products continue
// one chain.
func (s *sequence) recurBack(dz tensor.Matrix, w *Weight, biases ...*Weight) {
	t, n := s.tape, s.rows
	in, y := s.h.In(t), s.y.Value()
	for l := range t.Shape.Lanes {
		dw := w.Grad(l)
		t.pool.MatMulTransAdd(dw, t.Lane(dz.Slice(0, n), l), t.Lane(in, l))
		if t.Shape.Steps > 1 {
			t.pool.MatMulTransAdd(dw, t.Lane(dz.Slice(n, dz.Rows), l), t.Lane(y.Slice(0, y.Rows-n), l))
		}
		for _, b := range biases {
			t.pool.ColumnSumAdd(b.Grad(l).Data, t.Lane(dz, l))
		}
	}
}

// layer names and registers the parameters of one recurrent layer.
type layer struct {
	ps         *Params
	name       string // "rnn"
	suffix     string // "_l0"
	in, hidden int
	weightNorm bool
}

// param adds name.part_l0, drawn from U(-1/sqrt(H), 1/sqrt(H)) as PyTorch does.
func (l layer) param(part string, shape ...int) *Param {
	return l.ps.Add(l.name+"."+part+l.suffix, l.init(), shape...)
}

func (l layer) init() Init { return UniformInit(1 / sqrt(float32(l.hidden))) }

// path names the layer in errors: "rnn.l0".
func (l layer) path() string { return l.name + "." + l.suffix[1:] }

// state returns the part of the hidden state called name.part_l0.
func (l layer) state(s *States, part string) *State {
	return s.Add(l.name+"."+part+l.suffix, l.hidden)
}
