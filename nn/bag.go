package nn

import "github.com/rondo-ml/rondo/tensor"

// BagMode says what an [Embedding] makes of a bag of tokens.
type BagMode int

// The modes of torch.nn.EmbeddingBag, without max.
const (
	BagSum BagMode = iota
	BagMean
)

// Bag records y [L*R, E], of one step: for each row the sum or the mean of the
// table's rows for its tokens, in whatever order they come. Lengths say how many
// of the T tokens count, nil that all do; the padding symbol counts nowhere. A
// row without tokens yields zeros.
func (e *Embedding) Bag(t *Tape, tokens *Tokens, lengths *Lengths, mode BagMode) *Node {
	tokens.fit(e.Name, t.Shape, e.Weight.Rows)
	lengths.fit(e.Name, t.Shape.Layout())
	l := t.Shape.Layout()
	l.Steps = 1
	w := t.Param(e.Weight)
	op := &bag{tape: t, tokens: tokens, lengths: lengths, w: w, y: t.Node(l, w.Cols), padding: e.padding, mean: mode == BagMean}
	op.forward, op.backward = op.forwardRows, op.backwardLanes
	t.Record(op, Use{Name: e.Name, Outputs: []*Node{op.y}, Weights: []*Weight{w}, Sets: true, touches: true})
	return op.y
}

type bag struct {
	tape    *Tape
	tokens  *Tokens
	lengths *Lengths
	w       *Weight
	y       *Node
	padding int32
	mean    bool
	fresh   bool // the gradient is to be set

	forward, backward func(lo, hi int) // over rows; over lanes
}

// token returns step t of row i, and whether it counts.
func (o *bag) token(t, i int) (token int, counts bool) {
	k := o.tokens.Input[t*o.y.Rows+i]
	return int(k), k != o.padding
}

// share is what each token of row i counts.
func (o *bag) share(i int) float32 {
	if !o.mean {
		return 1
	}
	n := 0
	for t := range o.lengths.of(i, o.tape.Shape.Steps) {
		if _, counts := o.token(t, i); counts {
			n++
		}
	}
	return 1 / float32(max(n, 1))
}

func (o *bag) Forward() { o.tape.pool.For(o.y.Rows, 8, o.forward) }

func (o *bag) forwardRows(lo, hi int) {
	y, w := o.y.Value(), o.w.Value()
	for i := lo; i < hi; i++ {
		row := y.Row(i)
		clear(row)
		for t := range o.lengths.of(i, o.tape.Shape.Steps) {
			if token, counts := o.token(t, i); counts {
				tensor.Add(row, row, w.Row(token))
			}
		}
		if o.mean {
			tensor.Scale(row, row, o.share(i))
		}
	}
}

func (o *bag) Backward() {
	o.fresh = o.w.TakeGrads()
	o.tape.pool.For(o.tape.Shape.Lanes, 1, o.backward)
}

// backwardLanes adds the rows of whole lanes, each token by token.
func (o *bag) backwardLanes(lo, hi int) {
	dy, rows := o.y.Grad(), o.y.Layout.Rows
	for l := lo; l < hi; l++ {
		noted, dw := o.w.touch(l, o.fresh), o.w.Grad(l)
		for i := l * rows; i < (l+1)*rows; i++ {
			share := o.share(i)
			for t := range o.lengths.of(i, o.tape.Shape.Steps) {
				if token, counts := o.token(t, i); counts {
					noted.note(int32(token), dw.Rows)
					tensor.Axpy(dw.Row(token), share, dy.Row(i))
				}
			}
		}
	}
}
