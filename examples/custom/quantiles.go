package main

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/nn/task"
)

// quantilesKind declares the task.
var quantilesKind = task.Kind[quantiles]{
	About:    "what a number exceeds with given probabilities: how old the moon is, and how sure that is",
	Defaults: quantiles{Levels: []float64{0.1, 0.5, 0.9}},
	New:      func(q quantiles) task.Task { return q },
}

// quantiles learns levels of a number's distribution by the pinball loss (Koenker and Bassett, 1978).
type quantiles struct {
	Levels []float64 `field:"levels" allowed:"(0, 1)" about:"probability that the number is below each output"`
}

// age is the part of the data that is to be met: one number a row.
const age = "age"

// Loss records the mean over rows of
//
//	Σ over levels q of max(q·(y-x), (q-1)·(y-x))      y: the target, x: the output of that level
func (q quantiles) Loss(t *nn.Tape, b *nn.Batch, name string, out *nn.Node) *nn.Loss {
	if out.Cols != len(q.Levels) {
		panic(fmt.Sprintf("task.levels: %d of them, and the network gives %v", len(q.Levels), out))
	}
	y, ok := b.Part(age).(*nn.TargetValues) // the side head's are the same
	if !ok {
		y = nn.NewTargetValues(out.Layout, 1)
		b.Add(age, y)
	}
	return t.RowLoss(name, out, y, func(slopes, x, y []float32) float64 {
		sum := 0.0
		for i, level := range q.Levels {
			d, slope := float64(y[0])-float64(x[i]), level
			if d < 0 {
				slope--
			}
			sum += float64(slope * d)
			slopes[i] = float32(-slope)
		}
		return sum
	})
}

func (q quantiles) Scorer(b *nn.Batch, out *nn.Node) task.Scorer {
	return &scorer{out, b.Part(age).(*nn.TargetValues)}
}

// scorer counts how often the number lies between the first output and the last, and how far it is from the middle one.
type scorer struct {
	out *nn.Node
	y   *nn.TargetValues
}

func (s *scorer) Measures(int, int) []measure.Measure { return []measure.Measure{newCoverage()} }

func (s *scorer) Score(lanes [][]measure.Measure) {
	for row, absent := range s.y.Absent {
		if !absent {
			_, lane, _ := s.y.Layout.Place(row)
			lanes[lane][0].(*coverage).add(s.out.Value().Row(row), s.y.Row(row)[0])
		}
	}
}

func (s *scorer) Figures(whole []measure.Measure) []task.Figure {
	v := whole[0].Vector()
	return []task.Figure{
		{Name: "between the outer levels", Value: v[within] / v[rows], Unit: task.Share},
		{Name: "mean absolute error", Value: v[missed] / v[rows]},
	}
}

// coverage is a measure: sums that those of lanes add up to.
type coverage struct{ v []float64 }

// What a coverage sums.
const (
	rows = iota
	within
	missed
	sums
)

func newCoverage() *coverage { return &coverage{make([]float64, sums)} }

func (c *coverage) Vector() []float64 { return c.v }
func (c *coverage) Bind(v []float64)  { c.v = v }
func (c *coverage) Merge(v []float64) {
	for i := range v {
		c.v[i] += v[i]
	}
}

func (c *coverage) add(x []float32, y float32) {
	c.v[rows]++
	if x[0] <= y && y <= x[len(x)-1] {
		c.v[within]++
	}
	c.v[missed] += math.Abs(float64(y) - float64(x[len(x)/2]))
}
