package nn

import "github.com/rondo-ml/rondo/tensor"

// Symbols is how a layer reads texts: it makes a row of each symbol, or one of all symbols of a text.
type Symbols struct {
	Tokens *Tokens
	Rows   Recorded // what the layer yields

	of symbolReader
}

// symbolReader is an operation that makes rows of symbols.
type symbolReader interface {
	reads() (*Tokens, *Node)
	// puts is what the symbol at step t of text i puts into a row of the output, which has so large a share of what the symbol
	// stands for; to holds zeros.
	puts(to []float32, t, i int) (row int, share float32)
}

// Symbols returns how the first layer that reads texts does so; nil where none does.
func (t *Tape) Symbols() *Symbols {
	for i, op := range t.ops {
		if of, is := op.(symbolReader); is {
			tokens, y := of.reads()
			return &Symbols{tokens, Recorded{t.uses[i].Name, y}, of}
		}
	}
	return nil
}

// Bag says whether there is one row of all symbols of a text, in which their places are lost.
func (s *Symbols) Bag() bool { return s.Rows.Layout.Steps == 1 && s.Rows.tape.Shape.Steps > 1 }

// Puts returns what the symbol at step t of text i puts into the rows that the layer yields, the gradient of the row into which it
// does, and which share of the symbol's own row that is: 1, or one of as many as are in a mean. The gradient holds after Backward
// on a tape that looks inside, where [Tape.KeepGrad] was called for the rows.
func (s *Symbols) Puts(t, i int) (put, grad []float32, share float32) {
	put = make([]float32, s.Rows.Cols)
	row, share := s.of.puts(put, t, i)
	return put, s.Rows.Grad().Row(row), share
}

func (o *embedding) reads() (*Tokens, *Node) { return o.tokens, o.y }

func (o *embedding) puts(to []float32, t, i int) (row int, share float32) {
	row = t*o.y.Rows/o.tape.Shape.Steps + i
	copy(to, o.w.Value().Row(int(o.tokens.Input[row])))
	return row, 1
}

func (o *bag) reads() (*Tokens, *Node) { return o.tokens, o.y }

func (o *bag) puts(to []float32, t, i int) (row int, share float32) {
	token, counts := o.token(t, i)
	if !counts {
		return i, 0
	}
	share = o.share(i)
	tensor.Scale(to, o.w.Value().Row(token), share)
	return i, share
}

func (o *oneHot) reads() (*Tokens, *Node) { return o.tokens, o.y }

func (o *oneHot) puts(to []float32, t, i int) (row int, share float32) {
	row = t*o.y.Rows/o.tape.Shape.Steps + i
	to[o.tokens.Input[row]] = 1
	return row, 1
}

func (o *oneHotBag) reads() (*Tokens, *Node) { return o.tokens, o.y }

func (o *oneHotBag) puts(to []float32, t, i int) (row int, share float32) {
	share = 1
	if o.mean {
		share /= float32(max(o.lengths.of(i, o.tape.Shape.Steps), 1))
	}
	to[o.tokens.Input[t*o.y.Rows+i]] = share
	return i, share
}
