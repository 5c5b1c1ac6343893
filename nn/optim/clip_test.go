package optim

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

func TestClipGlobalNorm(t *testing.T) {
	for _, c := range []struct {
		grad    []float32
		limit   float64
		norm    float64
		clipped bool
		want    float32 // first element
	}{
		{[]float32{3, 4}, 10, 5, false, 3},
		{[]float32{3, 4}, 5, 5, true, 2.9999993}, // as torch: limit/(norm+1e-6) is below 1
		{[]float32{3, 4}, 1, 5, true, 0.6},
		{[]float32{3, 4}, 0, 5, false, 3},
		{[]float32{0, 0}, 1, 0, false, 0},
		{nil, 1, 0, false, 0},
		{[]float32{1, float32(math.Inf(1))}, 1, math.Inf(1), false, 1},
	} {
		grad := append([]float32(nil), c.grad...)
		norm, clipped := ClipGlobalNorm(nil, grad, c.limit)
		if norm != c.norm || clipped != c.clipped {
			t.Errorf("%v to %v: norm %v, clipped %v", c.grad, c.limit, norm, clipped)
		}
		if len(grad) > 0 && math.Abs(float64(grad[0]-c.want)) > 3e-7 {
			t.Errorf("%v to %v: gradient becomes %v", c.grad, c.limit, grad)
		}
	}
	norm, clipped := ClipGlobalNorm(nil, []float32{1, float32(math.NaN())}, 1)
	if !math.IsNaN(norm) || clipped {
		t.Errorf("NaN: norm %v, clipped %v", norm, clipped)
	}
}

// The norm and what it does are the same bits on any number of goroutines.
func TestClipOnPools(t *testing.T) {
	source := make([]float32, 100000)
	noise(source, 4)
	var want []float32
	var wantNorm float64
	for _, size := range []int{1, 2, 3, 5} {
		pool := tensor.NewPool(size)
		grad := append([]float32(nil), source...)
		norm, _ := ClipGlobalNorm(pool, grad, 1)
		pool.Close()
		if want == nil {
			want, wantNorm = grad, norm
		}
		if i := differing(grad, want); i >= 0 || norm != wantNorm {
			t.Errorf("pool of %d: norm %v, want %v; element %d differs", size, norm, wantNorm, i)
		}
	}
}

func TestClipValue(t *testing.T) {
	nan := float32(math.NaN())
	grad := []float32{-3, -0.5, 0, 0.5, 3, nan}
	ClipValue(nil, grad, 0.75)
	for i, want := range []float32{-0.75, -0.5, 0, 0.5, 0.75} {
		if grad[i] != want {
			t.Errorf("element %d is %v, want %v", i, grad[i], want)
		}
	}
	if !math.IsNaN(float64(grad[5])) {
		t.Errorf("NaN became %v", grad[5])
	}
}

func TestAddL1(t *testing.T) {
	grad, params := []float32{1, 1, 1, 1, 1}, []float32{2, -2, 0, 2, 2}
	AddL1(nil, grad, params, []Group{{End: 3, Rate: 1, Decays: true}, {Begin: 3, End: 4, Rate: 1}, {Begin: 4, End: 5, Decays: true}}, 0.25)
	for i, want := range []float32{1.25, 0.75, 1, 1, 1} {
		if grad[i] != want {
			t.Errorf("element %d is %v, want %v", i, grad[i], want)
		}
	}
}
