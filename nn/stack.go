package nn

import (
	"fmt"
	"strings"
)

// StackOptions are the choices of a [Stack] beside its sizes.
type StackOptions struct {
	Dropout    float32 // rate of dropout between layers, in [0, 1); 0 is none
	WeightNorm bool    // mlstm only: W = g·V/‖V‖ for its four matrices

	// Bidirectional gives each layer a second set of weights that reads every
	// row from its end (Schuster and Paliwal, 1997).
	Bidirectional bool
}

// Stack is one or more recurrent layers of one kind, one on top of the other.
//
// Parameters have the names of torch.nn: name.weight_ih_l0 [gates*H, in],
// name.bias_hh_l1, …; the hidden state consists of name.h_l0 and, for the
// cells that have one, name.c_l0. The weights that read from the end are called
// name.weight_ih_l0_reverse and so on.
type Stack struct {
	Name   string
	Hidden int // H
	Width  int // columns of the output: H, or 2H of a bidirectional stack

	cell    string
	layers  []Recurrent
	reverse []Recurrent // of a bidirectional stack
	dropout []*Dropout  // before layer 1, 2, …
}

// NewStack registers the parameters of layers recurrent layers. Cell is one of
// [Cells]:
//
//	rnn            h' = tanh(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh)
//	rnn-relu       the same with relu in place of tanh
//	gru            as torch.nn.GRU: reset after the product with h
//	gru-textbook   as Cho et al. (2014): reset before it
//	lstm           as torch.nn.LSTM
//	lstm-peephole  with diagonal peepholes (Gers et al. 2002)
//	mlstm          multiplicative LSTM (Krause et al. 2016)
//
// or a program's own ([RegisterCell]).
//
// It returns an error when the cell is unknown or a size or option is out of
// range.
func NewStack(ps *Params, name, cell string, in, hidden, layers int, opt StackOptions) (*Stack, error) {
	build := cells[cell]
	switch {
	case build == nil:
		return nil, fmt.Errorf("nn: %s: unknown cell %q; use one of %s", name, cell, strings.Join(Cells(), ", "))
	case in < 1 || in > maxUnits || hidden < 1 || hidden > maxUnits || layers < 1 || layers > maxLayers:
		return nil, fmt.Errorf("nn: %s: %d inputs, %d hidden units and %d layers; use 1 to %d units and 1 to %d layers",
			name, in, hidden, layers, maxUnits, maxLayers)
	case !(opt.Dropout >= 0 && opt.Dropout < 1):
		return nil, fmt.Errorf("nn: %s: dropout is %v; it must be at least 0 and less than 1", name, opt.Dropout)
	case opt.WeightNorm && cell != "mlstm":
		return nil, fmt.Errorf("nn: %s: weight normalization is for the cell mlstm, not for %s", name, cell)
	}
	s := &Stack{Name: name, Hidden: hidden, Width: hidden, cell: cell}
	if opt.Bidirectional {
		s.Width = 2 * hidden
	}
	for i := range layers {
		if i > 0 && opt.Dropout > 0 {
			// The index of the layer's first parameter makes the site unique.
			site := stackSites + uint32(len(ps.List))
			s.dropout = append(s.dropout, NewDropout(fmt.Sprintf("%s.dropout_l%d", name, i-1), opt.Dropout, site))
		}
		l := CellLayer{Params: ps, In: in, Hidden: hidden, cell: cell, name: name, suffix: fmt.Sprintf("_l%d", i), weightNorm: opt.WeightNorm}
		s.layers = append(s.layers, build(l))
		if opt.Bidirectional {
			l.suffix += "_reverse"
			s.reverse = append(s.reverse, build(l))
		}
		in = s.Width
	}
	return s, nil
}

// Limits that keep the number of parameters far from overflow.
const (
	maxUnits  = 1 << 16
	maxLayers = 1 << 10
)

// stackSites is where the random sites of dropout inside stacks begin; models
// count their own from 0.
const stackSites = 1 << 16

// Forward records the output of the last layer, [T*L*R, Width], for x
// [T*L*R, in]. The layers start from the current part of states and write the
// next. Without states (nil) every row starts from zero in every batch, as a
// bidirectional stack must.
func (s *Stack) Forward(t *Tape, x *Node, states *States) *Node {
	return s.ForwardPacked(t, x, nil, states)
}

// ForwardPacked is Forward for rows of different lengths, as PyTorch has it for
// packed sequences. The output is 0 where a row has ended, the next state is
// that of the row's last step, and a bidirectional stack reads each row from its
// own end. Nil lengths stand for all T steps.
func (s *Stack) ForwardPacked(t *Tape, x *Node, lengths *Lengths, states *States) *Node {
	if s.reverse != nil && states != nil {
		panic(fmt.Sprintf("nn: %s reads rows from their end, so it cannot carry states from batch to batch; record it without states (nil)", s.Name))
	}
	run := Sequences{states, lengths}
	for i, l := range s.layers {
		if i > 0 && s.dropout != nil {
			x = s.dropout[i-1].Forward(t, x)
		}
		y := s.record(t, l, x, run)
		if s.reverse != nil {
			name := fmt.Sprintf("%s.l%d_reverse", s.Name, i)
			back := s.record(t, s.reverse[i], t.Reverse(name+".input", x, lengths), run)
			y = t.joinDirections(name+".output", y, back, lengths)
		}
		x = y
	}
	return x
}

// record records a layer, and panics when its output is none of the stack's.
func (s *Stack) record(t *Tape, l Recurrent, x *Node, run Sequences) *Node {
	y := l.Forward(t, x, run)
	if y == nil || y.Cols != s.Hidden || y.Layout != x.Layout {
		panic(fmt.Sprintf("nn: %s: a layer of the cell %s gives %v for %v; want %s for the same rows", s.Name, s.cell, y, x, count(s.Hidden, "column")))
	}
	return y
}
