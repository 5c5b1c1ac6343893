package check

import (
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// ownModel is a model of a test's.
type ownModel struct {
	params  *nn.Params
	forward func(t *nn.Tape, b *nn.Batch) *nn.Node
}

func (m *ownModel) Params() *nn.Params                       { return m.params }
func (m *ownModel) Forward(t *nn.Tape, b *nn.Batch) *nn.Node { return m.forward(t, b) }

// packedText tells classes of texts of different lengths apart.
func packedText(t *testing.T) *ownModel {
	ps := nn.NewParams()
	words := nn.NewEmbedding(ps, "words", vocab, width).WithPadding(0)
	rnn, err := nn.NewStack(ps, "rnn", "gru", width, 5, 2, nn.StackOptions{Bidirectional: true, Dropout: 0.3})
	if err != nil {
		t.Fatal(err)
	}
	norm, head := nn.NewBatchNorm(ps, "norm", 10+width, nn.BatchNormOptions{}), nn.NewLinear(ps, "head", 10+width, 3, true)
	return &ownModel{ps, func(t *nn.Tape, b *nn.Batch) *nn.Node {
		text, lengths := b.Tokens("text", vocab), b.Lengths("text", t.Shape.Steps)
		y := rnn.ForwardPacked(t, words.Forward(t, text), lengths, nil)
		y = t.Concat("both", t.Ends("ends", y, lengths), words.Bag(t, text, lengths, nn.BagMean))
		return head.Forward(t, norm.Forward(t, y))
	}}
}

// packedSound hears: a spectrogram, masks, a convolution over time, a recurrent
// layer, and the largest of each feature.
func packedSound(t *testing.T) *ownModel {
	const samples, bands = 300, 8
	ps := nn.NewParams()
	mel, err := nn.NewMelSpectrogram("mel", nn.MelOptions{Rate: 8000, FFT: 64, Hop: 20, Bands: bands, Log: nn.MelNatural})
	if err != nil {
		t.Fatal(err)
	}
	masks, err := nn.NewSpecAugment("masks", nn.SpecAugmentOptions{BandMasks: 1, BandWidth: 3, TimeMasks: 2, TimeWidth: 4}, 1)
	if err != nil {
		t.Fatal(err)
	}
	conv := nn.NewConv1d(ps, "conv", tensor.ConvShape{Cin: bands, Cout: 6, KW: 3, PadW: 1, StrideW: 2}, true, nil)
	rnn, err := nn.NewStack(ps, "rnn", "lstm", 6, 5, 1, nn.StackOptions{Bidirectional: true})
	if err != nil {
		t.Fatal(err)
	}
	head := nn.NewLinear(ps, "head", 10, 4, true)
	return &ownModel{ps, func(t *nn.Tape, b *nn.Batch) *nn.Node {
		y, lengths := mel.Forward(t, b.Vectors("sound", samples), b.Lengths("sound", samples))
		y = t.ZeroPadding("pad", masks.Forward(t, y, lengths), lengths)
		y = t.WidthToTime("time", conv.Forward(t, t.TimeToWidth("width", y)))
		lengths = t.MapLengths("halved", lengths, y.Layout.Steps, func(n int) int { return (n + 1) / 2 })
		y = rnn.ForwardPacked(t, y, lengths, nil)
		return head.Forward(t, t.MaxOverTime("max", y, lengths))
	}}
}

// Networks over rows of different lengths pass, and so does what only looks
// whether they could be trained.
func TestPackedModels(t *testing.T) {
	for name, c := range map[string]struct {
		model *ownModel
		shape nn.Shape
	}{
		"text":  {packedText(t), nn.Shape{Steps: 5, Lanes: 4, Rows: 3}},
		"sound": {packedSound(t), nn.Shape{Steps: 1, Lanes: 4, Rows: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			m, learns := &zoo.Network{Model: c.model}, task.Default(task.Class)
			if err := zoo.Check(m, learns, c.shape); err != nil {
				t.Error(err)
			}
			if err := Run(Model(m, learns, c.shape)); err != nil {
				t.Error(err)
			}
		})
	}
}
