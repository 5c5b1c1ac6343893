package coordinator

import (
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// seriesColumns are what the history of a run has of each step.
var seriesColumns = []string{"loss", "norm", "lr", "rate", "compute", "ring", "wait"}

// show adds the point of a step to the history. One that was shown before means
// that the run went back.
func (b *board) show(now time.Time, p api.Point) {
	b.curve.add(p)
	if p.Step == 0 {
		return
	}
	b.series.Cut(p.Step - 1)
	b.series.Add(p.Step, now, valuesOf(p))
}

func valuesOf(p api.Point) []float32 {
	values := make([]float32, 0, len(seriesColumns))
	for _, v := range [...]float64{float64(p.Loss), float64(p.Norm), p.LR, p.Rate, p.Compute, p.Ring, p.Wait} {
		values = append(values, history.Value(v))
	}
	return values
}

// numbersFrom is where a coordinator that starts at a time begins to number
// events and evaluations: behind all numbers of those before it, and within
// what every reader of JSON keeps exactly.
func numbersFrom(started time.Time) uint64 {
	return uint64(max(started.Unix(), 0)) << 20
}

// Series is the history between two steps.
func (b *board) Series(q history.Query) history.Series { return b.series.Series(q) }
