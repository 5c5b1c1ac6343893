package look

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// twoWays is the network over frames of the reference.
type twoWays struct {
	params *nn.Params
	in     int
	conv   *nn.Conv1d
	rnn    *nn.Stack
	fc     *nn.Linear
}

func newTwoWays(t *testing.T, in, channels, hidden, classes int) *twoWays {
	t.Helper()
	ps := nn.NewParams()
	n := &twoWays{params: ps, in: in, conv: nn.NewConv1d(ps, "conv", tensor.ConvShape{Cin: in, Cout: channels, KW: 3, StrideW: 2, PadW: 1}, true, nil)}
	var err error
	if n.rnn, err = nn.NewStack(ps, "rnn", "lstm", channels, hidden, 1, nn.StackOptions{Bidirectional: true}); err != nil {
		t.Fatal(err)
	}
	n.fc = nn.NewLinear(ps, "fc", 2*hidden, classes, true)
	ps.Allocate()
	return n
}

func (n *twoWays) Params() *nn.Params { return n.params }

func (n *twoWays) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x, lengths := b.Values("frames", n.in), b.Lengths("frames", t.Shape.Steps)
	y := n.conv.Forward(t, t.TimeToWidth("width", t.ZeroPadding("padding", x, lengths)))
	y = t.WidthToTime("time", t.ReLU("relu", y))
	lengths = t.MapLengths("lengths", lengths, y.Layout.Steps, func(n int) int { return (n + 1) / 2 })
	return n.fc.Forward(t, t.Ends("pool", n.rnn.ForwardPacked(t, y, lengths, nil), lengths))
}

// layer is the course of the layer of that name.
func (s *Sequence) layer(t *testing.T, name string) Course {
	t.Helper()
	i := slices.IndexFunc(s.Layers, func(l Layer) bool { return l.Name == name })
	if i < 0 {
		t.Fatalf("no layer %s in %v", name, s.Layers)
	}
	return s.Course(i)
}

// TestSequenceReference holds layers over time, the memories of both directions and the gradient back to frames against PyTorch's,
// of a row that is shorter than there is room for.
func TestSequenceReference(t *testing.T) {
	ref := readReference(t).Sequence
	net := newTwoWays(t, ref.Features, ref.Channels, ref.Hidden, ref.Classes)
	for name, values := range ref.Parameters {
		copy(net.params.Get(name).Value().Data, values)
	}
	net.params.Changed()
	pool := tensor.NewPool(1)
	defer pool.Close()
	const room, steps = 10, 7
	s, err := NewSequence(net, pool, nn.Shape{Steps: room, Lanes: 1, Rows: 1})
	if err != nil {
		t.Fatal(err)
	}
	frames := s.Batch.Part("frames").(*nn.Values)
	for i := range frames.Data { // what lies behind the end does not matter
		frames.Data[i] = 9
	}
	copy(frames.Data, ref.X)
	s.Batch.Part("frames" + nn.LengthSuffix).(*nn.Lengths).Of[0] = steps
	s.Forward()
	if c := s.Read(); c.Steps != steps || c.Channels != ref.Features || s.Frames.Name != "frames" || s.Wave() != nil || s.Said() != 1 {
		t.Errorf("it reads %d steps of %d numbers", c.Steps, c.Channels)
	}
	near(t, "frames", s.Read().Values, ref.X)
	for name, want := range map[string][]float32{"relu": ref.Conv, "time": ref.Conv, "rnn.l0_reverse.output": ref.Output, "rnn.l0.c": ref.Memory, "rnn.l0_reverse.c": ref.Reverse} {
		if c := s.layer(t, name); c.Steps != 4 || c.Channels*c.Steps != len(want) {
			t.Errorf("%s has %d steps of %d", name, c.Steps, c.Channels)
		}
		near(t, name, s.layer(t, name).Values, want)
	}
	back, half := s.layer(t, "rnn.l0_reverse"), ref.Hidden
	for i := range 4 {
		near(t, "the second direction", back.Values[i*half:(i+1)*half], ref.Output[(2*i+1)*half:(2*i+2)*half])
	}
	if c := s.layer(t, "fc"); c.Steps != 1 || c.Channels != ref.Classes {
		t.Errorf("fc has %d steps of %d", c.Steps, c.Channels)
	}
	for range 2 { // the second time from the same batch
		grad, lengths, err := s.Matters(Answer{Number: ref.Answer, Class: true})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "gradient", grad.Values, ref.Matters)
		for i, want := range ref.Lengths {
			if math.Abs(lengths[i]-want) > 2e-5*(1+want) {
				t.Errorf("frame %d matters %v, want %v", i, lengths[i], want)
			}
		}
	}
	grad, _, err := s.Matters(Answer{Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "gradient of a plain number", grad.Values, ref.Plain)
	for _, bad := range []Answer{{Step: 1}, {Step: -1}, {Number: ref.Classes}, {Number: -1}} {
		if _, _, err := s.Matters(bad); err == nil {
			t.Errorf("%+v is answered", bad)
		}
	}
}

// A gradient that is not finite is refused at whatever time step it is.
func TestMattersFinite(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		values []float32
		finite bool
	}{{[]float32{3, 4, 0, 0, 0, -2}, true}, {[]float32{3e38, 3e38, 1, 0, 0, 0}, true}, {[]float32{nan, 0, 1, 1, 1, 1}, false}, {[]float32{1, 0, 2, nan, 1, 1}, false},
		{[]float32{1, 0, 1, 0, inf, 1}, false}, {[]float32{1, 0, 1, 0, 1, -inf}, false}} {
		lengths, err := rowLengths(Course{Steps: 3, Channels: 2, Values: c.values})
		if (err == nil) != c.finite {
			t.Errorf("%v: %v, %v", c.values, lengths, err)
		}
		if c.values[0] == 3 && !slices.Equal(lengths, []float64{5, 0, 2}) {
			t.Errorf("%v: %v", c.values, lengths)
		}
	}
}

// Of a sound the frames are its spectrogram, as long as the sound is, and what is looked at is what inference computes, to the bit.
func TestSequenceOfSound(t *testing.T) {
	net, err := zoo.New("sound-classifier", zoo.SoundClassifier{Classes: 3, Channels: 4, Kernel: 3, Stride: 2,
		Sound:     zoo.Sound{Samples: 800, Rate: 8000, Mels: 6, BandWidth: 1, TimeWidth: 1, TimeShare: 0.1, BandMasks: 1, TimeMasks: 1},
		Recurrent: zoo.Recurrent{Cell: "gru", Hidden: 5, Layers: 1, Bidirectional: true, Dropout: 0.5}, Pooled: zoo.Pooled{Pooling: "last"}})
	if err != nil {
		t.Fatal(err)
	}
	net.Params().Allocate()
	net.Params().Initialize(3)
	pool := tensor.NewPool(1)
	defer pool.Close()
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 1}
	s, err := NewSequence(net, pool, shape)
	if err != nil {
		t.Fatal(err)
	}
	inference := nn.NewTape(net.Params(), pool, shape, nn.Inference, 0)
	b := inference.NewBatch(nil)
	out := net.Forward(inference, b)
	inference.Keep(out)
	inference.Plan()
	for _, batch := range []*nn.Batch{s.Batch, b} {
		wave := batch.Part("sound").(*nn.Values).Data
		for i := range wave {
			wave[i] = float32(math.Sin(float64(i*i) / 900))
		}
		batch.Part("sound" + nn.LengthSuffix).(*nn.Lengths).Of[0] = 500
	}
	inference.Forward()
	s.Forward()
	if !slices.Equal(s.Out.Value().Row(0), out.Value().Row(0)) {
		t.Errorf("%v, inference gives %v", s.Out.Value().Row(0), out.Value().Row(0))
	}
	if c := s.Read(); s.Frames.Name != "mel" || c.Steps != 7 || c.Channels != 6 || len(s.Wave()) != 500 || s.Heard.Options.Hop != 80 {
		t.Errorf("%d frames of %d bands, of %d samples", c.Steps, c.Channels, len(s.Wave()))
	}
	if c := s.layer(t, "conv.relu"); c.Steps != 4 || c.Channels != 4 {
		t.Errorf("the convolution has %d steps of %d", c.Steps, c.Channels)
	}
	grad, lengths, err := s.Matters(Answer{Class: true})
	if err != nil || grad.Steps != 7 || len(lengths) != 7 || !(slices.Max(lengths) > 0) {
		t.Errorf("what matters: %d steps, %v, %v", grad.Steps, lengths, err)
	}
}

// everyStep says something at each step.
type everyStep struct {
	params *nn.Params
	fc     *nn.Linear
}

func (n *everyStep) Params() *nn.Params { return n.params }

func (n *everyStep) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	b.OutputLengths = b.Lengths("frames", t.Shape.Steps)
	return n.fc.Forward(t, b.Values("frames", 2))
}

// What a network says at a step is asked for at that step.
func TestSequenceSteps(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	ps := nn.NewParams()
	net := &everyStep{ps, nn.NewLinear(ps, "fc", 2, 3, true)}
	ps.Allocate()
	ps.Initialize(1)
	s, err := NewSequence(net, pool, nn.Shape{Steps: 6, Lanes: 1, Rows: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.Batch.OutputLengths.Of[0] = 4
	s.Forward()
	grad, lengths, err := s.Matters(Answer{Step: 2, Number: 1})
	if s.Said() != 4 || err != nil || grad.Steps != 4 || lengths[0] != 0 || lengths[1] != 0 || lengths[3] != 0 {
		t.Fatalf("%d answers; %v, %v", s.Said(), lengths, err)
	}
	near(t, "the weights", grad.Values[4:6], net.fc.Weight.Value().Row(1))
	if _, _, err := s.Matters(Answer{Step: 4}); err == nil {
		t.Error("a step behind the end is answered")
	}
}

// What reads no sequence is refused, and so is what would take too much memory.
func TestSequenceRefusals(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	net := newTwoConvs()
	if _, err := NewSequence(net, pool, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}); err == nil || !strings.Contains(err.Error(), "reads no sequence") {
		t.Errorf("pictures: %v", err)
	}
	ps := nn.NewParams()
	wide := &everyStep{ps, nn.NewLinear(ps, "fc", 2, 5000, true)}
	ps.Allocate()
	if _, err := NewSequence(wide, pool, nn.Shape{Steps: 60_000, Lanes: 1, Rows: 1}); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a long sequence: %v", err)
	}
}
