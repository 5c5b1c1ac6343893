package coordinator

import (
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// plannedPoints is how many points of a schedule the status page draws.
const plannedPoints = 120

// planned samples the schedule evenly, with the end of the warm-up, where it
// bends, and the last step. What a plateau will make of it is not known yet.
func planned(f *runfile.File) []api.Rate {
	s := f.Rates()
	stride := max(1, s.Steps/plannedPoints)
	var rates []api.Rate
	add := func(step uint64) {
		if step < s.Steps && (len(rates) == 0 || rates[len(rates)-1].Step < step) {
			rates = append(rates, api.Rate{Step: step, LR: s.LR(step)})
		}
	}
	for step := uint64(0); step < s.Steps; step += stride {
		if bend := s.Warmup; bend > step-min(step, stride) && bend < step {
			add(bend)
		}
		add(step)
	}
	add(s.Steps - 1)
	return rates
}
