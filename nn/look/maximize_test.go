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

// someConvs is the network of the reference with its weights.
func someConvs(t *testing.T) *twoConvs {
	ref := readReference(t).Pictures
	net := newTwoConvs()
	set(net.params, ref.W1, ref.B1, ref.W2, ref.B2)
	return net
}

// TestMaximize climbs, stays in the range of pictures, leaves weights alone and finds the same again.
func TestMaximize(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	net := someConvs(t)
	before := slices.Clone(net.params.Values)
	l, err := New(net, pool, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Gradient, "conv1", "relu2")
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultClimb()
	c.Steps, c.Jitter, c.Blur = 1, 1, 0.3
	for i, u := range []Unit{{Y: 3, X: 4, Channel: 2}, {Y: -1, Channel: 1}} {
		if i == 0 { // one unit: a field of three pixels
			c.Jitter = 0
		} else {
			c.Jitter = 1
		}
		_, first, err := l.Maximize(i, u, c)
		if err != nil {
			t.Fatal(err)
		}
		long := c
		long.Steps = 60
		x, reached, err := l.Maximize(i, u, long)
		if err != nil {
			t.Fatal(err)
		}
		if reached < first+1 {
			t.Errorf("%v: from %v to %v", u, first, reached)
		}
		if low, high := slices.Min(x.Values), slices.Max(x.Values); low < -1 || high > 1 || high-low < 0.5 {
			t.Errorf("%v: a picture from %v to %v", u, low, high)
		}
		again, value, _ := l.Maximize(i, u, long)
		if value != reached || !slices.Equal(again.Values, x.Values) {
			t.Errorf("%v: another picture the second time", u)
		}
	}
	if !slices.Equal(before, net.params.Values) {
		t.Error("weights have changed")
	}
}

// TestMaximizeFromShut: noise that leaves the rectifiers of a channel shut is followed by other noise until one opens.
func TestMaximizeFromShut(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	net := someConvs(t)
	ref := readReference(t).Pictures
	shut := slices.Clone(ref.B1)
	for i := range shut {
		shut[i] = -0.5
	}
	set(net.params, ref.W1, shut, ref.W2, ref.B2)
	l, err := New(net, pool, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Gradient, "relu1")
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultClimb()
	c.Steps, c.Jitter, c.Noise = 80, 0, 0.2
	for channel := range l.Layers()[0].Cols {
		if _, reached, err := l.Maximize(0, Unit{Y: 3, X: 4, Channel: channel}, c); err != nil || reached <= 0 {
			t.Errorf("channel %d comes to %v, %v", channel, reached, err)
		}
	}
}

// TestMaximizeDead: of a channel that nothing opens the picture is empty, not noise.
func TestMaximizeDead(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	net := someConvs(t)
	ref := readReference(t).Pictures
	set(net.params, ref.W1, []float32{-1e3, -1e3, -1e3}, ref.W2, ref.B2)
	l, err := New(net, pool, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Gradient, "relu1")
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultClimb()
	c.Steps = 10
	x, reached, err := l.Maximize(0, Unit{Y: 3, X: 4}, c)
	if err != nil || reached != 0 || slices.ContainsFunc(x.Values, func(v float32) bool { return v != 0 }) {
		t.Errorf("%v, comes to %v, %v", x.Values, reached, err)
	}
}

// TestInputGradient holds the gradient of pictures of a residual network with norms against finite differences.
func TestInputGradient(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	net, err := zoo.New("resnet-small", zoo.ResNetSmall{Classifier: zoo.Classifier{Classes: 3, Image: 16, Channels: 1}, Blocks: 1, Width: 4})
	if err != nil {
		t.Fatal(err)
	}
	net.Params().Allocate()
	net.Params().Initialize(1)
	l, err := New(net, pool, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Gradient, "fc")
	if err != nil {
		t.Fatal(err)
	}
	images, _ := l.images()
	nn.Stream{Seed: 3}.Normal(images.Pixels, 1)
	l.Forward()
	g, err := l.back(0, func(begin Maps) { begin.Values[1] = 1 }, 0)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(images.Pixels); at += 37 {
		const h = 1.0 / 256
		was, value := images.Pixels[at], [2]float64{}
		for k, d := range []float32{-h, h} {
			images.Pixels[at] = was + d
			l.Forward()
			value[k] = float64(l.Maps(0, 0).Values[1])
		}
		images.Pixels[at] = was
		if want := (value[1] - value[0]) / (2 * h); math.Abs(float64(g.Values[at])-want) > 2e-3*(1+math.Abs(want)) {
			t.Errorf("pixel %d: %v, by differences %v", at, g.Values[at], want)
		}
	}
}

// TestLookingIsInference: a tape that looks inside yields what one for inference does.
func TestLookingIsInference(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	net, err := zoo.New("resnet-small", zoo.ResNetSmall{Classifier: zoo.Classifier{Classes: 3, Image: 16, Channels: 1}, Blocks: 1, Width: 4, Dropout: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	net.Params().Allocate()
	net.Params().Initialize(1)
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 3}
	l, err := New(net, pool, shape, nn.Guided, "relu")
	if err != nil {
		t.Fatal(err)
	}
	tape := nn.NewTape(net.Params(), pool, shape, nn.Inference, 0)
	b := tape.NewBatch(nil)
	out := net.Forward(tape, b)
	tape.Keep(out)
	tape.Plan()
	images, _ := l.images()
	nn.Stream{Seed: 3}.Normal(images.Pixels, 1)
	copy(b.Part("image").(*nn.Images).Pixels, images.Pixels)
	l.Forward()
	tape.Forward()
	if !slices.Equal(l.Out.Value().Data, out.Value().Data) {
		t.Errorf("looking %v, inference %v", l.Out.Value().Data, out.Value().Data)
	}
}

func TestRefusals(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	net := someConvs(t)
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 1}
	refuses := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	_, err := New(net, pool, shape, nn.Gradient, "conv3")
	refuses(err, "its layers are conv1, relu1, pool, conv2, relu2")
	l, err := New(net, pool, shape, nn.Gradient, "conv1")
	if err != nil {
		t.Fatal(err)
	}
	l.Forward()
	_, err = l.Project(0, Unit{Channel: 3})
	refuses(err, "channel 3")
	_, err = l.Project(0, Unit{Y: 8})
	refuses(err, "pixel 8,0")
	_, _, err = l.Maximize(0, Unit{}, Climb{})
	refuses(err, "steps 0")
	_, err = Read(net, pool, []byte("text"))
	refuses(err, "reads image")
	_, err = Influence(net, pool, []byte("text"), 0)
	refuses(err, "reads image")
	cells := Cells{Width: 2, Values: [][]float32{{1, 2}, {2, 1}}}
	_, err = cells.Rank(0, 2)
	refuses(err, "range 0:2")
	_, err = cells.Cell(2)
	refuses(err, "cell 2")
	_, err = (&Reading{}).State("")
	refuses(err, "no state")
}

func TestStrongest(t *testing.T) {
	s := NewStrongest(2, 2)
	nan := float32(math.NaN())
	for i, v := range [][]float32{{1, nan, 3, 0}, {3, nan, 5, nan}, {9, 1, 2, 2}} {
		s.See(i, Maps{Height: 1, Width: 2, Channels: 2, Values: v})
	}
	want := [][]Place{{{2, 0, 0, 9}, {1, 0, 1, 5}}, {{2, 0, 1, 2}, {0, 0, 1, 0}}}
	for channel := range want {
		if !slices.Equal(s.Places[channel], want[channel]) {
			t.Errorf("channel %d: %v, want %v", channel, s.Places[channel], want[channel])
		}
	}
}

func TestRuns(t *testing.T) {
	cells := Cells{Name: "c", Width: 1, Values: [][]float32{{0}, {2}, {2}, {0}, {3}, {0}, {1}, {1}}}
	ranked, err := cells.Rank(1, 3)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := cells.Runs(ranked[0], 1, 3)
	if err != nil || len(runs) != 2 || runs[0].From != 4 || runs[0].To != 5 || runs[1].From != 6 || runs[1].To != 8 {
		t.Errorf("runs %v, error %v", runs, err)
	}
}
