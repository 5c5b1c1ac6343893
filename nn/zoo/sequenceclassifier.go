package zoo

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("sequence-classifier", Kind[SequenceClassifier]{
		About:     "classes of sequences of numbers of different lengths: recurrent layers, pooling over time, linear output",
		Task:      task.Class,
		Sample:    "sequence",
		Sequences: true,
		Defaults: SequenceClassifier{
			Classes: 10, Features: 12, Pooled: Pooled{"last"},
			Recurrent: Recurrent{Cell: "gru", Hidden: 64, Layers: 1, Bidirectional: true},
		},
		New: newSequenceClassifier,
	})
}

// SequenceClassifier describes a classifier of sequences of frames.
type SequenceClassifier struct {
	Classes  int `field:"classes" allowed:"[1, 65536]" about:"what sequences are told apart into"`
	Features int `field:"features" allowed:"[1, 65536]" about:"numbers of a frame"`
	Recurrent
	Pooled
}

// sequenceClassifier reads frames up to batch.length, each row to its own end:
//
//	h = recurrent layers(frames)    packed, from states of zero
//	logits = fc(dropout(pool h))
//
// Parameters are named as those of a PyTorch module with the members rnn and fc,
// and start as they do there.
type sequenceClassifier struct {
	SequenceClassifier
	params *nn.Params
	rnn    *nn.Stack
	drop   *nn.Dropout
	fc     *nn.Linear
}

func newSequenceClassifier(c SequenceClassifier) (Model, error) {
	ps := nn.NewParams()
	rnn, err := c.stack(ps, c.Features)
	if err != nil {
		return nil, err
	}
	m := &sequenceClassifier{
		SequenceClassifier: c, params: ps, rnn: rnn,
		drop: nn.NewDropout("dropout", float32(c.Dropout), siteOut),
		fc:   nn.NewLinear(ps, "fc", rnn.Width, c.Classes, true),
	}
	return m, checkSize(ps, "hidden")
}

func (m *sequenceClassifier) Params() *nn.Params { return m.params }

func (m *sequenceClassifier) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x, lengths := b.Values("frames", m.Features), b.Lengths("frames", t.Shape.Steps)
	h := m.rnn.ForwardPacked(t, x, lengths, nil)
	h = m.Pooled.forward(t, h, lengths, m.Bidirectional)
	return m.fc.Forward(t, m.drop.Forward(t, h))
}
