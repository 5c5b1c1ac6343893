package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Embedding looks up one row of its weight [V, E] for each token: the encoder
// of a language model.
type Embedding struct {
	Name   string
	Weight *Param

	padding int32 // the symbol that is padding, or noPadding
}

// noPadding is no symbol.
const noPadding = -1

// embeddingBound is half the width of a new embedding's values: 0.1, as the
// word and character models of PyTorch's examples use. (torch.nn.Embedding
// itself draws from N(0, 1), which drowns the recurrent weights at first.)
const embeddingBound = 0.1

// NewEmbedding registers the parameter name.weight for vocab symbols of width
// features, drawn from U(-0.1, 0.1).
func NewEmbedding(ps *Params, name string, vocab, width int) *Embedding {
	return &Embedding{Name: name, Weight: ps.Add(name+".weight", UniformInit(embeddingBound), vocab, width), padding: noPadding}
}

// WithPadding makes a symbol padding, as torch.nn.Embedding's padding_idx: its
// row begins as zeros and gets no gradient, and bags leave it out. It is called
// before the parameters get their first values.
func (e *Embedding) WithPadding(symbol int) *Embedding {
	if symbol < 0 || symbol >= e.Weight.Rows {
		panic(fmt.Sprintf("nn: %s has no symbol %d of %d to be padding", e.Name, symbol, e.Weight.Rows))
	}
	e.padding = int32(symbol)
	init := e.Weight.init
	e.Weight.init = func(v tensor.Matrix, s Stream) {
		init(v, s)
		clear(v.Row(symbol))
	}
	return e
}

// Forward records y [T*L*R, E] for the tokens' inputs, each of which must lie
// in [0, V); see [Tokens.Check].
func (e *Embedding) Forward(t *Tape, tokens *Tokens) *Node {
	tokens.fit(e.Name, t.Shape, e.Weight.Rows)
	w := t.Param(e.Weight)
	op := &embedding{tape: t, tokens: tokens, w: w, y: t.Node(t.Shape.Layout(), w.Cols), padding: e.padding}
	op.lookup, op.scatter = op.lookupRows, op.scatterLanes
	t.Record(op, Use{Name: e.Name, Outputs: []*Node{op.y}, Weights: []*Weight{w}, Sets: true, touches: true})
	return op.y
}

type embedding struct {
	tape    *Tape
	tokens  *Tokens
	w       *Weight
	y       *Node
	padding int32
	fresh   bool // the gradient is to be set

	lookup, scatter func(lo, hi int)
}

func (o *embedding) Forward() { o.tape.pool.For(o.y.Rows, 64, o.lookup) }

func (o *embedding) lookupRows(lo, hi int) {
	y, w := o.y.Value(), o.w.Value()
	for row := lo; row < hi; row++ {
		copy(y.Row(row), w.Row(int(o.tokens.Input[row])))
	}
}

func (o *embedding) Backward() {
	o.fresh = o.w.TakeGrads()
	o.tape.pool.For(o.tape.Shape.Lanes, 1, o.scatter)
}

// scatterLanes adds the rows of whole lanes, each time step by time step.
func (o *embedding) scatterLanes(lo, hi int) {
	dy, s := o.y.Grad(), o.tape.Shape
	for l := lo; l < hi; l++ {
		noted, dw := o.w.touch(l, o.fresh), o.w.Grad(l)
		for t := range s.Steps {
			for r := range s.Rows {
				row := (t*s.Lanes+l)*s.Rows + r
				if token := o.tokens.Input[row]; token != o.padding {
					noted.note(token, dw.Rows)
					tensor.Axpy(dw.Row(int(token)), 1, dy.Row(row))
				}
			}
		}
	}
}
