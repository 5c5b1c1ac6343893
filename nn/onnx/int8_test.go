package onnx

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// showNoise finds ranges on rows of noise, by entropy where share is 0, and returns these and what the network says of
// them in float32.
func showNoise(n *zoo.Network, rows int, share float64) (c *Calibration, images *nn.Images, out []float32, err error) {
	if c = NewEntropyCalibration(); share != 0 {
		if c, err = NewCalibration(share); err != nil {
			return nil, nil, nil, err
		}
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	for range c.Passes() {
		tape := nn.NewTape(n.Params(), pool, nn.Shape{Steps: 1, Lanes: 1, Rows: rows + 1}, nn.Inference, 0)
		batch := tape.NewBatch(nil)
		y := n.Forward(tape, batch)
		if err := c.Record(tape, y); err != nil {
			return nil, nil, nil, err
		}
		tape.Keep(y)
		tape.Plan()
		images = batch.Part("image").(*nn.Images)
		nn.Stream{Seed: 4}.Uniform(images.Pixels, -1, 1)
		for i := range images.Pixels { // some bright, some dark
			images.Pixels[i] += float32(i/len(images.Image(0))) - 1
		}
		for i := range images.Image(rows) {
			images.Image(rows)[i] = 1e6 // no sample, and in no range
		}
		c.Rows(rows)
		tape.Forward()
		out = slices.Clone(y.Value().Data[:rows*y.Cols])
	}
	return c, images, out, c.Err()
}

func calibrated8(t *testing.T, n *zoo.Network, rows int, share float64) (*Calibration, *nn.Images, []float32) {
	t.Helper()
	c, images, out, err := showNoise(n, rows, share)
	if err != nil {
		t.Fatal(err)
	}
	return c, images, out
}

// channelsFirst8 are images as a file wants them.
func channelsFirst8(m *nn.Images, rows int) *value {
	x := &value{shape: []int{rows, m.Channels, m.Height, m.Width}}
	l := nn.Layout{Height: m.Height, Width: m.Width}
	for _, v := range channelsFirst(m.Pixels[:rows*m.Height*m.Width*m.Channels], l, m.Channels, rows) {
		x.data = append(x.data, float64(v))
	}
	return x
}

func scheme8(t *testing.T, layers string) *zoo.Network {
	t.Helper()
	n, err := zoo.New("scheme", zoo.Scheme{Layers: layers, Classes: 3, Height: 8, Width: 6, Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	n.Params().Allocate()
	shake(n.Params())
	return n
}

func write8(t *testing.T, n *zoo.Network, c *Calibration) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (network{name: "int8", n: n, steps: 1, int8: c}).write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const tiny8 = "conv 4 → norm → relu → pool → conv 5 → relu → pool → fc 7 → relu → fc"

var rewrite8 = flag.Bool("rewrite-int8", false, "write testdata/tiny-int8.onnx and its input anew; then run testdata/int8.py")

// TestInt8Tiny holds a small network in eight bits against onnxruntime, by numbers that it once gave (testdata/int8.py): the
// bytes of the file, and what they compute by the definitions of ONNX.
func TestInt8Tiny(t *testing.T) {
	const path, rows = "testdata/tiny-int8.onnx", 3
	n := scheme8(t, tiny8)
	c, images, _ := calibrated8(t, n, rows, 1)
	file, x := write8(t, n, c), channelsFirst8(images, rows)
	if *rewrite8 {
		text, _ := json.Marshal(map[string]any{"shape": x.shape, "input": x.data})
		if err := errors.Join(os.WriteFile(path, file, 0o644), os.WriteFile("testdata/tiny-int8.json", text, 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(want, file) {
		t.Errorf("%v; the %d bytes are not the %d of %s", err, len(file), len(want), path)
	}
	var known struct{ Input, Output []float64 }
	text, err := os.ReadFile("testdata/tiny-int8.json")
	if err != nil || json.Unmarshal(text, &known) != nil || !slices.Equal(known.Input, x.data) {
		t.Fatalf("%v: the samples are others", err)
	}
	got := evaluate(t, file, "image", x)
	for i, v := range known.Output {
		if math.Abs(got[i]-v) > 2e-6 {
			t.Errorf("output %d is %v, onnxruntime's %v", i, got[i], v)
		}
	}
	if len(known.Output) != len(got) || len(got) != rows*3 {
		t.Errorf("%d outputs, %d known", len(got), len(known.Output))
	}
}

// TestInt8Near wants a network in eight bits to say about the same as in float32: noise of rounding is a few hundredths of
// how far each output differs from image to image. Batch norms are folded, additions between.
func TestInt8Near(t *testing.T) {
	small, err := zoo.New("resnet-small", zoo.ResNetSmall{Classifier: zoo.Classifier{Classes: 10, Image: 12, Channels: 3}, Blocks: 1, Width: 8})
	if err != nil {
		t.Fatal(err)
	}
	small.Params().Allocate()
	shake(small.Params())
	for name, n := range map[string]*zoo.Network{"tiny": scheme8(t, tiny8), "resnet-small": small} {
		const rows = 4
		for _, share := range []float64{1, 0.999, 0} {
			c, images, want := calibrated8(t, n, rows, share)
			file := write8(t, n, c)
			got := evaluate(t, file, "image", channelsFirst8(images, rows))
			noise, signal, mean, classes := 0.0, 0.0, map[int]float64{}, len(want)/rows
			for i, v := range want {
				mean[i%classes] += float64(v) / rows
			}
			for i, v := range want {
				noise += math.Pow(got[i]-float64(v), 2)
				signal += math.Pow(float64(v)-mean[i%classes], 2)
			}
			if r := math.Sqrt(noise / signal); !(r < 0.05) || r == 0 {
				t.Errorf("%s, share %v: noise of %.3f of the outputs' spread", name, share, r)
			}
			if again := write8(t, n, c); !bytes.Equal(file, again) {
				t.Errorf("%s: other bytes of the same", name)
			}
			if bytes.Contains(file, []byte("BatchNormalization")) {
				t.Errorf("%s: a batch norm is left", name)
			}
		}
		n.Params().Values = nil
	}
}

// TestInt8Values wants pairs around what layers read and write, one range where values only move, and none at the output.
func TestInt8Values(t *testing.T) {
	n := scheme8(t, tiny8)
	c, _, _ := calibrated8(t, n, 2, 1)
	graph := fields(t, fields(t, write8(t, n, c))[7][0])
	var rounded, scales []string
	wantRounded := []string{"image", "layers.2", "layers.3", "layers.5", "layers.7.flatten", "layers.8"}
	wantScales := []string{"image.scale", "layers.2.scale", "layers.2.scale", "layers.5.scale", "layers.5.scale", "layers.8.scale"}
	for _, b := range graph[1] {
		if m := nodeOf(t, fields(t, b)); m.kind == "QuantizeLinear" {
			rounded, scales = append(rounded, m.inputs[0]), append(scales, m.inputs[1])
		}
	}
	if c.Layers() != 4 || !slices.Equal(rounded, wantRounded) || !slices.Equal(scales, wantScales) {
		t.Errorf("%d layers; rounded are %v by %v", c.Layers(), rounded, scales)
	}
}

// TestInt8Weights holds weights and biases against those of float32 with the norm in them: half a step at most.
func TestInt8Weights(t *testing.T) {
	l := &product8{}
	ps := nn.NewParams()
	conv := nn.NewConv2d(ps, "conv", tensor.ConvShape{Cin: 2, Cout: 3, KH: 2, KW: 2}, true, nil)
	l.norm = nn.NewBatchNorm(ps, "norm", 3, nn.BatchNormOptions{})
	l.weight, l.bias = conv.Weight, conv.Bias
	ps.Allocate()
	shake(ps)
	weights, bias := l.folded()
	x := []float32{1, -2, 3, 0.5, 0.25, -1, 2, 1.5}
	for i := range 3 {
		plain, with := float64(l.bias.Value().Data[i]), float64(bias[i])
		for k, v := range x {
			plain += float64(l.weight.Value().Data[8*i+k]) * float64(v)
			with += float64(weights[8*i+k]) * float64(v)
		}
		mean, variance := float64(l.norm.Mean.Value()[i]), float64(l.norm.Variance.Value()[i])
		normed := (plain-mean)/math.Sqrt(variance+float64(l.norm.Eps))*float64(l.norm.Weight.Value().Data[i]) + float64(l.norm.Bias.Value().Data[i])
		if math.Abs(normed-with) > 1e-5 {
			t.Errorf("channel %d is %v with the norm in it, want %v", i, with, normed)
		}
	}
	clear(l.weight.Value().Data[:8]) // a channel without weights
	ps.Changed()
	w := l.rounded(step8{scale: 0.5})
	weights, bias = l.folded()
	for i, v := range weights {
		if back := float64(int8(w.values[i])) * float64(w.scales[i/8]); math.Abs(back-float64(v)) > float64(w.scales[i/8])*0.5001 {
			t.Errorf("weight %d is %v, was %v", i, back, v)
		}
	}
	for i, v := range bias {
		if q := float64(v) / float64(w.biases[i]); math.Abs(q) > 1<<30+1<<8 || w.scales[i] <= 0 {
			t.Errorf("bias %d is %v in steps of %v", i, v, w.biases[i])
		}
	}
}

// TestSpans holds ranges against those of known values: zero is in each, and so many are cut off.
func TestSpans(t *testing.T) {
	fill := func(values ...float32) *span { return seen(values) }
	thousand := []float32{50}
	for i := range 999 {
		thousand = append(thousand, float32(i)/999)
	}
	for _, c := range []struct {
		s     *span
		share float64
		want  step8
	}{
		{fill(1, 2, 5.1), 1, step8{5.1 / 255, 0}}, {fill(-1, -2), 1, step8{2.0 / 255, 255}}, {fill(-1, 1.55), 1, step8{0.01, 100}},
		{fill(0, 0), 1, step8{1, 0}}, {fill(), 1, step8{1, 0}}, {fill(0, 0), 0.9, step8{1, 0}},
		{fill(thousand...), 1, step8{50.0 / 255, 0}}, {fill(thousand...), 0.997, step8{1.0 / 255, 0}},
	} {
		if got := stepOf(c.s.within(c.share)); math.Abs(float64(got.scale/c.want.scale)-1) > 0.02 || got.zero != c.want.zero {
			t.Errorf("%v of %v to %v: %+v, want %+v", c.share, c.s.low, c.s.high, got, c.want)
		}
	}
}

// TestNoCalibration wants errors where ranges are not known.
func TestNoCalibration(t *testing.T) {
	for _, share := range []float64{0, 0.5, 1.1, math.NaN()} {
		if _, err := NewCalibration(share); err == nil {
			t.Errorf("a share of %v", share)
		}
	}
	n := scheme8(t, tiny8)
	c, _ := NewCalibration(1)
	if err := (network{n: n, steps: 1, int8: c}).write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "no samples") {
		t.Errorf("without samples: %v", err)
	}
	tape := nn.NewTape(nn.NewParams(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
	out := tape.ReLU("relu", tape.NewBatch(nil).Images("image", 2, 2, 1))
	if err := c.Record(tape, out); err == nil || !strings.Contains(err.Error(), "no convolution") {
		t.Errorf("without a layer: %v", err)
	}
	other, _, _ := calibrated8(t, scheme8(t, "conv 2 → relu → fc"), 2, 1)
	if err := (network{n: n, steps: 1, int8: other}).write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "another network") {
		t.Errorf("ranges of another network: %v", err)
	}
	n.Params().Values[0] = float32(math.NaN())
	n.Params().Changed()
	if _, _, _, err := showNoise(n, 2, 1); err == nil || !strings.Contains(err.Error(), "layers.") {
		t.Errorf("of a weight that is no number: %v", err)
	}
}
