package runfile

import (
	"cmp"
	"fmt"

	"github.com/rondo-ml/rondo/nn/fields"
	"github.com/rondo-ml/rondo/nn/optim"
)

// Rates is the learning rate of each step that the file plans: the one place where it is decided, for workers and for
// the page. With optimizer.lr_batch it grows with the batch, the linear scaling rule of Goyal et al. (2017), and with
// optimizer.lr_cap no further than that, as Puri et al. (2018) have it.
func (f *File) Rates() optim.Schedule {
	s, scale := f.Schedule, 1.0
	if f.Optimizer.LRBatch > 0 {
		scale = float64(f.Batch.Global) / float64(f.Optimizer.LRBatch)
	}
	peak := f.Optimizer.LR * scale
	if limit := f.Optimizer.LRCap; limit > 0 && peak > limit {
		peak, scale = limit, limit/f.Optimizer.LR
	}
	kind := s.Kind
	if kind == "plateau" { // what the held-out losses make of it comes on top
		kind = "constant"
	}
	rates := optim.Schedule{Kind: kind, Peak: peak, Floor: min(s.Floor*scale, peak), Warmup: uint64(s.Warmup), Steps: uint64(cmp.Or(s.Over, f.Steps)),
		Every: uint64(s.Every), Factor: s.Factor, Growth: uint64(s.Growth), Power: s.Power, Start: min(s.Start*scale, peak), Rise: s.Rise}
	for _, at := range s.At {
		rates.At = append(rates.At, uint64(at))
	}
	return rates
}

// Plateau returns what lowers the rate when the held-out loss stops falling; ok is false for schedules that do not listen.
func (f *File) Plateau() (cfg optim.PlateauConfig, ok bool) {
	s := f.Schedule
	return optim.PlateauConfig{Factor: s.Factor, Patience: uint64(s.Patience), Threshold: s.Threshold, Cooldown: uint64(s.Cooldown)},
		s.Kind == "plateau"
}

// scheduleRelations are the conditions on the fields of a schedule together.
var scheduleRelations = []relation{
	{"schedule.warmup", func(f *File) string {
		if f.Schedule.Warmup <= f.Steps {
			return ""
		}
		return fmt.Sprintf("at most steps = %d", f.Steps)
	}},
	{"schedule.over", func(f *File) string {
		if f.Schedule.Over == 0 || f.Schedule.Over >= max(1, f.Schedule.Warmup) {
			return ""
		}
		return fmt.Sprintf("0, or at least schedule.warmup = %d", f.Schedule.Warmup)
	}},
	{"optimizer.lr_cap", func(f *File) string {
		if f.Optimizer.LRCap == 0 || f.Optimizer.LRBatch > 0 {
			return ""
		}
		return "0, or optimizer.lr_batch above 0: nothing else raises the rate"
	}},
	{"schedule.floor", func(f *File) string {
		if f.Schedule.Floor <= f.Optimizer.LR {
			return ""
		}
		return "at most optimizer.lr = " + fields.Text(&f.Optimizer.LR)
	}},
	{"schedule.start", func(f *File) string {
		if f.Schedule.Kind != "one-cycle" || f.Schedule.Start <= f.Optimizer.LR {
			return ""
		}
		return "at most optimizer.lr = " + fields.Text(&f.Optimizer.LR)
	}},
	{"schedule.at", func(f *File) string {
		if f.Schedule.Kind != "multistep" {
			return ""
		}
		if err := f.Rates().Validate(); err != nil {
			return fmt.Sprintf("steps that rise, from schedule.warmup = %d on, as [30000, 60000]", f.Schedule.Warmup)
		}
		return ""
	}},
	{"schedule.kind", func(f *File) string {
		if f.Schedule.Kind != "plateau" || f.Data.Valid != "" && f.Eval.Every > 0 {
			return ""
		}
		return "another kind, or data.valid and eval.every above 0: a plateau listens to the held-out loss"
	}},
	{"optimizer.nesterov", func(f *File) string {
		if f.Optimizer.Kind != "sgd" || !f.Optimizer.Nesterov || f.Optimizer.Momentum > 0 {
			return ""
		}
		return "false, or optimizer.momentum above 0: there is nothing to look ahead by"
	}},
}
