package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Network is a model that reads texts and carries a state from one byte to the next.
type Network interface {
	Params() *nn.Params
	Forward(t *nn.Tape, b *nn.Batch) *nn.Node
}

// StateOptions say which state is wanted.
type StateOptions struct {
	Name   string                // as rnn.c_l0, or c or h; empty: the last layer's memory (c), or its output (h) where it has none
	Rows   int                   // texts that are read side by side; 0: 128
	Report func(done, total int) // bytes read; may be nil
}

// States has the network read each text from a state of zeros, and returns what a state holds behind its last byte,
// [texts, units], and that state's name. Texts may be of any length: a byte is read at a time, of all texts that are
// under way, so memory is that of Rows texts. The longest begin first, and a text takes the place of one that ended.
// Which texts are read together changes no bit.
func States(ctx context.Context, net Network, pool *tensor.Pool, texts [][]byte, opt StateOptions) (tensor.Matrix, string, error) {
	total := 0
	for _, t := range texts {
		total += len(t)
	}
	r, err := newReader(net, pool, max(1, min(cmp.Or(opt.Rows, 128), len(texts))))
	if err != nil {
		return tensor.Matrix{}, "", err
	}
	state, err := r.pick(opt.Name)
	if err != nil {
		return tensor.Matrix{}, "", err
	}
	if err := r.check(texts); err != nil {
		return tensor.Matrix{}, "", err
	}
	x := tensor.NewMatrix(len(texts), state.Width)
	r.begin(texts)
	for done, reads := 0, 0; done < total; reads++ {
		if reads%64 == 0 {
			if err := ctx.Err(); err != nil {
				return tensor.Matrix{}, "", err
			}
			if opt.Report != nil {
				opt.Report(done, total)
			}
		}
		done += r.read()
		r.harvest(state, x)
	}
	if opt.Report != nil {
		opt.Report(total, total)
	}
	return x, state.Name, nil
}

// reader is a network that reads a byte of several texts at a time.
type reader struct {
	tape   *nn.Tape
	states *nn.States
	tokens *nn.Tokens

	texts [][]byte
	order []int // texts that have not begun, the longest last
	text  []int // by row: which text is read; -1: none
	at    []int // by row: the next byte
}

func newReader(net Network, pool *tensor.Pool, rows int) (*reader, error) {
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: rows}
	r := &reader{states: nn.NewStates(1, rows), text: make([]int, rows), at: make([]int, rows)}
	r.tape = nn.NewTape(net.Params(), pool, shape, nn.Inference, 0)
	b := r.tape.NewBatch(r.states)
	r.tape.Keep(net.Forward(r.tape, b))
	if err := r.tape.Err(); err != nil {
		return nil, err
	}
	parts := b.Parts()
	if len(parts) == 1 && parts[0].Name == "text" {
		r.tokens, _ = parts[0].Holds.(*nn.Tokens)
	}
	if r.tokens == nil {
		return nil, errors.New("the network reads more than a text, or none; a model of kind charlm is wanted")
	}
	r.tape.Plan()
	return r, nil
}

// pick finds a state by its name, as [nn.PickState] has it.
func (r *reader) pick(name string) (*nn.State, error) {
	var names []string
	for _, s := range r.states.List {
		names = append(names, s.Name)
	}
	at, err := nn.PickState(names, name)
	if err != nil {
		return nil, err
	}
	return r.states.List[at], nil
}

// TextError is what is wrong with one of the texts, or with what was read of it.
type TextError struct {
	Text int // from 0 on
	Err  error
}

func (e *TextError) Error() string { return fmt.Sprintf("text %d: %v", e.Text+1, e.Err) }

func (e *TextError) Unwrap() error { return e.Err }

// check says which text has a byte that the network does not know.
func (r *reader) check(texts [][]byte) error {
	for i, text := range texts {
		for at, c := range text {
			if int(c) >= r.tokens.Vocab {
				return &TextError{i, fmt.Errorf("byte %d is %d, and the network has %d symbols", at, c, r.tokens.Vocab)}
			}
		}
	}
	return nil
}

// begin puts the first texts into the rows.
func (r *reader) begin(texts [][]byte) {
	r.texts, r.order = texts, nil
	for i, t := range texts {
		if len(t) > 0 { // the features of an empty text are the zeros that it begins with
			r.order = append(r.order, i)
		}
	}
	slices.SortStableFunc(r.order, func(a, b int) int { return len(texts[a]) - len(texts[b]) })
	for row := range r.text {
		r.next(row)
	}
}

// next puts the next text into a row, if there is one.
func (r *reader) next(row int) {
	r.text[row], r.at[row] = -1, 0
	if n := len(r.order); n > 0 {
		r.text[row], r.order = r.order[n-1], r.order[:n-1]
	}
	for _, s := range r.states.List {
		clear(s.Current[row*s.Width : (row+1)*s.Width])
	}
}

// read reads a byte in each row, and returns how many there were.
func (r *reader) read() (n int) {
	for row, text := range r.text {
		r.tokens.Input[row] = 0
		if text < 0 {
			continue
		}
		r.tokens.Input[row] = int32(r.texts[text][r.at[row]])
		r.at[row]++
		n++
	}
	r.tape.Forward()
	r.states.Commit()
	return n
}

// harvest takes the state of texts that have ended, and begins others in their place.
func (r *reader) harvest(s *nn.State, x tensor.Matrix) {
	for row, text := range r.text {
		if text >= 0 && r.at[row] == len(r.texts[text]) {
			copy(x.Row(text), s.Current[row*s.Width:(row+1)*s.Width])
			r.next(row)
		}
	}
}
