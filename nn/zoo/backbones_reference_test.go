package zoo

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

type backboneReference struct {
	Kind              string
	Image             int
	Pixels            uint32            // the site of their formula
	Shifts            map[string]string // of biases in front of rectifiers, a letter for each
	Loss              float64
	Logits, Inference []float64
	Float32           struct{ Logits, Inference, Grads, Running float64 } // how far PyTorch's float32 is off
	Grads, Running    map[string][2]float64                               // the norm, and a sum with the formula's weights
}

// record records the reference's network, weights, pixels and targets for so many lanes.
func (ref *backboneReference) record(t *testing.T, lanes int, mode nn.Mode) (*nn.Params, *nn.Tape, images) {
	kind, config := smallBackbone(t, ref.Kind, ref.Image)
	m, tape, r := recordImages(t, kind, config, ref.Pixels, lanes, mode)
	shiftBiases(t, m.Params(), ref.Shifts)
	return m.Params(), tape, r
}

// shiftBiases shifts biases as make_backbones.py does, which keeps values away from the kinks of rectifiers.
func shiftBiases(tb testing.TB, ps *nn.Params, shifts map[string]string) {
	tb.Helper()
	for name, letters := range shifts {
		bias := ps.Get(name).Value().Data
		if len(bias) != len(letters) {
			tb.Fatalf("%s: %d shifts of %d biases", name, len(letters), len(bias))
		}
		for i := range bias {
			bias[i] += float32(int(letters[i])-'m') / 512
		}
	}
	ps.Changed()
}

// TestBackbonesAgainstPyTorch compares a step of members of every family, and inference, with PyTorch in float64.
func TestBackbonesAgainstPyTorch(t *testing.T) {
	var refs, normed []backboneReference
	readReference(t, "backbones.json", &refs)
	readReference(t, "normed.json", &normed)
	for _, ref := range slices.Concat(refs, normed) {
		t.Run(ref.Kind, func(t *testing.T) {
			ps, tape, r := ref.record(t, imageLanes, nn.Training)
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
			_, tape, r = ref.record(t, 1, nn.Inference)
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
		w, size := want[name], want[name][0]
		if layer, isBias := strings.CutSuffix(name, ".bias"); isBias && size < nothing {
			size = want[layer+".weight"][0] // a norm follows, and nothing but rounding comes through it
		}
		off := max(math.Abs(norm-w[0]), math.Abs(sum-w[1]))
		if size > nothing {
			worst = max(worst, off/size)
		}
		if !(off <= tolerance*size+nothing) {
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
