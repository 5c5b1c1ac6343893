package zoo

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

type backboneReference struct {
	Kind              string
	Image             int
	Pixels            uint32 // the site of their formula
	Loss              float64
	Logits, Inference []float64
	Float32           struct{ Logits, Inference, Grads, Running float64 } // how far PyTorch's float32 is off
	Grads, Running    map[string][2]float64                               // the norm, and a sum with the formula's weights
}

// TestBackbonesAgainstPyTorch compares a step of a member of every family, and inference, with PyTorch in float64.
func TestBackbonesAgainstPyTorch(t *testing.T) {
	var refs []backboneReference
	readReference(t, "backbones.json", &refs)
	for _, ref := range refs {
		t.Run(ref.Kind, func(t *testing.T) {
			kind, config := smallBackbone(t, ref.Kind, ref.Image)
			m, tape, r := recordImages(t, kind, config, ref.Pixels, imageLanes, nn.Training)
			ps := m.Params()
			tape.Forward()
			closeTo(t, "logits", r.Out.Value().Data, ref.Logits, allowed(ref.Float32.Logits))
			loss := (r.Losses[0].LaneSum[0] + r.Losses[0].LaneSum[1]) / imageLanes / imageRows
			if math.Abs(loss/ref.Loss-1) > allowed(ref.Float32.Logits) {
				t.Errorf("loss %v, PyTorch has %v", loss, ref.Loss)
			}
			tape.Backward(nil)
			grads := map[string][]float32{}
			for _, p := range ps.List {
				sum := make([]float32, p.Size())
				tensor.Add(sum, p.Grad(0).Data, p.Grad(1).Data)
				grads[p.Name] = sum
			}
			probes(t, "gradient of ", grads, ref.Grads, allowed(ref.Float32.Grads))
			if n := ps.StatisticsSize(); n > 0 {
				sum := make([]float32, n)
				tensor.Add(sum, ps.LaneMeasured(0), ps.LaneMeasured(1))
				ps.Track(sum, imageLanes)
			}
			running := map[string][]float32{}
			for _, s := range ps.Statistics {
				running[s.Name] = s.Value()
			}
			probes(t, "", running, ref.Running, allowed(ref.Float32.Running))
			_, tape, r = recordImages(t, kind, config, ref.Pixels, 1, nn.Inference)
			tape.Forward()
			closeTo(t, "logits of inference", r.Out.Value().Data, ref.Inference, allowed(ref.Float32.Inference))
		})
	}
}

// allowed is how far float32 may be off where PyTorch's is off by so much.
func allowed(float32s float64) float64 { return 8*float32s + 1e-6 }

// probes compares norms, and sums in which every element has a weight of the formula.
func probes(t *testing.T, what string, got map[string][]float32, want map[string][2]float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d tensors, PyTorch has %d", len(got), len(want))
	}
	const nothing = 1e-6 // what would be zero, but for rounding
	worst := 0.0
	for site, name := range sortedKeys(want) {
		norm, sum := math.Sqrt(tensor.SumSquares(got[name])), 0.0
		for i, v := range got[name] {
			sum += float64(v) * float64(formulaValue(uint32(site), i))
		}
		w := want[name]
		off := max(math.Abs(norm-w[0]), math.Abs(sum-w[1]))
		if w[0] > nothing {
			worst = max(worst, off/w[0])
		}
		if !(off <= tolerance*w[0]+nothing) {
			t.Errorf("%s%s: norm %v and sum %v, PyTorch has %v", what, name, norm, sum, w)
		}
	}
	t.Logf("%soff by %.1e, %.1e is allowed", what, worst, tolerance)
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
