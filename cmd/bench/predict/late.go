package predict

import (
	"math"
	"slices"
)

// Late is by how many seconds steps are longer than the usual one, in twenty parts of equal weight, ascending. A step in
// forty that another program held up for long does not show in it.
type Late [20]float64

// LateOf is the lateness of steps of which one of usual seconds is the usual one; none of no steps.
func LateOf(totals []float64, usual float64) (l Late) {
	if len(totals) == 0 {
		return l
	}
	totals = slices.Sorted(slices.Values(totals))
	for i := range l {
		at := (float64(i) + 0.5) / float64(len(l)) * float64(len(totals)) // the middle of the part
		l[i] = totals[int(at)] - usual
	}
	return l
}

// slowest is how late the last of n workers is in a step, in the mean, where each is as late as one of these parts, whichever
// the others are. Nobody waits for one worker.
func (l Late) slowest(n int) float64 {
	if n == 1 {
		return 0
	}
	parts, mean := float64(len(l)), 0.0
	for i, late := range l { // the chance that all are at most so late, and not all earlier
		mean += late * (math.Pow(float64(i+1)/parts, float64(n)) - math.Pow(float64(i)/parts, float64(n)))
	}
	return max(0, mean)
}
