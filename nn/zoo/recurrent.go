package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/fields"
)

// The fields that are among cells may name a program's own (nn.RegisterCell).
var _ = fields.List("cells", nn.Cells)

// Recurrent describes recurrent layers over rows of different lengths.
type Recurrent struct {
	Cell          string  `field:"cell" among:"cells" about:"kind of the recurrent layers"`
	Hidden        int     `field:"hidden" allowed:"[1, 65536]" about:"units in a layer, of each direction"`
	Layers        int     `field:"layers" allowed:"[1, 64]" about:"recurrent layers"`
	Bidirectional bool    `field:"bidirectional" about:"read every row from its end too, by weights of their own"`
	Dropout       float64 `field:"dropout" allowed:"[0, 1)" about:"rate between the recurrent layers and behind them"`
}

// stack registers the layers under the name rnn.
func (c Recurrent) stack(ps *nn.Params, in int) (*nn.Stack, error) {
	s, err := nn.NewStack(ps, "rnn", c.Cell, in, c.Hidden, c.Layers,
		nn.StackOptions{Bidirectional: c.Bidirectional, Dropout: float32(c.Dropout)})
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	return s, nil
}

// Pooled describes how a sequence becomes one row.
type Pooled struct {
	Pooling string `field:"pooling" oneof:"last, mean, max" about:"what stands for a sequence: its last states, their mean or the largest of each"`
}

// forward records one row for each sequence of the output of recurrent layers.
// last takes each direction where it ends.
func (c Pooled) forward(t *nn.Tape, x *nn.Node, lengths *nn.Lengths, bidirectional bool) *nn.Node {
	switch {
	case c.Pooling == "mean":
		return t.MeanOverTime("pool", x, lengths)
	case c.Pooling == "max":
		return t.MaxOverTime("pool", x, lengths)
	case bidirectional:
		return t.Ends("pool", x, lengths)
	}
	return t.Last("pool", x, lengths)
}

// Random sites of the networks over sequences. Those inside a stack are its own.
const (
	siteOut uint32 = iota
	siteIn
	siteMasks
	siteDense
)
