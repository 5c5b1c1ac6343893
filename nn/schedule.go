package nn

import "fmt"

// Schedule gives the learning rate of each step. With W = Warmup, N = Steps and
// p = min((s-W)/(N-W), 1), the part of the decay that step s = 0, 1, … has
// behind it:
//
//	s < W       Peak·(s+1)/W
//	constant    Peak
//	linear      Floor + (Peak-Floor)·(1-p)
//	cosine      Floor + (Peak-Floor)·(1+cos πp)/2
//
// So step W runs at the full rate, and Floor is reached after step N-1.
type Schedule struct {
	Kind   string  // one of ScheduleKinds
	Peak   float64 // the highest rate
	Floor  float64 // where linear and cosine end
	Warmup uint64  // steps of linear rise
	Steps  uint64  // of the whole run, warm-up included
}

// ScheduleKinds are the kinds of schedules.
var ScheduleKinds = []string{"constant", "linear", "cosine"}

// Validate returns an error that names the first impossible field.
func (s Schedule) Validate() error {
	switch {
	case s.Kind != "constant" && s.Kind != "linear" && s.Kind != "cosine":
		return fmt.Errorf("nn: schedule kind %q is not one of %v", s.Kind, ScheduleKinds)
	case !(s.Peak > 0):
		return fmt.Errorf("nn: schedule peak is %v; it must be above 0", s.Peak)
	case !(s.Floor >= 0 && s.Floor <= s.Peak):
		return fmt.Errorf("nn: schedule floor is %v; it must be from 0 to the peak = %v", s.Floor, s.Peak)
	case s.Warmup > s.Steps:
		return fmt.Errorf("nn: schedule warm-up is %d steps of %d in all", s.Warmup, s.Steps)
	}
	return nil
}

// LR returns the learning rate of step, counted from 0. It is a pure
// function, the same on every architecture.
func (s Schedule) LR(step uint64) float64 {
	if step < s.Warmup {
		return s.Peak * float64(step+1) / float64(s.Warmup)
	}
	left := 1.0
	switch s.Kind {
	case "linear":
		left = 1 - s.progress(step)
	case "cosine":
		left = (1 + cosPi(s.progress(step))) / 2
	default:
		return s.Peak
	}
	return s.Floor + float64((s.Peak-s.Floor)*left)
}

// progress is the part of the decay that lies behind step.
func (s Schedule) progress(step uint64) float64 {
	if step >= s.Steps {
		return 1
	}
	return float64(step-s.Warmup) / float64(s.Steps-s.Warmup)
}
