package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn/probe"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// stepProbe is what a checkpoint on the way knew.
type stepProbe struct {
	Step    uint64       `json:"step"`
	C       float64      `json:"c"`
	Nonzero int          `json:"nonzero"`
	Scores  probe.Scores `json:"accuracy"` // of all units
	Unit    int          `json:"unit"`     // that leads in the end
	Rule    probe.Rule   `json:"rule"`     // of that unit, by this checkpoint's features
	ByUnit  probe.Scores `json:"unit_accuracy"`
	Leads   int          `json:"leads"` // the unit whose rule does best here
}

// earlier finds the checkpoints that --steps asks for, in order, the newest one left out.
func (o *probeFlags) earlier(source string, newest *checkpoint.Manifest) (found []*checkpoint.Manifest, err error) {
	if o.steps == "" {
		return nil, nil
	}
	if isCheckpoint(source) {
		return nil, &usageError{fmt.Errorf("--steps: %s is one checkpoint; give the directory of all", source)}
	}
	fs := checkpoint.Files{}
	if o.steps == "all" {
		for at := newest.Step; ; {
			m, err := checkpoint.Before(fs, source, at)
			if errors.Is(err, checkpoint.ErrNone) {
				slices.Reverse(found)
				return found, nil
			}
			if err != nil {
				return nil, err
			}
			found, at = append(found, m), m.Step
		}
	}
	for _, part := range commaList(o.steps) {
		step, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--steps %s: all, or steps with commas between", o.steps)}
		}
		if step == newest.Step {
			continue
		}
		m, err := checkpoint.At(fs, source, step)
		if err != nil {
			return nil, fmt.Errorf("--steps: %w", err)
		}
		found = append(found, m)
	}
	slices.SortFunc(found, func(a, b *checkpoint.Manifest) int { return int(int64(a.Step) - int64(b.Step)) })
	return slices.CompactFunc(found, func(a, b *checkpoint.Manifest) bool { return a.Step == b.Step }), nil
}

// through probes earlier checkpoints of the run, and follows the unit that leads in the end.
func (o *probeFlags) through(ctx context.Context, errout io.Writer, pool *tensor.Pool, r *probed, before []*checkpoint.Manifest, texts probeTexts) error {
	if o.steps == "" {
		return nil
	}
	unit := r.leading().Rule.Unit
	for _, m := range before {
		dir, of := objects.Join(r.source, checkpoint.DirName(m.Step)), &probed{Cleaned: r.Cleaned}
		sets, err := o.read(ctx, errout, pool, of, dir, m, texts)
		if err != nil {
			return fmt.Errorf("step %d: %w", m.Step, err)
		}
		asks := o.asks
		asks.Labels, asks.Resamples, asks.Unit = nil, 0, unit
		found, err := probe.Run(ctx, pool, sets, asks)
		if err != nil {
			return fmt.Errorf("step %d: %w", m.Step, err)
		}
		r.Steps = append(r.Steps, probeOf(m.Step, found, *found.Asked))
	}
	r.Steps = append(r.Steps, probeOf(r.Step, &r.Report, r.leading()))
	return nil
}

func probeOf(step uint64, found *probe.Report, unit probe.UnitReport) stepProbe {
	return stepProbe{Step: step, C: found.C, Nonzero: found.Nonzero, Scores: found.Scores,
		Unit: unit.Rule.Unit, Rule: unit.Rule, ByUnit: unit.Scores, Leads: found.ByRule.Rule.Unit}
}
