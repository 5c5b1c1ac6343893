package main

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

func init() {
	zoo.Register("residual-text", zoo.Kind[ResidualText]{
		About:     "next character by a recurrent layer and a dense one, each beside a shortcut",
		Task:      task.Next,
		Sequences: true,
		Defaults:  ResidualText{Hidden: 128, Cell: "gru", Vocab: 256},
		New:       newResidualText,
	})
}

// ResidualText has the fields of the kind, as a run file's section model gives them.
type ResidualText struct {
	Hidden  int     `field:"hidden" allowed:"[1, 4096]" about:"width of all layers"`
	Cell    string  `field:"cell" oneof:"gru, lstm, rnn" about:"kind of the recurrent layer"`
	Dropout float64 `field:"dropout" allowed:"[0, 1)" about:"rate before the output"`
	Vocab   int     `field:"vocab" allowed:"[256, 65536]" about:"symbols; 256 for bytes"`
}

// residualText predicts the next character:
//
//	x = embed[token]           [T*L*R, H]
//	x = x + gru(x)
//	x = x + silu(dense(x))
//	logits = head(drop(x))     [T*L*R, V]
type residualText struct {
	vocab       int
	params      *nn.Params
	embed       *nn.Embedding
	rnn         *nn.Stack
	dense, head *nn.Linear
	drop        *nn.Dropout
}

func newResidualText(c ResidualText) (zoo.Model, error) {
	ps := nn.NewParams()
	rnn, err := nn.NewStack(ps, "rnn", c.Cell, c.Hidden, c.Hidden, 1, nn.StackOptions{})
	if err != nil {
		return nil, fmt.Errorf("model.cell: %w", err)
	}
	return &residualText{
		vocab: c.Vocab, params: ps, rnn: rnn,
		embed: nn.NewEmbedding(ps, "embed", c.Vocab, c.Hidden),
		dense: nn.NewLinear(ps, "dense", c.Hidden, c.Hidden, true),
		head:  nn.NewLinear(ps, "head", c.Hidden, c.Vocab, true),
		drop:  nn.NewDropout("drop", float32(c.Dropout), 0),
	}, nil
}

func (m *residualText) Params() *nn.Params { return m.params }

func (m *residualText) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := m.embed.Forward(t, b.Tokens("text", m.vocab))
	x = t.Add("shortcut1", x, m.rnn.Forward(t, x, b.States))
	x = t.Add("shortcut2", x, t.SiLU("silu", m.dense.Forward(t, x)))
	return m.head.Forward(t, m.drop.Forward(t, x))
}
