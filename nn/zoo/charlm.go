package zoo

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn"
)

func init() {
	Register("charlm", Info{
		About: "character language model: embedding, recurrent layers, linear output",
		Reads: Text,
		Fields: []Field{
			{"cell", "kind of the recurrent layers", strings.Join(nn.Cells(), ", ")},
			{"hidden", "units of each recurrent layer", allowed(1, maxWidth)},
			{"layers", "recurrent layers", allowed(1, maxLayers)},
			{"embed", "width of the embedding", allowed(1, maxWidth)},
			{"vocab", "symbols; 256 for bytes", allowed(1, maxWidth)},
			{"dropout", "rate of dropout before, between and after the recurrent layers", "at least 0, below 1"},
			{"weight_norm", "weight normalization of the recurrent matrices", "true or false; true for mlstm only"},
		},
	}, newCharLM)
}

// What a configuration may ask for.
const (
	maxWidth      = 1 << 16
	maxLayers     = 64
	maxParameters = 1 << 32
)

func allowed(lo, hi int) string { return fmt.Sprintf("%d to %d", lo, hi) }

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
	config  Config
	params  *nn.Params
	encoder *nn.Embedding
	rnn     *nn.Stack
	decoder *nn.Linear

	dropIn, dropOut *nn.Dropout
}

func newCharLM(c Config) (Model, error) {
	if err := checkCharLM(c); err != nil {
		return nil, err
	}
	ps := nn.NewParams()
	m := &charLM{config: c, params: ps, encoder: nn.NewEmbedding(ps, "encoder", c.Vocab, c.Embed)}
	var err error
	m.rnn, err = nn.NewStack(ps, "rnn", c.Cell, c.Embed, c.Hidden, c.Layers,
		nn.StackOptions{Dropout: c.Dropout, WeightNorm: c.WeightNorm})
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	bound := float32(1 / math.Sqrt(float64(c.Hidden)))
	m.decoder = &nn.Linear{
		Name:   "decoder",
		Weight: ps.Add("decoder.weight", nn.UniformInit(bound), c.Vocab, c.Hidden),
		Bias:   ps.Add("decoder.bias", nn.ConstantInit(0), c.Vocab),
	}
	m.dropIn = nn.NewDropout("dropout.in", c.Dropout, 0)
	m.dropOut = nn.NewDropout("dropout.out", c.Dropout, 1)
	if n := ps.Size(); n > maxParameters {
		return nil, fmt.Errorf("model.hidden: %d units in %d layers make %d parameters; at most %d are allowed",
			c.Hidden, c.Layers, n, maxParameters)
	}
	return m, nil
}

// checkCharLM names the first field that is out of range.
func checkCharLM(c Config) error {
	if !slices.Contains(nn.Cells(), c.Cell) {
		return fmt.Errorf("model.cell: %q is not known; use one of %s", c.Cell, strings.Join(nn.Cells(), ", "))
	}
	for _, f := range []struct {
		name      string
		value, hi int
	}{{"vocab", c.Vocab, maxWidth}, {"hidden", c.Hidden, maxWidth}, {"layers", c.Layers, maxLayers}, {"embed", c.Embed, maxWidth}} {
		if f.value < 1 || f.value > f.hi {
			return fmt.Errorf("model.%s: %d is not allowed; %s are", f.name, f.value, allowed(1, f.hi))
		}
	}
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return fmt.Errorf("model.dropout: %v is not allowed; it must be at least 0 and below 1", c.Dropout)
	}
	if c.WeightNorm && c.Cell != "mlstm" {
		return fmt.Errorf("model.weight_norm: the cell %s has no weight normalization; set it to false or use mlstm", c.Cell)
	}
	return nil
}

func (m *charLM) Config() Config     { return m.config }
func (m *charLM) Params() *nn.Params { return m.params }

func (m *charLM) Forward(t *nn.Tape, tokens *nn.Tokens, states *nn.States) *nn.Node {
	x := m.dropIn.Forward(t, m.encoder.Forward(t, tokens))
	h := m.dropOut.Forward(t, m.rnn.Forward(t, x, states))
	return m.decoder.Forward(t, h)
}
