package nn

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
	Stream{Seed: 4}.Uniform(source, -1, 1)
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
		if err := sameBits(grad, want); err != nil || norm != wantNorm {
			t.Errorf("pool of %d: norm %v, want %v; %v", size, norm, wantNorm, err)
		}
	}
}
