package zoo

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/tensor"
)

// The run of testdata/reference/make_images.py.
const (
	imageLanes, imageRows, imageClasses = 2, 4, 10
	pixelSite                           = 4096
)

// summaryOf a tensor: its norm and first values.
type summary struct {
	Norm  float64
	First []float64
}

type imageReference struct {
	Torch             string
	Image, Channels   int
	Pixels            uint32 // the site of their formula; 0: pixelSite
	Loss              float64
	Logits, Inference []float64
	Sides             [][]float64 // logits of side heads
	Tensors           map[string]struct {
		Shape []int
		Type  safetensors.DType
	}
	Grads, Running map[string]summary
	Float32        [2]float64        // how far PyTorch's own gradients in float32 are off: norms, and elements
	Shifts         map[string]string // of biases in front of rectifiers, as make_backbones.py has them
}

// site is that of the formula of the pixels.
func (ref *imageReference) site() uint32 {
	if ref.Pixels != 0 {
		return ref.Pixels
	}
	return pixelSite
}

// mixed is make_images.py's.
func mixed(x uint32) uint32 {
	x = (x ^ x>>16) * 0x7feb352d
	x = (x ^ x>>15) * 0x846ca68b
	return x ^ x>>16
}

func formulaValue(site uint32, i int) float32 {
	return float32(mixed(uint32(i)+site*0x9e3779b1)>>16)/32768 - 1
}

// formulaWeights fills all weights as make_images.py does.
func formulaWeights(ps *nn.Params) {
	tensors := ps.Tensors()
	slices.SortFunc(tensors, func(a, b safetensors.Tensor) int { return strings.Compare(a.Name, b.Name) })
	for site, t := range tensors {
		data, ok := t.Data.([]float32)
		if !ok {
			continue
		}
		shift, scale := float32(0), float32(1.0/8)
		switch {
		case strings.HasSuffix(t.Name, "running_mean"):
		case strings.HasSuffix(t.Name, "running_var"):
			shift, scale = 1, 1.0/2
		case len(t.Shape) > 1:
			fan := 1
			for _, n := range t.Shape[1:] {
				fan *= n
			}
			scale = float32(math.Exp2(-math.Floor(math.Log2(float64(fan)/4) / 2)))
		case strings.HasSuffix(t.Name, "weight"):
			shift, scale = 1, 1.0/4
		}
		for i := range data {
			data[i] = shift + scale*formulaValue(uint32(site), i)
		}
	}
	ps.Changed()
}

// imageRun records the model of a reference for so many lanes.
func imageRun(tb testing.TB, kind string, ref *imageReference, lanes int, mode nn.Mode) (Model, *nn.Tape, images) {
	config := smallImages(kind, ref.Image, ref.Channels)
	if c, ok := config.(*MobileNetV2); ok {
		c.Dropout = 0
	}
	return recordImages(tb, kind, config, pixelSite, lanes, mode)
}

// recordImages records a model with make_images.py's weights and targets, and
// pixels of the formula's site.
func recordImages(tb testing.TB, kind string, config any, pixels uint32, lanes int, mode nn.Mode) (Model, *nn.Tape, images) {
	m, err := New(kind, config)
	if err != nil {
		tb.Fatal(err)
	}
	ps, pool := m.Params(), tensor.NewPool(2)
	tb.Cleanup(pool.Close)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	formulaWeights(ps)
	shape := nn.Shape{Steps: 1, Lanes: lanes, Rows: imageRows * imageLanes / lanes}
	tape := nn.NewTape(ps, pool, shape, mode, 1)
	r := imageRecording(m, tape)
	tape.Keep(r.Out)
	tape.Plan()
	for i := range r.Pixels {
		r.Pixels[i] = formulaValue(pixels, i)
	}
	for i := range r.Target {
		r.Target[i] = int32(i * 3 % imageClasses)
	}
	r.Count = imageLanes * imageRows
	return m, tape, r
}

func readImageReference(tb testing.TB, kind string) *imageReference {
	ref := &imageReference{}
	readReference(tb, kind+".json", ref)
	return ref
}

var imageKinds = []string{"lenet5", "lenet5-1998", "mobilenetv2", "resnet-small", "cells"}

// TestImageModelsAgainstPyTorch compares a step of each model, and the running
// statistics and the inference that it leads to. A gradient may be off by a few
// times what PyTorch's own float32 is, of its norm and of an element's typical size.
func TestImageModelsAgainstPyTorch(t *testing.T) {
	for _, kind := range imageKinds {
		t.Run(kind, func(t *testing.T) {
			ref := readImageReference(t, kind)
			m, tape, r := imageRun(t, kind, ref, imageLanes, nn.Training)
			ps := m.Params()
			sameTensors(t, ps, ref)
			shiftBiases(t, ps, ref.Shifts)
			tape.Forward()
			closeTo(t, "logits", r.Out.Value().Data, ref.Logits, 1e-4)
			loss := (r.Losses[0].LaneSum[0] + r.Losses[0].LaneSum[1]) / imageLanes / imageRows
			if math.Abs(loss/ref.Loss-1) > 1e-5 {
				t.Errorf("loss %v, PyTorch has %v", loss, ref.Loss)
			}
			tape.Backward(nil)
			for name, want := range ref.Grads {
				p := ps.Get(name)
				sum := make([]float32, p.Size())
				tensor.Add(sum, p.Grad(0).Data, p.Grad(1).Data)
				want.compare(t, "gradient of "+name, sum, wider(ref.Float32, 8))
			}
			sum := make([]float32, ps.StatisticsSize())
			if len(sum) > 0 {
				tensor.Add(sum, ps.LaneMeasured(0), ps.LaneMeasured(1))
			}
			ps.Track(sum, imageLanes)
			for _, s := range ps.Statistics {
				ref.Running[s.Name].compare(t, s.Name, s.Value(), [2]float64{1e-4, 1e-3})
			}
			m, tape, r = imageRun(t, kind, ref, 1, nn.Inference)
			shiftBiases(t, m.Params(), ref.Shifts)
			tape.Forward()
			closeTo(t, "logits of inference", r.Out.Value().Data, ref.Inference, 1e-4)
		})
	}
}

// sameTensors compares names, shapes and types with PyTorch's state_dict.
func sameTensors(t *testing.T, ps *nn.Params, ref *imageReference) {
	t.Helper()
	own := ps.Tensors()
	if len(own) != len(ref.Tensors) {
		t.Errorf("%d tensors, PyTorch's state_dict has %d", len(own), len(ref.Tensors))
	}
	for _, o := range own {
		want, ok := ref.Tensors[o.Name]
		if !ok || o.DType() != want.Type || !slices.Equal(o.Shape, want.Shape) {
			t.Errorf("tensor %s is %s%v, PyTorch has %s%v", o.Name, o.DType(), o.Shape, want.Type, want.Shape)
		}
	}
}

// closeTo fails when got is off by more than the tolerance of want's largest.
func closeTo(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	worst, largest := 0.0, 0.0
	for i, w := range want {
		worst, largest = max(worst, math.Abs(float64(got[i])-w)), max(largest, math.Abs(w))
	}
	t.Logf("%s: off by %.1e of the largest", what, worst/largest)
	if !(worst <= tolerance*largest) {
		t.Errorf("%s: off by %v, the largest is %v", what, worst, largest)
	}
}

func (want summary) compare(t *testing.T, what string, got []float32, tolerance [2]float64) {
	t.Helper()
	norm := math.Sqrt(tensor.SumSquares(got))
	if want.Norm < 1e-9 { // zero, but for rounding: as of a bias in front of a norm
		if !(norm <= 1e-5) {
			t.Errorf("%s: norm %v, PyTorch has %v", what, norm, want.Norm)
		}
		return
	}
	typical := want.Norm / math.Sqrt(float64(len(got)))
	if !(math.Abs(norm-want.Norm) <= tolerance[0]*want.Norm) {
		t.Errorf("%s: norm %v, PyTorch has %v", what, norm, want.Norm)
	}
	for i, w := range want.First {
		if !(math.Abs(float64(got[i])-w) <= tolerance[1]*max(typical, math.Abs(w))) {
			t.Errorf("%s: element %d is %v, PyTorch has %v", what, i, got[i], w)
		}
	}
}
