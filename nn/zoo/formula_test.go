package zoo

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// mixed is common.py's.
func mixed(x uint32) uint32 {
	x = (x ^ x>>16) * 0x7feb352d
	x = (x ^ x>>15) * 0x846ca68b
	return x ^ x>>16
}

func formulaValue(site uint32, i int) float32 {
	return float32(mixed(uint32(i)+site*0x9e3779b1)>>16)/32768 - 1
}

// formulaWeights fills all weights as common.py does.
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

// shiftBiases shifts biases as kinks.py does, which keeps values away from the kinks of rectifiers.
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
