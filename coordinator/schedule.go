package coordinator

import (
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// plannedPoints is how many points of a schedule the status page draws.
const plannedPoints = 120

// planned samples the schedule evenly, with the ends of the warm-up and of the
// decay, where it bends, and the last step. What a plateau will make of it is not known yet.
func planned(f *runfile.File) []api.Rate {
	s := f.Rates()
	end := uint64(f.Steps) // schedule.over may have the rate fall for longer, or not for so long
	stride := max(1, end/plannedPoints)
	var rates []api.Rate
	add := func(step uint64) {
		if step < end && (len(rates) == 0 || rates[len(rates)-1].Step < step) {
			rates = append(rates, api.Rate{Step: step, LR: s.LR(step)})
		}
	}
	for step := uint64(0); step < end; step += stride {
		for _, bend := range []uint64{s.Warmup, s.Steps} {
			if bend > step-min(step, stride) && bend < step {
				add(bend)
			}
		}
		add(step)
	}
	add(end - 1)
	return rates
}
