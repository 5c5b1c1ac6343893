package zoo

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("charlm", Kind[CharLM]{
		About:     "character language model: embedding, recurrent layers, linear output",
		Task:      task.Next,
		Sequences: true,
		Defaults:  CharLM{Cell: "lstm", Hidden: 256, Layers: 1, Embed: 64, Vocab: 256},
		Derive: func(c *CharLM, given func(string) bool) {
			if !given("weight_norm") {
				c.WeightNorm = c.Cell == "mlstm"
			}
		},
		Published: &Published{"Graves (2013), Generating Sequences With Recurrent Neural Networks; Krause, Murray, Renals and Lu (2017), Multiplicative LSTM for Sequence Modelling",
			"PyTorch's Embedding (encoder), LSTM (rnn) and Linear (decoder)", 411_904, 0, nil},
		New: newCharLM,
	})
}

// CharLM describes a character language model.
type CharLM struct {
	Cell       string  `field:"cell" among:"cells" about:"kind of the recurrent layers"`
	Hidden     int     `field:"hidden" allowed:"[1, 65536]" about:"units in a layer"`
	Layers     int     `field:"layers" allowed:"[1, 64]" about:"recurrent layers"`
	Embed      int     `field:"embed" allowed:"[1, 65536]" about:"width of the embedding"`
	Dropout    float64 `field:"dropout" allowed:"[0, 1)" about:"rate before, between and after the recurrent layers"`
	WeightNorm bool    `field:"weight_norm" about:"of the recurrent matrices; default: true for mlstm alone"`
	Vocab      int     `field:"vocab" allowed:"[1, 65536]" about:"symbols; 256 for bytes"`
}

// charLM predicts the next byte of a text, as Karpathy's char-rnn and
// Radford et al. (2017) do:
//
//	e = encoder[token]          [V, E]
//	h = recurrent layers(e)     states carried from step to step
//	logits = h·Wᵀ + b           [V, H], [V]
//
// With dropout, e, the output of every recurrent layer and so h are dropped
// out. Parameters are named as those of a PyTorch module with the members
// encoder (Embedding), rnn and decoder (Linear). They start as
//
//	encoder.weight          U(-0.1, 0.1)
//	rnn.*                   U(-1/√H, 1/√H), weight norm's g as the norm of its row
//	decoder.weight          U(-1/√H, 1/√H)
//	decoder.bias            0
type charLM struct {
	vocab   int
	params  *nn.Params
	encoder *nn.Embedding
	rnn     *nn.Stack
	decoder *nn.Linear

	dropIn, dropOut *nn.Dropout
}

func newCharLM(c CharLM) (Model, error) {
	if c.WeightNorm && c.Cell != "mlstm" {
		return nil, fmt.Errorf("model.weight_norm: the cell %s has no weight normalization; set it to false or use mlstm", c.Cell)
	}
	ps := nn.NewParams()
	m := &charLM{vocab: c.Vocab, params: ps, encoder: nn.NewEmbedding(ps, "encoder", c.Vocab, c.Embed)}
	var err error
	m.rnn, err = nn.NewStack(ps, "rnn", c.Cell, c.Embed, c.Hidden, c.Layers,
		nn.StackOptions{Dropout: float32(c.Dropout), WeightNorm: c.WeightNorm})
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	bound := float32(1 / math.Sqrt(float64(c.Hidden)))
	m.decoder = &nn.Linear{
		Name:   "decoder",
		Weight: ps.Add("decoder.weight", nn.UniformInit(bound), c.Vocab, c.Hidden),
		Bias:   ps.Add("decoder.bias", nn.ConstantInit(0), c.Vocab),
	}
	m.dropIn = nn.NewDropout("dropout.in", float32(c.Dropout), 0)
	m.dropOut = nn.NewDropout("dropout.out", float32(c.Dropout), 1)
	return m, checkSize(ps, "hidden")
}

func (m *charLM) Params() *nn.Params { return m.params }

func (m *charLM) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := m.dropIn.Forward(t, m.encoder.Forward(t, b.Tokens("text", m.vocab)))
	h := m.dropOut.Forward(t, m.rnn.Forward(t, x, b.States))
	return m.decoder.Forward(t, h)
}
