package optim

import (
	"fmt"
	"math"
)

// PlateauConfig are the choices of [Plateau]. PyTorch's defaults are 0.1, 10,
// 1e-4, 0 and 0.
type PlateauConfig struct {
	Factor    float64 // in (0, 1): what the rate is multiplied by
	Patience  uint64  // evaluations without progress that are borne
	Threshold float64 // in [0, 1): the least progress, as a share of the best loss
	Cooldown  uint64  // evaluations after a fall that are not counted
}

// Validate returns an error that names the first impossible field.
func (c PlateauConfig) Validate() error {
	switch {
	case !(c.Factor > 0 && c.Factor < 1):
		return fmt.Errorf("schedule factor is %v; it must be above 0 and below 1", c.Factor)
	case !(c.Threshold >= 0 && c.Threshold < 1):
		return fmt.Errorf("schedule threshold is %v; it must be from 0 to below 1", c.Threshold)
	}
	return nil
}

// Plateau lowers the learning rate when the held-out loss stops falling, as
// torch.optim.lr_scheduler.ReduceLROnPlateau with a relative threshold. What it
// knows is a function of the losses that it was told, and these of the run: so
// the run stays a function, as long as State is saved with the weights.
type Plateau struct {
	cfg   PlateauConfig
	state PlateauState
}

// PlateauState is what a plateau has learnt so far.
type PlateauState struct {
	Best     float64 // the lowest loss; +Inf before the first
	Bad      uint64  // evaluations since, without progress
	Cooldown uint64  // evaluations that are still not counted
	Falls    uint64  // how often the rate was lowered
}

// NewPlateau returns a plateau that was told nothing yet. It panics when the
// choices are not valid.
func NewPlateau(cfg PlateauConfig) *Plateau {
	if err := cfg.Validate(); err != nil {
		panic("optim: " + err.Error())
	}
	return &Plateau{cfg: cfg, state: PlateauState{Best: math.Inf(1)}}
}

// Observe takes the loss of an evaluation. A loss that is not finite is no
// progress.
func (p *Plateau) Observe(loss float64) {
	s := &p.state
	if loss < float64(s.Best*(1-p.cfg.Threshold)) {
		s.Best, s.Bad = loss, 0
	} else {
		s.Bad++
	}
	if s.Cooldown > 0 {
		s.Cooldown--
		s.Bad = 0
	}
	if s.Bad > p.cfg.Patience {
		s.Falls++
		s.Cooldown, s.Bad = p.cfg.Cooldown, 0
	}
}

// LR returns the rate of a step whose schedule gives rate, and never less than
// floor.
func (p *Plateau) LR(rate, floor float64) float64 {
	for range p.state.Falls {
		if rate <= floor {
			break
		}
		rate = max(floor, float64(rate*p.cfg.Factor))
	}
	return rate
}

// State returns what a checkpoint must hold.
func (p *Plateau) State() PlateauState { return p.state }

// Restore goes on from a state.
func (p *Plateau) Restore(s PlateauState) { p.state = s }
