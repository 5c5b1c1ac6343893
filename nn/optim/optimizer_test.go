package optim

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// optimizerReference is what testdata/make_optimizers.py wrote.
type optimizerReference struct {
	Torch, Timm string
	Sizes       []int
	Start       []float32
	Grads       [][]float32
	Cases       map[string]struct {
		LR, Clip           float64
		Values32, Values64 []float64 // after the last step, in either precision
		Norms              []float64
	}
}

func readReference(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// referenceGroups are the four groups of the script: plain, without decay, at a
// tenth of the rate, frozen.
func referenceGroups(sizes []int) []Group {
	groups, at := []Group{{Rate: 1, Decays: true}, {Rate: 1}, {Rate: 0.1, Decays: true}, {}}, 0
	for i, n := range sizes {
		groups[i].Begin, groups[i].End = at, at+n
		at += n
	}
	return groups
}

// kinds are the optimizers of the script's cases.
var kinds = map[string]func([]Group) Optimizer{
	"sgd":                func(g []Group) Optimizer { return NewSGD(g, SGDConfig{}) },
	"sgd momentum decay": func(g []Group) Optimizer { return NewSGD(g, SGDConfig{Momentum: 0.9, WeightDecay: 0.01}) },
	"sgd nesterov": func(g []Group) Optimizer {
		return NewSGD(g, SGDConfig{Momentum: 0.8, WeightDecay: 0.01, Nesterov: true})
	},
	"adam": func(g []Group) Optimizer { return NewAdam(g, AdamConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}) },
	"adam decay": func(g []Group) Optimizer {
		return NewAdam(g, AdamConfig{Beta1: 0.8, Beta2: 0.95, Eps: 1e-6, WeightDecay: 0.1})
	},
	"adamw": func(g []Group) Optimizer {
		return NewAdam(g, AdamConfig{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, WeightDecay: 0.3, Decoupled: true})
	},
	"rmsprop": func(g []Group) Optimizer { return NewRMSprop(g, RMSpropConfig{Alpha: 0.9, Eps: 1e-6}) },
	"rmsprop all": func(g []Group) Optimizer {
		return NewRMSprop(g, RMSpropConfig{Alpha: 0.95, Eps: 1e-3, Momentum: 0.9, WeightDecay: 0.1, Centered: true})
	},
	"rmsprop-tf": func(g []Group) Optimizer {
		return NewRMSprop(g, RMSpropConfig{Alpha: 0.9, Eps: 1e-3, Momentum: 0.9, WeightDecay: 0.01, TensorFlow: true})
	},
	"rmsprop-tf centered": func(g []Group) Optimizer {
		return NewRMSprop(g, RMSpropConfig{Alpha: 0.9, Eps: 1e-2, Centered: true, TensorFlow: true})
	},
	"adagrad": func(g []Group) Optimizer { return NewAdagrad(g, AdagradConfig{Eps: 1e-10}) },
	"adagrad all": func(g []Group) Optimizer {
		return NewAdagrad(g, AdagradConfig{Eps: 1e-6, RateDecay: 0.1, WeightDecay: 0.1, Initial: 0.5})
	},
	"lars": func(g []Group) Optimizer {
		return NewLARS(g, LARSConfig{Momentum: 0.9, Trust: 0.02, Eps: 1e-8, WeightDecay: 0.01})
	},
	"lamb": func(g []Group) Optimizer {
		return NewLAMB(g, AdamConfig{Beta1: 0.9, Beta2: 0.99, Eps: 1e-6, WeightDecay: 0.1})
	},
}

// Twelve steps end where PyTorch's float64 ends, within twice the largest error
// of its float32.
func TestOptimizersAgainstPyTorch(t *testing.T) {
	var ref optimizerReference
	readReference(t, "testdata/optimizers.json", &ref)
	groups := referenceGroups(ref.Sizes)
	for name, want := range ref.Cases {
		build := kinds[name]
		if build == nil {
			t.Errorf("%s: no such optimizer here", name)
			continue
		}
		optimizer, params := build(groups), slices.Clone(ref.Start)
		for step, g := range ref.Grads {
			grad := slices.Clone(g)
			norm, _ := ClipGlobalNorm(nil, grad, want.Clip)
			if off := math.Abs(norm/want.Norms[step] - 1); off > 1e-6 {
				t.Errorf("%s: step %d: norm %v, PyTorch %s has %v", name, step, norm, ref.Torch, want.Norms[step])
			}
			optimizer.Step(nil, params, grad, want.LR*(1-float64(step)/24), uint64(step))
		}
		ours, theirs := 0.0, 0.0
		for i, exact := range want.Values64 {
			ours = max(ours, math.Abs(float64(params[i])-exact))
			theirs = max(theirs, math.Abs(want.Values32[i]-exact))
		}
		if !(ours <= 2*theirs) {
			t.Errorf("%s: off by %.3g; PyTorch %s in float32 by %.3g", name, ours, ref.Torch, theirs)
		}
		frozen := groups[3]
		if !slices.Equal(params[frozen.Begin:], ref.Start[frozen.Begin:]) {
			t.Errorf("%s: the frozen group moved to %v from %v", name, params[frozen.Begin:], ref.Start[frozen.Begin:])
		}
		t.Logf("%s: error %.2g, PyTorch's %.2g", name, ours, theirs)
	}
	if len(ref.Cases) != len(kinds) {
		t.Errorf("%d cases for %d optimizers", len(ref.Cases), len(kinds))
	}
}

// noise fills x with numbers in [-1, 1) that depend on seed.
func noise(x []float32, seed uint32) {
	tensor.ByteNoise(x, 2.0/256, [2]uint32{seed, 7}, [4]uint32{})
	for i := range x {
		x[i]--
	}
}

// A restored optimizer goes on with the same bits, whatever the pool.
func TestOptimizerStateRestores(t *testing.T) {
	const size = 3*elementGrain + 5
	groups := []Group{{End: 5000, Rate: 1, Decays: true}, {Begin: 5000, End: 9003, Rate: 0.5}, {Begin: 9003, End: size, Rate: 1, Decays: true}}
	for name, build := range kinds {
		pool := tensor.NewPool(3)
		step := func(o Optimizer, p *tensor.Pool, params []float32, s uint64) {
			grad := make([]float32, size)
			noise(grad, uint32(s)+1)
			o.Step(p, params, grad, 0.01, s)
		}
		whole, want := build(groups), make([]float32, size)
		noise(want, 99)
		params := slices.Clone(want)
		for s := range uint64(6) {
			step(whole, nil, want, s)
		}
		first, second := build(groups), build(groups)
		for s := range uint64(3) {
			step(first, pool, params, s)
		}
		for i, part := range first.State() {
			copy(second.State()[i].Data, part.Data)
		}
		for s := range uint64(3) {
			step(second, pool, params, 3+s)
		}
		if i := differing(params, want); i >= 0 {
			t.Errorf("%s: element %d is %v, want %v", name, i, params[i], want[i])
		}
		pool.Close()
	}
}

// differing returns the first index at which a and b have other bits, or -1.
func differing(a, b []float32) int {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return i
		}
	}
	return -1
}

func TestOptimizerStateNames(t *testing.T) {
	want := map[string][]string{
		"sgd": nil, "sgd nesterov": {"sgd.m"}, "adam": {"adam.m", "adam.v"}, "adamw": {"adam.m", "adam.v"},
		"rmsprop": {"rmsprop.v"}, "rmsprop all": {"rmsprop.v", "rmsprop.a", "rmsprop.b"},
		"adagrad": {"adagrad.v"}, "lars": {"lars.m"}, "lamb": {"lamb.m", "lamb.v"},
	}
	for name, list := range want {
		var names []string
		for _, s := range kinds[name](Whole(4)).State() {
			names = append(names, s.Name)
			if len(s.Data) != 4 {
				t.Errorf("%s has %d elements, want 4", s.Name, len(s.Data))
			}
		}
		if !slices.Equal(names, list) {
			t.Errorf("%s: state %v, want %v", name, names, list)
		}
	}
}

// A step allocates nothing.
func TestOptimizersAllocateNothing(t *testing.T) {
	params, grad := make([]float32, 64), make([]float32, 64)
	noise(params, 1)
	for name, build := range kinds {
		groups := []Group{{End: 30, Rate: 1, Decays: true}, {Begin: 30, End: 64, Rate: 1}}
		o, step := build(groups), uint64(0)
		if n := testing.AllocsPerRun(10, func() { o.Step(nil, params, grad, 0.01, step); step++ }); n > 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
}

func TestImpossibleChoicesPanic(t *testing.T) {
	for name, build := range map[string]func(){
		"beta2":     func() { NewAdam(Whole(1), AdamConfig{Beta2: 2, Eps: 1}) },
		"momentum":  func() { NewSGD(Whole(1), SGDConfig{Momentum: -1}) },
		"nesterov":  func() { NewSGD(Whole(1), SGDConfig{Nesterov: true}) },
		"alpha":     func() { NewRMSprop(Whole(1), RMSpropConfig{Alpha: math.NaN(), Eps: 1}) },
		"eps":       func() { NewAdagrad(Whole(1), AdagradConfig{}) },
		"trust":     func() { NewLARS(Whole(1), LARSConfig{}) },
		"gap":       func() { NewSGD([]Group{{End: 2, Rate: 1}, {Begin: 3, End: 4, Rate: 1}}, SGDConfig{Momentum: 0.5}) },
		"rate":      func() { Size([]Group{{End: 2, Rate: math.NaN()}}) },
		"averaging": func() { NewAverage(1, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			build()
		}()
	}
}
