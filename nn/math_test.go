package nn

import (
	"math"
	"testing"
)

func TestNaturalLog(t *testing.T) {
	for _, x := range []float64{1e-300, 1e-10, 0.3, 0.7071, 0.99999, 1, 1.0000001, 1.41, 2, 10, 255.5, 1e10, math.MaxFloat64} {
		got, want := naturalLog(x), math.Log(x)
		if math.Abs(got-want) > 4e-16*max(1e-9, math.Abs(want)) {
			t.Errorf("ln %v = %v, want %v", x, got, want)
		}
	}
	if !math.IsNaN(naturalLog(math.NaN())) || !math.IsNaN(naturalLog(-1)) ||
		!math.IsInf(naturalLog(0), -1) || !math.IsInf(naturalLog(math.Inf(1)), 1) {
		t.Error("ln of NaN, -1, 0 or Inf is not what math.Log gives")
	}
}

func TestCosPi(t *testing.T) {
	for i := range 101 {
		x := float64(i) / 100
		if got, want := cosPi(x), math.Cos(math.Pi*x); math.Abs(got-want) > 1e-15 {
			t.Errorf("cos %vπ = %v, want %v", x, got, want)
		}
	}
}
