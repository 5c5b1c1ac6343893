package zoo

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// Every published network has as many parameters, and multiplies as often, as it is said to.
func TestPublished(t *testing.T) {
	for _, info := range Kinds() {
		if info.Published == nil {
			continue
		}
		p := info.Published
		if p.Paper == "" || p.As == "" {
			t.Errorf("%s: %+v is not described", info.Kind, p)
		}
		config := info.Config()
		if f := info.Field("sides"); f != nil {
			*f.At(config).(*bool) = false
		}
		m, err := New(info.Kind, config)
		if err != nil {
			t.Fatal(err)
		}
		if m.Params().Size() != p.Parameters {
			t.Errorf("%s: %d parameters, want %d", info.Kind, m.Params().Size(), p.Parameters)
		}
		if got := multiplyAdds(m); p.MultiplyAdds > 0 && math.Abs(got/1e9-p.MultiplyAdds) > min(0.00051, 0.002*p.MultiplyAdds) {
			t.Errorf("%s: %.4f·10⁹ multiply-adds, want %v", info.Kind, got/1e9, p.MultiplyAdds)
		}
		for _, w := range p.Weights {
			if w.Name == "" || w.Crop < 1 || w.Resize < w.Crop || w.By == "" || w.Deviation[0] <= 0 || w.Top1 < 0 || w.Top1 > 100 {
				t.Errorf("%s: weights %+v", info.Kind, w)
			}
		}
	}
}

// Accuracies and presets of weights are what those say who publish them, and none of theirs is left out.
func TestPublishedWeights(t *testing.T) {
	var table map[string]map[string]struct {
		Top1            *float64 // nil: not kept with the weights
		Resize, Crop    int
		By              string
		Mean, Deviation [3]float64
		BlueFirst, Same bool
	}
	readReference(t, "weights.json", &table)
	compared := 0
	for _, info := range Kinds() {
		if info.Published == nil || table[info.Published.As] == nil {
			continue
		}
		weights := map[string]Pretrained{}
		for _, w := range info.Published.Weights {
			weights[w.Name] = w
		}
		for name, want := range table[info.Published.As] {
			w, ok := weights[name]
			if !ok {
				t.Errorf("%s has no weights %q", info.Kind, name)
				continue
			}
			compared++
			if want.Top1 != nil && w.Top1 != *want.Top1 {
				t.Errorf("%s, %s: %v %% right, want %v", info.Kind, name, w.Top1, *want.Top1)
			}
			if p := (Preset{want.Resize, want.Crop, want.By, want.Mean, want.Deviation, want.BlueFirst, want.Same}); w.Preset != p {
				t.Errorf("%s, %s: preset %v, want %v", info.Kind, name, w.Preset, p)
			}
		}
	}
	if compared < 50 {
		t.Errorf("%d sets of weights are compared", compared)
	}
}

// The accuracy of a kind is that of weights for the images that it reads by default, which is the size that is measured.
func TestTop1(t *testing.T) {
	for kind, want := range map[string]float64{"seresnet50": 80.260, "resnet50": 80.858, "nasnet-large": 82.638, "efficientnet-b7": 84.122,
		"inception-resnet-v1": 0, "fcn8s": 0, "lenet5": 0, "scheme": 0, "charlm": 0} {
		if got := mustLookup(t, kind).Top1(); got != want {
			t.Errorf("%s: %v %% right, want %v", kind, got, want)
		}
	}
	for _, info := range Kinds() {
		if info.Published != nil && slices.ContainsFunc(info.Published.Weights, func(w Pretrained) bool { return w.Top1 > 0 }) && info.Top1() == 0 {
			t.Errorf("%s: no weights are of its size", info.Kind)
		}
	}
}

// multiplyAdds counts those of convolutions and linear layers for one image.
func multiplyAdds(m *Network) float64 {
	info, _ := Lookup(m.Kind)
	tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
	Record(m, task.Default(info.Task), tape, nil)
	tape.Measure()
	sum := 0.0
	for _, l := range tape.Layers() {
		sum += float64(l.Operations) / 2
	}
	return sum
}
