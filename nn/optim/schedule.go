package optim

import (
	"fmt"
	"slices"
	"strings"
)

// Schedule gives the learning rate of each step: a linear rise over Warmup steps,
// then the rate of its kind. With t = s - Warmup, N = Steps - Warmup, p = min(t/N, 1)
// and D = Peak - Floor, step s = 0, 1, … has the rate
//
//	warm-up          Peak·(s+1)/Warmup                      for s < Warmup
//	constant         Peak
//	linear           Floor + D·(1-p)
//	cosine           Floor + D·(1+cos πp)/2
//	polynomial       Floor + D·(1-p)^Power
//	step             max(Floor, Peak·Factor^⌊t/Every⌋)
//	multistep        max(Floor, Peak·Factor^|{a in At: a ≤ s}|)
//	exponential      max(Floor, Peak·Factor^t)
//	cosine-restarts  Floor + D·(1+cos πq)/2, with q the part of the cycle that is over:
//	                 the first has Every steps, each Growth times as many as the one before
//	one-cycle        a half cosine from Start to Peak over the part Rise of the run,
//	                 and one from there to Floor at the last step; no warm-up
//
// These are PyTorch's schedulers of such names, stepped once a step; floors of
// step, multistep and exponential are an addition. A schedule is a pure function,
// the same on every architecture. A [Plateau] multiplies it by what it has learnt.
type Schedule struct {
	Kind   string   // one of ScheduleKinds
	Peak   float64  // the highest rate
	Floor  float64  // the lowest rate
	Warmup uint64   // steps
	Steps  uint64   // of the whole run, warm-up included
	Every  uint64   // steps
	At     []uint64 // steps of the run, rising
	Factor float64  // in (0, 1]
	Growth uint64   // ≥ 1
	Power  float64  // > 0
	Start  float64  // rate of step 0 of one-cycle
	Rise   float64  // in (0, 1)
}

// scheduleKind is how a kind of schedule is checked and evaluated.
type scheduleKind struct {
	name  string
	check func(s *Schedule) error                // of the fields that are the kind's own; nil: it has none
	rate  func(s *Schedule, step uint64) float64 // after the warm-up
}

var scheduleKinds = []scheduleKind{
	{"constant", nil, func(s *Schedule, _ uint64) float64 { return s.Peak }},
	{"linear", nil, func(s *Schedule, step uint64) float64 { return s.between(1 - s.progress(step)) }},
	{"cosine", nil, func(s *Schedule, step uint64) float64 { return s.between(halfCosine(s.progress(step))) }},
	{"polynomial", (*Schedule).checkPower, (*Schedule).polynomial},
	{"step", (*Schedule).checkStep, (*Schedule).step},
	{"multistep", (*Schedule).checkMultistep, (*Schedule).multistep},
	{"exponential", (*Schedule).checkFactor, (*Schedule).exponential},
	{"cosine-restarts", (*Schedule).checkRestarts, (*Schedule).restarts},
	{"one-cycle", (*Schedule).checkOneCycle, (*Schedule).oneCycle},
}

// ScheduleKinds returns the names of all kinds of schedules.
func ScheduleKinds() []string {
	var names []string
	for _, k := range scheduleKinds {
		names = append(names, k.name)
	}
	return names
}

func (s *Schedule) kind() *scheduleKind {
	i := slices.IndexFunc(scheduleKinds, func(k scheduleKind) bool { return k.name == s.Kind })
	if i < 0 {
		return nil
	}
	return &scheduleKinds[i]
}

// Validate returns an error that names the first impossible field.
func (s Schedule) Validate() error {
	k := s.kind()
	switch {
	case k == nil:
		return fmt.Errorf("schedule kind %q is not one of %s", s.Kind, strings.Join(ScheduleKinds(), ", "))
	case !(s.Peak > 0):
		return fmt.Errorf("schedule peak is %v; it must be above 0", s.Peak)
	case !(s.Floor >= 0 && s.Floor <= s.Peak):
		return fmt.Errorf("schedule floor is %v; it must be from 0 to the peak = %v", s.Floor, s.Peak)
	case s.Warmup > s.Steps:
		return fmt.Errorf("schedule warmup is %d steps of %d in all", s.Warmup, s.Steps)
	case k.check != nil:
		return k.check(&s)
	}
	return nil
}

// LR returns the learning rate of step, counted from 0, of a valid schedule.
func (s Schedule) LR(step uint64) float64 {
	if step < s.Warmup {
		return s.Peak * float64(step+1) / float64(s.Warmup)
	}
	k := s.kind()
	if k == nil {
		panic(fmt.Sprintf("optim: schedule kind %q", s.Kind))
	}
	return k.rate(&s, step)
}

// progress is the part of the decay that lies behind step.
func (s *Schedule) progress(step uint64) float64 {
	if step >= s.Steps {
		return 1
	}
	return float64(step-s.Warmup) / float64(s.Steps-s.Warmup)
}

// between is the rate of which the part left lies above the floor.
func (s *Schedule) between(left float64) float64 {
	return s.Floor + float64((s.Peak-s.Floor)*left)
}
