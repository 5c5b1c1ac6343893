package check

import (
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// The zoo's networks over rows of different lengths pass, with all that is random
// in them.
func TestZooSequences(t *testing.T) {
	sound := zoo.Sound{
		Samples: 600, Rate: 8000, Mels: 8, Window: 48, Hop: 40, FFT: 64, Low: 60,
		BandMasks: 1, BandWidth: 3, TimeMasks: 2, TimeWidth: 4, TimeShare: 0.5,
	}
	layers := func(cell string, both bool) zoo.Recurrent {
		return zoo.Recurrent{Cell: cell, Hidden: 5, Layers: 2, Bidirectional: both, Dropout: 0.3}
	}
	text := func(embed int, pooling string, both bool) zoo.TextClassifier {
		return zoo.TextClassifier{Classes: 3, Symbols: "words", Vocab: 12, Embed: embed, Pooling: pooling, Hidden: 6, Bidirectional: both, Dropout: 0.25}
	}
	once, steps := nn.Shape{Steps: 1, Lanes: 4, Rows: 2}, nn.Shape{Steps: 6, Lanes: 4, Rows: 3}
	for name, c := range map[string]struct {
		kind   string
		config any
		shape  nn.Shape
		learns string
	}{
		"last of both": {"sequence-classifier", zoo.SequenceClassifier{Classes: 3, Features: 4, Recurrent: layers("gru", true), Pooled: zoo.Pooled{Pooling: "last"}}, steps, ""},
		"last of one":  {"sequence-classifier", zoo.SequenceClassifier{Classes: 3, Features: 4, Recurrent: layers("rnn", false), Pooled: zoo.Pooled{Pooling: "last"}}, steps, ""},
		"mean":         {"sequence-classifier", zoo.SequenceClassifier{Classes: 3, Features: 4, Recurrent: layers("lstm", true), Pooled: zoo.Pooled{Pooling: "mean"}}, steps, ""},
		"sounds":       {"sound-classifier", zoo.SoundClassifier{Classes: 3, Sound: sound, Channels: 6, Kernel: 3, Stride: 2, Recurrent: layers("gru", true), Pooled: zoo.Pooled{Pooling: "max"}}, once, ""},
		"no channels":  {"sound-classifier", zoo.SoundClassifier{Classes: 3, Sound: sound, Kernel: 3, Stride: 1, Recurrent: layers("lstm", true), Pooled: zoo.Pooled{Pooling: "mean"}}, once, ""},
		"cnn-lstm":     {"cnn-lstm", zoo.CNNLSTM{Classes: 3, Sound: sound, Channels: 6, Kernel: 5, Recurrent: layers("lstm", false), Dense: 7}, once, ""},
		"transcripts":  {"tagger", zoo.Tagger{Classes: 5, Vocab: 9, Embed: 4, Recurrent: layers("lstm", true)}, steps, ""},
		"tags":         {"tagger", zoo.Tagger{Classes: 5, Vocab: 9, Embed: 4, Recurrent: layers("gru", true)}, steps, task.Class},
		"bag":          {"text-classifier", text(5, "mean", false), steps, ""},
		"one-hot bag":  {"text-classifier", text(0, "sum", false), steps, ""},
		"text":         {"text-classifier", text(5, "lstm", true), steps, ""},
		"one-hot text": {"text-classifier", text(0, "gru", false), steps, ""},
	} {
		t.Run(name, func(t *testing.T) { passes(t, c.kind, c.config, c.learns, c.shape) })
	}
}
