package onnx

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/nn"
)

// seen is the span of values that were shown twice.
func seen(values []float32) *span {
	s := &span{}
	for range 2 {
		for _, v := range values {
			s.add(v)
		}
		if s.bins == nil {
			s.bins, s.seen = make([]float64, bins), 0
		}
	}
	return s
}

// TestClearest holds ranges against what is known of spreads: a lone value far out is cut off, evenly spread ones are all
// kept, whatever zeros there are, and of a bell with a long tail the bell. Nothing is said for or against levels that are
// wider than evenly spread values need, so that bounds are wide.
func TestClearest(t *testing.T) {
	noise := make([]float32, 200_000)
	nn.Stream{Seed: 1}.Uniform(noise, -1, 1)
	half, bell := make([]float32, len(noise)), make([]float32, len(noise)/4)
	for i, v := range noise {
		half[i] = max(0, v)
	}
	for i := range bell {
		bell[i] = noise[4*i] + noise[4*i+1] + noise[4*i+2] + noise[4*i+3] // a deviation of 1.15
	}
	for name, c := range map[string]struct {
		values    []float32
		low, high [2]float32
	}{
		"even":            {noise, [2]float32{-1, -0.999}, [2]float32{0.999, 1}},
		"half of it zero": {half, [2]float32{0, 0}, [2]float32{0.999, 1}},
		"one far out":     {append(half[:len(half):len(half)], 50), [2]float32{0, 0}, [2]float32{1, 12}},
		"two far out":     {append(noise[:len(noise):len(noise)], -20, 50), [2]float32{-9, -1}, [2]float32{1, 9}},
		"a bell in a few": {append(bell, -60, 60, 61, 62), [2]float32{-5.6, -2.5}, [2]float32{2.5, 5.6}},
		"one value":       {[]float32{2, 2}, [2]float32{0, 0}, [2]float32{2, 2}},
		"nothing":         {[]float32{0}, [2]float32{0, 0}, [2]float32{0, 0}},
	} {
		low, high := seen(c.values).clearest()
		if low < c.low[0] || low > c.low[1] || high < c.high[0] || high > c.high[1] {
			t.Errorf("%s: from %v to %v, want from %v to %v", name, low, high, c.low, c.high)
		}
	}
}

// TestDivergence holds it against its definition, with both spreads written out.
func TestDivergence(t *testing.T) {
	counts := make([]float32, bins)
	nn.Stream{Seed: 2}.Uniform(counts, -2, 9)
	spread := make([]float64, bins)
	for i, n := range counts {
		spread[i] = max(0, math.Floor(float64(n)))
	}
	spread[300], spread[bins-700] = 0, 0
	for _, cut := range [][2]int{{0, bins}, {0, 256}, {301, 1000}, {300, bins - 699}, {17, 3000}} {
		n := cut[1] - cut[0]
		p, q, chance := make([]float64, n), make([]float64, n), 0.0
		for i, v := range spread {
			p[min(max(i-cut[0], 0), n-1)] += v
		}
		for i := range q {
			level := 0 // that the bin lies in
			for level < 255 && (level+1)*n/256 <= i {
				level++
			}
			held, sum := 0.0, 0.0
			first := i == level*n/256
			for k := level * n / 256; k < (level+1)*n/256; k++ {
				if v := spread[cut[0]+k]; v > 0 {
					held, sum = held+1, sum+v
				}
			}
			if first && held > 1 {
				chance += held - 1
			}
			if q[i] = 0.5; spread[cut[0]+i] > 0 {
				q[i] = sum / held
			}
		}
		sumP, sumQ, want := 0.0, 0.0, 0.0
		for i := range p {
			if p[i] > 0 {
				sumP, sumQ = sumP+p[i], sumQ+q[i]
			}
		}
		for i := range p {
			if p[i] > 0 {
				want += p[i] / sumP * math.Log(p[i]/sumP/(q[i]/sumQ))
			}
		}
		if want < 0 {
			t.Errorf("from %d to %d: a divergence of %v", cut[0], cut[1], want)
		}
		want -= chance / (2 * sumP)
		if got := divergence(spread, cut[0], cut[1]); math.Abs(got-want) > 1e-12*math.Abs(want)+1e-14 {
			t.Errorf("from %d to %d: %v, want %v", cut[0], cut[1], got, want)
		}
	}
}
