package tensor

import (
	"math"
	"testing"
)

func TestSumSquares(t *testing.T) {
	for _, n := range []int{0, 1, 3, 4, 5, 1000, sumBlock, sumBlock + 1, 5*sumBlock + 77} {
		x := make([]float32, n)
		(&source{Seed: 13}).Fill(x)
		want := 0.0
		for _, v := range x {
			want += float64(v) * float64(v)
		}
		got := SumSquares(x)
		if math.Abs(got-want) > 1e-12*want {
			t.Errorf("%d values: %v, want %v", n, got, want)
		}
		for size := 1; size <= 5; size++ {
			p := NewPool(size)
			if shared := SumSquaresPool(p, x); shared != got {
				t.Errorf("%d values: a pool of %d gives %v, not %v", n, size, shared, got)
			}
			p.Close()
		}
	}
	if got := SumSquares([]float32{1, float32(math.NaN()), 2}); got == got {
		t.Errorf("with a NaN: %v", got)
	}
}
