package zoo

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("tagger", Kind[Tagger]{
		About:     "what each symbol of a text stands for: embedding, recurrent layers, linear output at every time step",
		Task:      task.Transcript,
		Sample:    "text",
		Sequences: true,
		Defaults: Tagger{
			Classes: 64, Vocab: 256, Embed: 32,
			Recurrent: Recurrent{Cell: "lstm", Hidden: 128, Layers: 1, Bidirectional: true},
		},
		New: newTagger,
	})
}

// Tagger describes a network that reads texts and says something at each symbol.
type Tagger struct {
	Classes int `field:"classes" allowed:"[1, 65536]" about:"what it can say; for transcripts symbols and a blank"`
	Vocab   int `field:"vocab" allowed:"[1, 65536]" about:"symbols of a text; 256 for bytes"`
	Embed   int `field:"embed" allowed:"[1, 65536]" about:"width of the embedding"`
	Recurrent
}

// tagger reads texts up to batch.length, each row to its own end:
//
//	e = encoder[symbol]                       [T, embed]
//	h = recurrent layers(dropout(e))          packed, from states of zero
//	logits = decoder(dropout(h))              [T, classes]
//
// By the task transcript it learns sequences that are no longer than their texts,
// by the task class one class for each symbol. Parameters are named as those of a
// PyTorch module with the members encoder (Embedding), rnn and decoder (Linear),
// and start as there, but for the embedding, which starts as U(-0.1, 0.1).
type tagger struct {
	Tagger
	params  *nn.Params
	encoder *nn.Embedding
	rnn     *nn.Stack
	decoder *nn.Linear

	dropIn, dropOut *nn.Dropout
}

func newTagger(c Tagger) (Model, error) {
	ps := nn.NewParams()
	m := &tagger{Tagger: c, params: ps, encoder: nn.NewEmbedding(ps, "encoder", c.Vocab, c.Embed)}
	var err error
	if m.rnn, err = c.stack(ps, c.Embed); err != nil {
		return nil, err
	}
	m.decoder = nn.NewLinear(ps, "decoder", m.rnn.Width, c.Classes, true)
	m.dropIn = nn.NewDropout("dropout.in", float32(c.Dropout), siteIn)
	m.dropOut = nn.NewDropout("dropout.out", float32(c.Dropout), siteOut)
	return m, checkSize(ps, "hidden")
}

func (m *tagger) Params() *nn.Params { return m.params }

func (m *tagger) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	text, lengths := b.Tokens("text", m.Vocab), b.Lengths("text", t.Shape.Steps)
	x := m.dropIn.Forward(t, m.encoder.Forward(t, text))
	h := m.dropOut.Forward(t, m.rnn.ForwardPacked(t, x, lengths, nil))
	b.OutputLengths = lengths
	return m.decoder.Forward(t, h)
}
