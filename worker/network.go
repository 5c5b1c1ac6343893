package worker

import (
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// NewModel builds the model that a run file describes, with its parameters
// allocated and not yet initialized.
func NewModel(m runfile.Model) (zoo.SequenceModel, error) {
	model, err := describeModel(m)
	if err != nil {
		return nil, err
	}
	model.Params().Allocate()
	return model, nil
}

// describeModel builds the model without memory for its parameters: enough to
// know their names and number.
func describeModel(m runfile.Model) (zoo.SequenceModel, error) {
	model, err := zoo.New(zoo.Config{
		Kind: m.Kind, Cell: m.Cell, Vocab: m.Vocab, Hidden: m.Hidden, Layers: m.Layers,
		Embed: m.Embed, Dropout: float32(m.Dropout), WeightNorm: m.UsesWeightNorm(),
	})
	if err != nil {
		return nil, err
	}
	return model.(zoo.SequenceModel), nil // the only kind that a run file can name yet
}

func newOptimizer(o runfile.Optimizer, size int) (nn.Optimizer, error) {
	switch o.Kind {
	case "adam":
		return nn.NewAdam(size, nn.AdamConfig{Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps, WeightDecay: o.WeightDecay}), nil
	case "sgd":
		return nn.NewSGD(size, nn.SGDConfig{Momentum: o.Momentum, WeightDecay: o.WeightDecay}), nil
	}
	return nil, fmt.Errorf("optimizer.kind: %q is not known; sgd and adam are", o.Kind)
}

// network is a model recorded for groups of lanes: one tape for every number
// of lanes that a pass takes.
type network struct {
	model  zoo.SequenceModel
	states *nn.States
	pool   *tensor.Pool
	mode   nn.Mode
	seed   uint64
	steps  int // time steps of a row
	rows   int // rows of a lane
	tapes  map[int]*recording
}

// recording is a tape with its input and its loss.
type recording struct {
	tape   *nn.Tape
	tokens *nn.Tokens
	loss   *nn.Loss
}

// forLanes returns the recording for so many lanes, made on first use.
func (n *network) forLanes(lanes int) *recording {
	if r := n.tapes[lanes]; r != nil {
		return r
	}
	shape := nn.Shape{Steps: n.steps, Lanes: lanes, Rows: n.rows}
	r := &recording{
		tape:   nn.NewTape(n.model.Params(), n.pool, shape, n.mode, n.seed),
		tokens: nn.NewTokens(shape),
	}
	logits := n.model.Forward(r.tape, r.tokens, n.states)
	r.loss = r.tape.CrossEntropy("loss", logits, &r.tokens.Targets)
	r.tape.Plan()
	n.tapes[lanes] = r
	return r
}
