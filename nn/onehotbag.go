package nn

import "github.com/rondo-ml/rondo/tensor"

// OneHotBag records y [L*R, vocab], of one step: for each row the sum or the mean
// of its tokens as one-hot rows, which is how often each symbol is there. Lengths
// say how many of the T tokens count, nil that all do. A row without tokens yields
// zeros. A linear layer over it is [Embedding.Bag] and a bias. It has no gradient.
func (t *Tape) OneHotBag(name string, tokens *Tokens, lengths *Lengths, vocab int, mode BagMode) *Node {
	tokens.fit(name, t.Shape, vocab)
	lengths.fit(name, t.Shape.Layout())
	l := t.Shape.Layout()
	l.Steps = 1
	op := &oneHotBag{tape: t, tokens: tokens, lengths: lengths, y: t.Node(l, vocab), mean: mode == BagMean}
	op.forward = op.forwardRows
	t.Record(op, Use{Name: name, Outputs: []*Node{op.y}})
	return op.y
}

type oneHotBag struct {
	tape    *Tape
	tokens  *Tokens
	lengths *Lengths
	y       *Node
	mean    bool

	forward func(lo, hi int) // over rows
}

func (o *oneHotBag) Forward() { o.tape.pool.For(o.y.Rows, 8, o.forward) }

func (o *oneHotBag) forwardRows(lo, hi int) {
	y := o.y.Value()
	for i := lo; i < hi; i++ {
		row, n := y.Row(i), o.lengths.of(i, o.tape.Shape.Steps)
		clear(row)
		for t := range n {
			row[o.tokens.Input[t*o.y.Rows+i]]++
		}
		if o.mean && n > 0 {
			tensor.Scale(row, row, 1/float32(n))
		}
	}
}

func (o *oneHotBag) Backward() {}
