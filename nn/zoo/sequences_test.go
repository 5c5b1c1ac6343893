package zoo

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// The sizes, counted by hand: a layer of a cell with g gates has g·H·(in + H + 2)
// parameters, of each direction.
func TestSequenceModelSizes(t *testing.T) {
	const ear = 2 * 32
	for _, c := range []struct {
		kind                string
		parameters, entries int
	}{
		{"sequence-classifier", 2*3*64*(12+64+2) + 128*10 + 10, 8 + 2},
		{"sound-classifier", ear + 32*64*5 + 64 + 2*3*64*(64+64+2) + 128*10 + 10, 2 + 2 + 8 + 2},
		{"cnn-lstm", ear + 32*64*5 + 64 + 64*64*5 + 64 + 4*64*(64+64+2) + 64*64 + 64 + 64*10 + 10, 2 + 4 + 4 + 4},
		{"tagger", 256*32 + 2*4*128*(32+128+2) + 256*64 + 64, 1 + 8 + 2},
	} {
		info, _ := Lookup(c.kind)
		config := info.Config()
		info.Derive(config, func(string) bool { return false })
		m, err := New(c.kind, config)
		if err != nil {
			t.Fatal(err)
		}
		if n, entries := m.Params().Size(), len(m.Params().List); n != c.parameters || entries != c.entries {
			t.Errorf("%s: %d parameters in %d entries, want %d in %d", c.kind, n, entries, c.parameters, c.entries)
		}
	}
}

func TestSequenceModelErrors(t *testing.T) {
	sounds := func(f func(c *SoundClassifier)) any { return changed("sound-classifier", f) }
	texts := func(f func(c *TextClassifier)) any { return changed("text-classifier", f) }
	for _, c := range []struct {
		kind   string
		config any
		want   string
	}{
		{"sequence-classifier", changed("sequence-classifier", func(c *SequenceClassifier) { c.Cell = "elman" }), "model.cell: elman is not allowed"},
		{"sequence-classifier", changed("sequence-classifier", func(c *SequenceClassifier) { c.Pooling = "sum" }), "model.pooling: sum is not allowed; want one of last, mean, max"},
		{"sequence-classifier", changed("sequence-classifier", func(c *SequenceClassifier) { c.Features = 0 }), "model.features: 0"},
		{"sequence-classifier", changed("sequence-classifier", func(c *SequenceClassifier) { c.Hidden, c.Layers = 1<<16, 64 }), "model.hidden: the model has"},
		{"sound-classifier", sounds(func(c *SoundClassifier) { c.Kernel = 4 }), "model.kernel: 4 is not allowed; want an odd number"},
		{"sound-classifier", sounds(func(c *SoundClassifier) { c.FFT = 63 }), "model.fft: frames of 63 samples; use a multiple of 4"},
		{"sound-classifier", sounds(func(c *SoundClassifier) { c.Window, c.FFT = 300, 256 }), "model.window: a window of 300 samples in frames of 256 (model.fft); it must be as long as the window, or longer"},
		{"sound-classifier", sounds(func(c *SoundClassifier) { c.Mels = 200 }), "model.mels: 200 bands; use 1 to 129"},
		{"sound-classifier", sounds(func(c *SoundClassifier) { c.Low = 4000 }), "model.low: bands from 4000 to 4000 Hz"},
		{"sound-classifier", sounds(func(c *SoundClassifier) { c.TimeMasks = 9 }), "model.time_masks: 9 is not allowed"},
		{"cnn-lstm", changed("cnn-lstm", func(c *CNNLSTM) { c.Kernel = 2 }), "model.kernel: 2 is not allowed"},
		{"cnn-lstm", changed("cnn-lstm", func(c *CNNLSTM) { c.Channels = 0 }), "model.channels: 0"},
		{"tagger", changed("tagger", func(c *Tagger) { c.Vocab = 1 << 20 }), "model.vocab: 1048576"},
		{"tagger", changed("tagger", func(c *Tagger) { c.Dropout = 1 }), "model.dropout: 1 "},
		{"text-classifier", texts(func(c *TextClassifier) { c.Vocab = 255 }), "model.vocab: 255 is not allowed; there are 256 bytes"},
		{"text-classifier", texts(func(c *TextClassifier) { c.Bidirectional = true }), "model.bidirectional: a bag (model.pooling = mean) has no direction"},
		{"text-classifier", texts(func(c *TextClassifier) { c.Pooling = "max" }), "model.pooling: max is not allowed; want one of mean, sum, rnn"},
		{"text-classifier", texts(func(c *TextClassifier) { c.Symbols = "letters" }), "model.symbols: letters"},
		{"text-classifier", texts(func(c *TextClassifier) { c.Pooling, c.Hidden = "lstm", 1<<16 }), "model.hidden: the model has"},
	} {
		if _, err := New(c.kind, c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.config, err, c.want)
		}
	}
}

// changed is the fields of a kind, with its defaults but for a change.
func changed[C any](kind string, f func(c *C)) *C {
	info, _ := Lookup(kind)
	c := info.Config().(*C)
	f(c)
	return c
}

// A task that does not go with what the network gives is an error with both.
func TestTaggerTasks(t *testing.T) {
	m, err := New("tagger", changed("tagger", func(*Tagger) {}))
	if err != nil {
		t.Fatal(err)
	}
	shape := nn.Shape{Steps: 4, Lanes: 1, Rows: 2}
	for name, want := range map[string]string{task.Transcript: "", task.Class: "", task.Pixels: "pixels takes a row of classes for each pixel"} {
		err := Check(m, task.Default(name), shape)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
}
