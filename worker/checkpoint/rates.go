package checkpoint

import (
	"cmp"
	"slices"
)

// Rates are the learning rates that were set from outside in a run, in the order of their steps: those before the
// newest checkpoint, as its manifest has them, and those behind it, as the journal tells. newest may be nil.
func Rates(newest *Manifest, journal []JournalLine) []RateChange {
	behind := map[uint64]float64{}
	from := uint64(0)
	var list []RateChange
	if newest != nil {
		from, list = newest.Step, slices.Clone(newest.Rates)
	}
	for _, l := range journal {
		if l.View != nil { // what it told of later steps is told again
			for step := range behind {
				if step >= l.Step {
					delete(behind, step)
				}
			}
		}
		if l.LR != nil && l.Step >= from {
			behind[l.Step] = *l.LR
		}
	}
	for step, lr := range behind {
		list = append(list, RateChange{step, lr})
	}
	slices.SortStableFunc(list, func(a, b RateChange) int { return cmp.Compare(a.Step, b.Step) })
	return list
}

// Marks are the marks of the weights that the journal tells, by steps applied.
func Marks(journal []JournalLine) map[uint64]string {
	marks := map[uint64]string{}
	for _, l := range journal {
		if l.Mark != "" {
			marks[l.Step] = l.Mark
		}
	}
	return marks
}
