package optim

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
)

// halfCosine falls from 1 to 0 while p rises from 0 to 1.
func halfCosine(p float64) float64 { return (1 + portable.CosPi(p)) / 2 }

func (s *Schedule) checkPower() error {
	if !(s.Power > 0) {
		return fmt.Errorf("schedule power is %v; it must be above 0", s.Power)
	}
	return nil
}

func (s *Schedule) polynomial(step uint64) float64 {
	return s.between(portable.Pow(1-s.progress(step), s.Power))
}

func (s *Schedule) checkFactor() error {
	if !(s.Factor > 0 && s.Factor <= 1) {
		return fmt.Errorf("schedule factor is %v; it must be above 0 and at most 1", s.Factor)
	}
	return nil
}

func (s *Schedule) checkEvery() error {
	if s.Every == 0 {
		return fmt.Errorf("schedule every is 0 steps; it must be at least 1")
	}
	return nil
}

func (s *Schedule) checkStep() error {
	if err := s.checkEvery(); err != nil {
		return err
	}
	return s.checkFactor()
}

// fallen is the rate after so many falls.
func (s *Schedule) fallen(falls uint64) float64 {
	return max(s.Floor, float64(s.Peak*portable.PowInt(s.Factor, falls)))
}

func (s *Schedule) step(step uint64) float64 { return s.fallen((step - s.Warmup) / s.Every) }

func (s *Schedule) exponential(step uint64) float64 { return s.fallen(step - s.Warmup) }

func (s *Schedule) checkMultistep() error {
	if len(s.At) == 0 {
		return fmt.Errorf("schedule at names no step")
	}
	for i, a := range s.At {
		if i > 0 && a <= s.At[i-1] {
			return fmt.Errorf("schedule at has %d after %d; steps must rise", a, s.At[i-1])
		}
	}
	if s.At[0] < s.Warmup {
		return fmt.Errorf("schedule at has step %d, in the midst of the warmup = %d", s.At[0], s.Warmup)
	}
	return s.checkFactor()
}

func (s *Schedule) multistep(step uint64) float64 {
	falls := uint64(0)
	for _, a := range s.At {
		if a <= step {
			falls++
		}
	}
	return s.fallen(falls)
}

func (s *Schedule) checkRestarts() error {
	if s.Growth == 0 {
		return fmt.Errorf("schedule growth is 0; it must be at least 1")
	}
	return s.checkEvery()
}

func (s *Schedule) restarts(step uint64) float64 {
	t, length := step-s.Warmup, s.Every
	if s.Growth == 1 {
		t %= length
	}
	for t >= length {
		t -= length
		longer := length * s.Growth
		if longer/s.Growth != length {
			longer = math.MaxUint64 // longer than any run
		}
		length = longer
	}
	return s.between(halfCosine(float64(t) / float64(length)))
}

func (s *Schedule) checkOneCycle() error {
	switch {
	case s.Warmup != 0:
		return fmt.Errorf("schedule warmup is %d; one-cycle rises by itself and has none", s.Warmup)
	case !(s.Start >= 0 && s.Start <= s.Peak):
		return fmt.Errorf("schedule start is %v; it must be from 0 to the peak = %v", s.Start, s.Peak)
	case !(s.Rise > 0 && s.Rise < 1):
		return fmt.Errorf("schedule rise is %v; it must be above 0 and below 1", s.Rise)
	}
	return nil
}

// oneCycle has its phases where torch.optim.lr_scheduler.OneCycleLR has them: the
// peak is at Rise·Steps - 1, the floor at the last step.
func (s *Schedule) oneCycle(step uint64) float64 {
	top, last := max(0, float64(s.Rise*float64(s.Steps))-1), float64(s.Steps-1)
	at := min(float64(step), last)
	if at <= top && top > 0 {
		return s.Peak + float64((s.Start-s.Peak)*halfCosine(at/top))
	}
	if top >= last {
		return s.Peak
	}
	return s.between(halfCosine((at - top) / (last - top)))
}
