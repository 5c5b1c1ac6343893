// Command own-model is a Rondo with one more kind of model: all commands, on one machine and in clusters, know it.
//
//	cd examples/own-model && go mod tidy && go build
//	./own-model models
//	./own-model train run.yaml --check
//	./own-model train run.yaml --workers 2
package main

import (
	"fmt"

	"github.com/rondo-ml/rondo/cmd"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

func main() { cmd.Main() }

func init() {
	zoo.Register("residual-text", zoo.Info{
		About: "next character by a recurrent layer and a dense one, each beside a shortcut",
		Reads: zoo.Text,
		Fields: []zoo.Field{
			{Name: "hidden", About: "width of all layers", Allowed: "1 to 4096"},
			{Name: "cell", About: "kind of the recurrent layer", Allowed: "as nn.Cells"},
			{Name: "dropout", About: "rate of dropout before the output", Allowed: "at least 0, below 1"},
			{Name: "vocab", About: "symbols; 256 for bytes", Allowed: "256 to 65536"},
		},
		Defaults: zoo.Config{Cell: "gru", Hidden: 128},
	}, newResidualText)
}

// residualText predicts the next character:
//
//	x = embed[token]           [T*L*R, H]
//	x = x + gru(x)
//	x = x + silu(dense(x))
//	logits = head(drop(x))     [T*L*R, V]
type residualText struct {
	config      zoo.Config
	params      *nn.Params
	embed       *nn.Embedding
	rnn         *nn.Stack
	dense, head *nn.Linear
	drop        *nn.Dropout
}

func newResidualText(c zoo.Config) (zoo.Model, error) {
	if c.Hidden < 1 || c.Hidden > 4096 {
		return nil, fmt.Errorf("model.hidden: %d is not allowed; 1 to 4096 are", c.Hidden)
	}
	ps := nn.NewParams()
	rnn, err := nn.NewStack(ps, "rnn", c.Cell, c.Hidden, c.Hidden, 1, nn.StackOptions{})
	if err != nil {
		return nil, fmt.Errorf("model.cell: %w", err)
	}
	return &residualText{
		config: c, params: ps, rnn: rnn,
		embed: nn.NewEmbedding(ps, "embed", c.Vocab, c.Hidden),
		dense: nn.NewLinear(ps, "dense", c.Hidden, c.Hidden, true),
		head:  nn.NewLinear(ps, "head", c.Hidden, c.Vocab, true),
		drop:  nn.NewDropout("drop", c.Dropout, 0),
	}, nil
}

func (m *residualText) Config() zoo.Config { return m.config }
func (m *residualText) Params() *nn.Params { return m.params }

func (m *residualText) Forward(t *nn.Tape, tokens *nn.Tokens, states *nn.States) *nn.Node {
	x := m.embed.Forward(t, tokens)
	x = t.Add("shortcut1", x, m.rnn.Forward(t, x, states))
	x = t.Add("shortcut2", x, t.SiLU("silu", m.dense.Forward(t, x)))
	return m.head.Forward(t, m.drop.Forward(t, x))
}
