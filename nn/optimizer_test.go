package nn

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// optimizerReference is what testdata/optimizers/make_optimizers.py wrote.
type optimizerReference struct {
	Torch string
	Start []float32
	Grads [][]float32
	Cases map[string]struct {
		Clip   float64
		Values [][]float32
		Norms  []float64
	}
}

func TestOptimizersAgainstPyTorch(t *testing.T) {
	var ref optimizerReference
	text, err := os.ReadFile("testdata/optimizers/optimizers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &ref); err != nil {
		t.Fatal(err)
	}
	size := len(ref.Start)
	for name, c := range map[string]struct {
		optimizer Optimizer
		lr        float64
	}{
		"sgd":                {NewSGD(size, SGDConfig{}), 0.1},
		"sgd momentum decay": {NewSGD(size, SGDConfig{Momentum: 0.9, WeightDecay: 0.01}), 0.1},
		"adam":               {NewAdam(size, AdamConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}), 0.01},
		"adam decay":         {NewAdam(size, AdamConfig{Beta1: 0.8, Beta2: 0.95, Eps: 1e-6, WeightDecay: 0.1}), 0.01},
	} {
		params, want, worst := slices.Clone(ref.Start), ref.Cases[name], 0.0
		for step, g := range ref.Grads {
			grad := slices.Clone(g)
			norm, _ := ClipGlobalNorm(nil, grad, want.Clip)
			if off := math.Abs(norm/want.Norms[step] - 1); off > 1e-6 {
				t.Errorf("%s: step %d: norm %v, PyTorch %s has %v", name, step, norm, ref.Torch, want.Norms[step])
			}
			c.optimizer.Step(nil, params, grad, c.lr, uint64(step))
			for i, p := range params {
				worst = max(worst, math.Abs(float64(p-want.Values[step][i])))
			}
		}
		// A few roundings of numbers near 1 in each of 12 steps.
		if !(worst <= 2e-6) {
			t.Errorf("%s: off by %v from PyTorch %s", name, worst, ref.Torch)
		}
		t.Logf("%s: largest deviation %.2g", name, worst)
	}
}

// A restored optimizer goes on with the same bits, whatever the pool.
func TestOptimizerStateRestores(t *testing.T) {
	const size = 3*elementGrain + 5
	for _, build := range []func() Optimizer{
		func() Optimizer { return NewSGD(size, SGDConfig{Momentum: 0.9}) },
		func() Optimizer { return NewAdam(size, AdamConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}) },
	} {
		pool := tensor.NewPool(3)
		step := func(o Optimizer, p *tensor.Pool, params []float32, s uint64) {
			grad := make([]float32, size)
			Stream{Step: s}.Uniform(grad, -1, 1)
			o.Step(p, params, grad, 0.01, s)
		}
		whole, want := build(), make([]float32, size)
		for s := range uint64(6) {
			step(whole, nil, want, s)
		}
		first, second, params := build(), build(), make([]float32, size)
		for s := range uint64(3) {
			step(first, pool, params, s)
		}
		for i, part := range first.State() {
			copy(second.State()[i].Data, part.Data)
		}
		for s := range uint64(3) {
			step(second, pool, params, 3+s)
		}
		if err := sameBits(params, want); err != nil {
			t.Errorf("%s: %v", whole.Name(), err)
		}
		pool.Close()
	}
}

func TestOptimizerStateNames(t *testing.T) {
	for _, c := range []struct {
		o    Optimizer
		want []string
	}{
		{NewSGD(4, SGDConfig{}), nil},
		{NewSGD(4, SGDConfig{Momentum: 0.5}), []string{"sgd.m"}},
		{NewAdam(4, AdamConfig{Eps: 1}), []string{"adam.m", "adam.v"}},
	} {
		var names []string
		for _, s := range c.o.State() {
			names = append(names, s.Name)
			if len(s.Data) != 4 {
				t.Errorf("%s has %d elements, want 4", s.Name, len(s.Data))
			}
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%s: state %v, want %v", c.o.Name(), names, c.want)
		}
	}
}
