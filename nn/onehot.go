package nn

// OneHot records the tokens as rows [T*L*R, vocab] that are 1 at the token and 0
// elsewhere, all at the same distance from each other. A linear layer over them
// is an [Embedding], which does without the zeros. It has no gradient.
func (t *Tape) OneHot(name string, tokens *Tokens, vocab int) *Node {
	tokens.fit(name, t.Shape, vocab)
	op := &oneHot{tape: t, tokens: tokens, y: t.Node(t.Shape.Layout(), vocab)}
	op.forward = op.forwardRows
	t.Record(op, Use{Name: name, Outputs: []*Node{op.y}})
	return op.y
}

type oneHot struct {
	tape   *Tape
	tokens *Tokens
	y      *Node

	forward func(lo, hi int) // over rows
}

func (o *oneHot) Forward() { o.tape.pool.For(o.y.Rows, 64, o.forward) }

func (o *oneHot) forwardRows(lo, hi int) {
	y := o.y.Value()
	clear(y.Slice(lo, hi).Data)
	for row := lo; row < hi; row++ {
		y.Row(row)[o.tokens.Input[row]] = 1
	}
}

func (o *oneHot) Backward() {}
