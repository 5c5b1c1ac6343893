package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// Statistic is a vector that training keeps beside the parameters without
// learning it: a running mean or variance of a batch norm. It is a part of the
// weights, saved and loaded with them.
//
// A step measures it lane by lane, and moves it once, when it is applied:
//
//	s = (1-Momentum)·s + Momentum·mean over all lanes of what each measured
//
// One that a tape has no operation for stays where it is, but for rounding.
type Statistic struct {
	Name     string // as PyTorch names it: "bn1.running_mean"
	Size     int
	Momentum float32
	Fixed    bool // no step moves it

	offset  int
	initial float32
	set     *Params
}

// Counter is a number of a model's weights that counts its applied steps, for
// PyTorch's sake: "bn1.num_batches_tracked".
type Counter struct {
	Name  string
	Value []int64 // one
	Fixed bool    // it does not count
}

// AddStatistic registers a statistic that starts as a constant. It panics when
// the name is taken.
func (ps *Params) AddStatistic(name string, initial, momentum float32, size int) *Statistic {
	ps.claim(name)
	s := &Statistic{Name: name, Size: size, Momentum: momentum, offset: ps.statistics, initial: initial, set: ps}
	ps.Statistics = append(ps.Statistics, s)
	ps.statistics += size
	return s
}

// AddCounter registers a counter. It panics when the name is taken.
func (ps *Params) AddCounter(name string) *Counter {
	ps.claim(name)
	c := &Counter{Name: name, Value: []int64{0}}
	ps.Counters = append(ps.Counters, c)
	return c
}

// claim panics when a name is taken: a model is wrong.
func (ps *Params) claim(name string) {
	if ps.names[name] {
		panic(fmt.Sprintf("nn: parameter %s registered twice", name))
	}
	ps.names[name] = true
}

// Value returns the statistic as it stands, [Size].
func (s *Statistic) Value() []float32 { return s.set.Running[s.offset : s.offset+s.Size] }

// Measured returns what a lane (an index among the worker's own lanes) measures
// in the step at hand, [Size].
func (s *Statistic) Measured(lane int) []float32 {
	at := lane*s.set.statistics + s.offset
	return s.set.Measured[at : at+s.Size]
}

// StatisticsSize returns the number of elements of all statistics.
func (ps *Params) StatisticsSize() int { return ps.statistics }

// LaneMeasured returns what one own lane measured, all statistics one after
// another, [StatisticsSize].
func (ps *Params) LaneMeasured(lane int) []float32 {
	return ps.Measured[lane*ps.statistics : (lane+1)*ps.statistics]
}

// beginMeasures lets a statistic that no operation measures stay where it is.
func (t *Tape) beginMeasures() {
	for _, s := range t.others {
		for l := 0; l < t.Shape.Lanes && t.params.Measured != nil; l++ {
			copy(s.Measured(t.gradLane+l), s.Value())
		}
	}
	if t.poisoned && t.Mode == Training {
		t.spoilMeasured()
	}
}

// Track moves every statistic by what the lanes of a step measured, of which
// sum [StatisticsSize] is the sum over so many lanes, and counts the step.
func (ps *Params) Track(sum []float32, lanes int) {
	share := 1 / float32(lanes)
	for _, s := range ps.Statistics {
		if s.Fixed {
			continue
		}
		value := s.Value()
		tensor.Scale(value, value, 1-s.Momentum)
		tensor.Axpy(value, float32(s.Momentum*share), sum[s.offset:s.offset+s.Size])
	}
	for _, c := range ps.Counters {
		if !c.Fixed {
			c.Value[0]++
		}
	}
}
