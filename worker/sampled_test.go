package worker

import (
	"math"
	"testing"
)

// Of many values a sample stands for all, from every column; the norm is that of all, and no value that is not finite is
// passed over.
func TestSampleOf(t *testing.T) {
	const columns = 16
	values := make([]float32, columns*mostTallied/2)
	squares := 0.0
	for i := range values {
		values[i] = float32(i%columns) - 7.5
		squares += float64(values[i]) * float64(values[i])
	}
	d := of(values)
	seen := int64(0)
	for _, bins := range [][]int64{d.Positive.Counts, d.Negative.Counts} {
		for _, n := range bins {
			seen += n
		}
	}
	if d.Count != mostTallied || seen != d.Count || math.Abs(d.Norm-math.Sqrt(squares)) > 1e-9*d.Norm {
		t.Errorf("%d values, %d in bins, norm %v, want %v", d.Count, seen, d.Norm, math.Sqrt(squares))
	}
	if math.Abs(d.Mean) > 0.05 || math.Abs(d.Deviation-math.Sqrt((columns*columns-1)/12.0)) > 0.05 || d.Min != -7.5 || d.Max != 7.5 {
		t.Errorf("mean %v, deviation %v, from %v to %v", d.Mean, d.Deviation, d.Min, d.Max)
	}
	values[len(values)-1] = float32(math.NaN())
	if d := of(values); d.Bad != 1 || d.Count != int64(len(values)) {
		t.Errorf("%d of %d are not finite", d.Bad, d.Count)
	}
}

func BenchmarkOf(b *testing.B) {
	values := make([]float32, 1<<21)
	for i := range values {
		values[i] = float32(math.Sin(float64(i)))
	}
	b.SetBytes(4 << 21)
	for b.Loop() {
		of(values)
	}
}
