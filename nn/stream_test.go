package nn

import (
	"math"
	"testing"
)

// Any part of a stream is the same however it is asked for.
func TestStreamFrom(t *testing.T) {
	s := Stream{Seed: 1 << 40, Use: UseDropout, Site: 2, Step: 3, Lane: 4}
	whole := make([]float32, 41)
	s.From(whole, 0)
	for at := range 9 {
		part := make([]float32, 31)
		s.From(part, uint64(at))
		if err := sameBits(part, whole[at:at+31]); err != nil {
			t.Errorf("from %d: %v", at, err)
		}
	}
	for i, want := range whole {
		if got := s.Float(uint32(i)); got != want {
			t.Errorf("number %d is %v, want %v", i, got, want)
		}
	}
	s.From(nil, 5)
}

func TestStreamsDiffer(t *testing.T) {
	base := Stream{Seed: 1, Use: 1, Site: 1, Step: 1, Lane: 1}
	seen := map[float32]string{base.Float(0): "base"}
	for name, s := range map[string]Stream{
		"seed": {2, 1, 1, 1, 1}, "use": {1, 2, 1, 1, 1}, "site": {1, 1, 2, 1, 1}, "step": {1, 1, 1, 2, 1}, "lane": {1, 1, 1, 1, 2},
		"high seed": {1 | 1<<32, 1, 1, 1, 1}, "high step": {1, 1, 1, 1 | 1<<32, 1},
	} {
		if other, taken := seen[s.Float(0)]; taken {
			t.Errorf("another %s gives the numbers of %s", name, other)
		}
		seen[s.Float(0)] = name
	}
}

func TestUniform(t *testing.T) {
	x := make([]float32, 10000)
	Stream{Seed: 6}.Uniform(x, -2, 4)
	sum, square := 0.0, 0.0
	for _, v := range x {
		if v < -2 || v >= 4 {
			t.Fatalf("%v is outside of [-2, 4)", v)
		}
		sum += float64(v)
		square += float64(v) * float64(v)
	}
	mean := sum / 10000
	if deviation := math.Sqrt(square/10000 - mean*mean); math.Abs(mean-1) > 0.07 || math.Abs(deviation-math.Sqrt(3)) > 0.05 {
		t.Errorf("mean %v and deviation %v, want about 1 and 1.73", mean, deviation)
	}
}
