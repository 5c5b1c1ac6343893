package zoo

import (
	"math"
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
		if got := multiplyAdds(m); math.Abs(got/1e9-p.MultiplyAdds) > 0.00051*max(1, p.MultiplyAdds/10) {
			t.Errorf("%s: %.4f·10⁹ multiply-adds, want %v", info.Kind, got/1e9, p.MultiplyAdds)
		}
		for _, w := range p.Weights {
			if w.Name == "" || w.Crop < 1 || w.Resize < w.Crop || w.By == "" || w.Deviation[0] <= 0 || w.Top1 < 0 || w.Top1 > 100 || w.Top1 > p.Top1() {
				t.Errorf("%s: weights %+v", info.Kind, w)
			}
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
