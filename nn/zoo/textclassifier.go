package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("text-classifier", Kind[TextClassifier]{
		About:     "the class of a text: embedding or one-hot, a bag of symbols or a recurrent layer, dense layers",
		Task:      task.Class,
		Sample:    "text",
		Sequences: true,
		Defaults:  TextClassifier{Classes: 2, Symbols: "bytes", Vocab: 256, Embed: 64, Pooling: "mean", Hidden: 64},
		New:       newTextClassifier,
	})
}

// TextClassifier describes a network that tells classes of texts apart.
type TextClassifier struct {
	Classes       int     `field:"classes" allowed:"[1, 65536]" about:"what texts are told apart into"`
	Symbols       string  `field:"symbols" oneof:"bytes, words" about:"of what texts are read; words are numbered when the set is cut"`
	Vocab         int     `field:"vocab" allowed:"[1, 1048576]" about:"symbols; 256 for bytes"`
	Embed         int     `field:"embed" allowed:"[0, 65536]" about:"width of the embedding; 0: one-hot, without an embedding"`
	Pooling       string  `field:"pooling" oneof:"mean, sum, rnn, gru, lstm" about:"what makes one row of all symbols: a bag of them, or a recurrent layer's last state"`
	Hidden        int     `field:"hidden" allowed:"[1, 65536]" about:"units of the dense layer behind a bag, or of the recurrent layer"`
	Bidirectional bool    `field:"bidirectional" about:"a recurrent layer that also reads from the end"`
	Dropout       float64 `field:"dropout" allowed:"[0, 1)" about:"rate behind the embedding and before the last layer"`
}

// textClassifier reads a text as a bag, without an order (Iyyer et al. 2015),
//
//	e = mean or sum over the text of embedding[symbol]    [V, E]
//	h = ReLU(dense(e))                                    [hidden, E]
//	logits = output(h)                                    [classes, hidden]
//
// or in order,
//
//	h = the last state of rnn(embedding[symbol])
//
// With no embedding, one-hot rows take its place: dense, or rnn, then has a
// column for every symbol, and nothing that is learnt of one symbol says anything
// of another. Dropout is applied to e (in order: to each step) and h.
//
// The embedding starts as U(-0.1, 0.1), all else as PyTorch's layers.
type textClassifier struct {
	TextClassifier
	params     *nn.Params
	embedding  *nn.Embedding // nil: one-hot
	dense      *nn.Linear    // of a bag
	rnn        *nn.Stack     // in order
	output     *nn.Linear
	dropE, top *nn.Dropout
}

func newTextClassifier(c TextClassifier) (Model, error) {
	bag := c.Pooling == "mean" || c.Pooling == "sum"
	switch {
	case c.Symbols == "bytes" && c.Vocab < 256:
		return nil, fmt.Errorf("model.vocab: %d is not allowed; there are 256 bytes", c.Vocab)
	case bag && c.Bidirectional:
		return nil, fmt.Errorf("model.bidirectional: a bag (model.pooling = %s) has no direction; set it to false or pool by gru", c.Pooling)
	}
	ps := nn.NewParams()
	m := &textClassifier{TextClassifier: c, params: ps}
	in := c.Vocab
	if c.Embed > 0 {
		in = c.Embed
		m.embedding = nn.NewEmbedding(ps, "embedding", c.Vocab, c.Embed)
	}
	width := c.Hidden
	if bag {
		m.dense = nn.NewLinear(ps, "dense", in, c.Hidden, true)
	} else {
		var err error
		if m.rnn, err = nn.NewStack(ps, "rnn", c.Pooling, in, c.Hidden, 1, nn.StackOptions{Bidirectional: c.Bidirectional}); err != nil {
			return nil, fmt.Errorf("model: %w", err)
		}
		width = m.rnn.Width
	}
	m.output = nn.NewLinear(ps, "output", width, c.Classes, true)
	m.dropE, m.top = nn.NewDropout("dropout.embedding", float32(c.Dropout), 0), nn.NewDropout("dropout", float32(c.Dropout), 1)
	return m, checkSize(ps, "hidden")
}

func (m *textClassifier) Params() *nn.Params { return m.params }

func (m *textClassifier) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	part := "text"
	if m.Symbols == "words" {
		part = "words"
	}
	tokens, lengths := b.Tokens(part, m.Vocab), b.Lengths(part, t.Shape.Steps)
	if m.rnn == nil {
		x := m.dropE.Forward(t, m.bag(t, tokens, lengths))
		return m.output.Forward(t, m.top.Forward(t, t.ReLU("relu", m.dense.Forward(t, x))))
	}
	var x *nn.Node
	if m.embedding == nil {
		x = t.OneHot("one-hot", tokens, m.Vocab)
	} else {
		x = m.embedding.Forward(t, tokens)
	}
	y := m.rnn.ForwardPacked(t, m.dropE.Forward(t, x), lengths, nil)
	y = Pooled{"last"}.forward(t, y, lengths, m.Bidirectional)
	return m.output.Forward(t, m.top.Forward(t, y))
}

// bag makes one row of the symbols of a text.
func (m *textClassifier) bag(t *nn.Tape, tokens *nn.Tokens, lengths *nn.Lengths) *nn.Node {
	mode := nn.BagMean
	if m.Pooling == "sum" {
		mode = nn.BagSum
	}
	if m.embedding == nil {
		return t.OneHotBag("one-hot", tokens, lengths, m.Vocab, mode)
	}
	return m.embedding.Bag(t, tokens, lengths, mode)
}
