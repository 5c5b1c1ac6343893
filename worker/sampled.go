package worker

import (
	"math"

	"github.com/rondo-ml/rondo/coordinator/api"
	nnhealth "github.com/rondo-ml/rondo/nn/health"
)

// sampleOf is a tally of values, of many a sample with one of each so many neighbours, and the norm of all of them. Which
// neighbour it is changes from place to place, so that no column of a matrix is left out. Where a value is not finite all
// are counted.
func sampleOf(values []float32, buffer []float32) (*nnhealth.Tally, float64) {
	t := &nnhealth.Tally{}
	squares := sumOfSquares(values)
	every := len(values) / mostTallied
	if every < 2 || math.IsNaN(squares) || math.IsInf(squares, 0) {
		t.Add(values)
		return t, t.Norm()
	}
	buffer = buffer[:0]
	for i := range len(values) / every {
		buffer = append(buffer, values[i*every+jitter(i, every)])
	}
	t.Add(buffer)
	return t, math.Sqrt(squares)
}

// jitter is a number below every for each i.
func jitter(i, every int) int { return int(uint32(i) * 2654435761 >> 8 % uint32(every)) }

// sumOfSquares adds in four parts, for speed.
func sumOfSquares(values []float32) float64 {
	var a, b, c, d float64
	n := len(values) &^ 3
	for i := 0; i < n; i += 4 {
		v := values[i : i+4 : i+4]
		a += float64(v[0]) * float64(v[0])
		b += float64(v[1]) * float64(v[1])
		c += float64(v[2]) * float64(v[2])
		d += float64(v[3]) * float64(v[3])
	}
	for _, v := range values[n:] {
		a += float64(v) * float64(v)
	}
	return (a + b) + (c + d)
}

// of describes values; see sampleOf.
func of(values []float32) *api.Distribution {
	t, norm := sampleOf(values, make([]float32, 0, min(len(values), 2*mostTallied)))
	d := distribution(t)
	d.Norm = norm
	return d
}
