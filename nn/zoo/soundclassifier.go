package zoo

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("sound-classifier", Kind[SoundClassifier]{
		About:  "classes of sounds: mel spectrogram, SpecAugment, a convolution over time, recurrent layers, linear output",
		Task:   task.Class,
		Sample: "sound",
		Defaults: SoundClassifier{
			Classes: 10, Sound: hearing, Channels: 64, Kernel: 5, Stride: 2, Pooled: Pooled{"last"},
			Recurrent: Recurrent{Cell: "gru", Hidden: 64, Layers: 1, Bidirectional: true},
		},
		Derive: func(c *SoundClassifier, _ func(string) bool) { c.derive() },
		New:    newSoundClassifier,
	})
}

// SoundClassifier describes a classifier of sounds.
type SoundClassifier struct {
	Classes int `field:"classes" allowed:"[1, 65536]" about:"what sounds are told apart into"`
	Sound
	Channels int `field:"channels" allowed:"[0, 65536]" about:"of the convolution over time; 0 leaves it out"`
	Kernel   int `field:"kernel" allowed:"[1, 255]" about:"frames that it sees at once, an odd number"`
	Stride   int `field:"stride" allowed:"[1, 255]" about:"frames from one of its places to the next"`
	Recurrent
	Pooled
}

// soundClassifier is
//
//	x = ear(sound)                 [frames, mels]
//	x = relu(conv(x))              [frames/stride, channels], if there are any
//	h = recurrent layers(x)        packed, from states of zero
//	logits = fc(dropout(pool h))
//
// with the names and first weights of a PyTorch module with the members norm
// (LayerNorm), conv (Conv1d), rnn and fc. At 8 kHz with the defaults and ten
// classes it has 61,578 parameters.
type soundClassifier struct {
	SoundClassifier
	params *nn.Params
	ear    *ear
	conv   []timeConv // one or none
	rnn    *nn.Stack
	drop   *nn.Dropout
	fc     *nn.Linear
}

func newSoundClassifier(c SoundClassifier) (Model, error) {
	if err := checkKernel(c.Kernel); err != nil {
		return nil, err
	}
	ps := nn.NewParams()
	m := &soundClassifier{SoundClassifier: c, params: ps, drop: nn.NewDropout("dropout", float32(c.Dropout), siteOut)}
	var err error
	if m.ear, err = newEar(ps, c.Sound); err != nil {
		return nil, err
	}
	width := c.Mels
	if c.Channels > 0 {
		m.conv = append(m.conv, newTimeConv(ps, "conv", width, c.Channels, c.Kernel, c.Stride))
		width = c.Channels
	}
	if m.rnn, err = c.stack(ps, width); err != nil {
		return nil, err
	}
	m.fc = nn.NewLinear(ps, "fc", m.rnn.Width, c.Classes, true)
	return m, checkSize(ps, "hidden")
}

func (m *soundClassifier) Params() *nn.Params { return m.params }

func (m *soundClassifier) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x, lengths := m.ear.forward(t, b)
	for _, c := range m.conv {
		x, lengths = c.forward(t, x, lengths)
	}
	h := m.rnn.ForwardPacked(t, x, lengths, nil)
	h = m.Pooled.forward(t, h, lengths, m.Bidirectional)
	return m.fc.Forward(t, m.drop.Forward(t, h))
}
