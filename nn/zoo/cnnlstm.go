package zoo

import (
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("cnn-lstm", Kind[CNNLSTM]{
		About:  "classes of sounds by three kinds of layers: convolutions over the spectrogram, LSTM over time, dense layers",
		Task:   task.Class,
		Sample: "sound",
		Defaults: CNNLSTM{
			Classes: 10, Sound: hearing, Channels: 64, Kernel: 5, Dense: 64,
			Recurrent: Recurrent{Cell: "lstm", Hidden: 64, Layers: 1},
		},
		Derive: func(c *CNNLSTM, _ func(string) bool) { c.derive() },
		New:    newCNNLSTM,
	})
}

// CNNLSTM describes a network of convolutions, recurrent and dense layers.
type CNNLSTM struct {
	Classes int `field:"classes" allowed:"[1, 65536]" about:"what sounds are told apart into"`
	Sound
	Channels int `field:"channels" allowed:"[1, 65536]" about:"of the convolutions"`
	Kernel   int `field:"kernel" allowed:"[1, 255]" about:"frames that they see at once, an odd number"`
	Recurrent
	Dense int `field:"dense" allowed:"[1, 65536]" about:"units of the dense layer before the classes"`
}

// cnnLSTM stacks what each kind of layer does best, as Sainath et al. (2015) do:
//
//	x = ear(sound)                        [frames, mels]
//	x = relu(conv2(relu(conv1(x))))       [frames/4, channels]: each of stride 2
//	h = recurrent layers(x)               packed; of each direction the last state
//	logits = fc2(dropout(relu(fc1(dropout(h)))))
//
// with the names and first weights of a PyTorch module with the members norm,
// conv1, conv2, rnn, fc1 and fc2.
type cnnLSTM struct {
	CNNLSTM
	params   *nn.Params
	ear      *ear
	convs    [2]timeConv
	rnn      *nn.Stack
	drop     [2]*nn.Dropout
	fc1, fc2 *nn.Linear
}

func newCNNLSTM(c CNNLSTM) (Model, error) {
	if err := checkKernel(c.Kernel); err != nil {
		return nil, err
	}
	ps := nn.NewParams()
	m := &cnnLSTM{CNNLSTM: c, params: ps}
	var err error
	if m.ear, err = newEar(ps, c.Sound); err != nil {
		return nil, err
	}
	m.convs[0] = newTimeConv(ps, "conv1", c.Mels, c.Channels, c.Kernel, 2)
	m.convs[1] = newTimeConv(ps, "conv2", c.Channels, c.Channels, c.Kernel, 2)
	if m.rnn, err = c.stack(ps, c.Channels); err != nil {
		return nil, err
	}
	m.fc1 = nn.NewLinear(ps, "fc1", m.rnn.Width, c.Dense, true)
	m.fc2 = nn.NewLinear(ps, "fc2", c.Dense, c.Classes, true)
	m.drop[0] = nn.NewDropout("dropout1", float32(c.Dropout), siteOut)
	m.drop[1] = nn.NewDropout("dropout2", float32(c.Dropout), siteDense)
	return m, checkSize(ps, "hidden")
}

func (m *cnnLSTM) Params() *nn.Params { return m.params }

func (m *cnnLSTM) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x, lengths := m.ear.forward(t, b)
	for _, c := range m.convs {
		x, lengths = c.forward(t, x, lengths)
	}
	h := m.rnn.ForwardPacked(t, x, lengths, nil)
	h = m.drop[0].Forward(t, Pooled{"last"}.forward(t, h, lengths, m.Bidirectional))
	h = t.ReLU("relu", m.fc1.Forward(t, h))
	return m.fc2.Forward(t, m.drop[1].Forward(t, h))
}
