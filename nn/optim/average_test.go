package optim

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

func TestAverage(t *testing.T) {
	const size = elementGrain + 3
	pool := tensor.NewPool(2)
	defer pool.Close()
	a, weights, exact := NewAverage(size, 0.9), make([]float32, size), make([]float64, size)
	noise(weights, 3)
	a.Start(weights)
	for i, w := range weights {
		exact[i] = float64(w)
	}
	for s := range 10 {
		noise(weights, uint32(10+s))
		a.Follow(pool, weights)
		for i, w := range weights {
			exact[i] = 0.9*exact[i] + 0.1*float64(w)
		}
	}
	for i, v := range a.Values {
		if math.Abs(float64(v)-exact[i]) > 5e-7 {
			t.Fatalf("average %d is %v, want %v", i, v, exact[i])
		}
	}
	average, last := slices.Clone(a.Values), slices.Clone(weights)
	a.Swap(weights)
	if differing(weights, average) >= 0 || differing(a.Values, last) >= 0 {
		t.Error("Swap did not exchange the two")
	}
	a.Swap(weights)
	if differing(weights, last) >= 0 || differing(a.Values, average) >= 0 {
		t.Error("a second Swap did not undo the first")
	}
}
