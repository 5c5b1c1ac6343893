package worker

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// TestFeatures weighs features by the last layer, which gives what the model says; and what it says is the same with
// them and without.
func TestFeatures(t *testing.T) {
	f := imageFile(t, "lenet5", "model.image=28")
	set, err := samples.OpenSource(storedSet(t, 21, 28, nil))
	if err != nil {
		t.Fatal(err)
	}
	m, path := savedModel(t, f, nil)
	p, err := NewPredictor(path, m, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var want [][]float32
	if err := p.Run(set, func(_ int, out Output) error {
		want = append(want, slices.Clone(out.Logits))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var weight, bias []float32
	for _, w := range p.model.Params().Tensors() {
		if data, ok := w.Data.([]float32); ok { // the last ones, by name
			switch {
			case len(w.Shape) == 2:
				weight = data
			case len(w.Shape) == 1:
				bias = data
			}
		}
	}
	seen := 0
	if err := p.Features(set, func(i int, features []float32, out Output) error {
		seen++
		if !slices.Equal(out.Logits, want[i]) {
			t.Errorf("sample %d: %v with features, %v without", i, out.Logits, want[i])
		}
		for k, logit := range out.Logits {
			sum := float64(bias[k])
			for j, v := range features {
				sum += float64(v) * float64(weight[k*len(features)+j])
			}
			if math.Abs(sum-float64(logit)) > 1e-5 {
				t.Errorf("sample %d, class %d: %v by its features, %v by the model", i, k, sum, logit)
			}
		}
		return nil
	}); err != nil || seen != 21 {
		t.Fatal(seen, err)
	}
}
