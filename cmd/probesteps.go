package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"

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

// parseSteps reads --steps: none of "" and of all.
func parseSteps(text string) (steps []uint64, err error) {
	if text == "" || text == "all" {
		return nil, nil
	}
	for _, part := range strings.Split(text, ",") {
		step, err := strconv.ParseUint(strings.TrimSpace(part), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("--steps %s: %q is no step; give all, or steps with commas between, as 500,1000", text, part)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// earlier finds the checkpoints that --steps asks for, in order, the newest one left out. Of all, those that are damaged are left
// out and named.
func (o *probeFlags) earlier(errout io.Writer, source string, newest *checkpoint.Manifest) (found []*checkpoint.Manifest, err error) {
	if o.steps == "" {
		return nil, nil
	}
	if isCheckpoint(source) {
		return nil, &usageError{fmt.Errorf("--steps: %s is one checkpoint; give the directory of all", source)}
	}
	fs := checkpoint.Files{}
	if o.steps == "all" {
		all, err := checkpoint.OpenAll(fs, source)
		for _, s := range all {
			switch {
			case s.Step >= newest.Step || errors.Is(s.Err, checkpoint.ErrNone):
			case s.Err != nil:
				o.leaveOut(errout, s.Step, s.Err)
			default:
				found = append(found, s.Manifest)
			}
		}
		return found, err
	}
	for _, step := range o.asked {
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

// leaveOut names a checkpoint on the way that cannot be probed. The others are.
func (o *probeFlags) leaveOut(errout io.Writer, step uint64, err error) {
	o.leftOut++
	voice{w: errout}.say(slog.LevelError, fmt.Sprintf("--steps: step %d is left out: %v", step, err))
}

// allSteps is an error where checkpoints were left out, for when the report is written.
func (o *probeFlags) allSteps() error {
	switch o.leftOut {
	case 0:
		return nil
	case 1:
		return errors.New("--steps: a checkpoint was left out, which is named above; the report is of the others")
	}
	return fmt.Errorf("--steps: %d checkpoints were left out, which are named above; the report is of the others", o.leftOut)
}

// through probes earlier checkpoints of the run, and follows the unit that leads in the end. What is found already is not lost by one
// that cannot be read: it is left out and named.
func (o *probeFlags) through(ctx context.Context, errout io.Writer, pool *tensor.Pool, r *probed, before []*checkpoint.Manifest, texts probeTexts) error {
	if o.steps == "" {
		return nil
	}
	for _, m := range before {
		found, err := o.onTheWay(ctx, errout, pool, r, m, texts)
		switch {
		case err == nil:
			r.Steps = append(r.Steps, probeOf(m.Step, found, *found.Asked))
		case ctx.Err() != nil:
			return err
		default:
			o.leaveOut(errout, m.Step, err)
		}
	}
	r.Steps = append(r.Steps, probeOf(r.Step, &r.Report, r.leading()))
	return nil
}

// onTheWay probes an earlier checkpoint.
func (o *probeFlags) onTheWay(ctx context.Context, errout io.Writer, pool *tensor.Pool, r *probed, m *checkpoint.Manifest, texts probeTexts) (*probe.Report, error) {
	dir, of := objects.Join(r.source, checkpoint.DirName(m.Step)), &probed{Cleaned: r.Cleaned}
	sets, err := o.read(ctx, errout, pool, of, dir, m, texts)
	if err != nil {
		return nil, err
	}
	asks := o.asks
	asks.Labels, asks.Resamples, asks.Unit = nil, 0, r.leading().Rule.Unit
	return probe.Run(ctx, pool, sets, asks)
}

func probeOf(step uint64, found *probe.Report, unit probe.UnitReport) stepProbe {
	return stepProbe{Step: step, C: found.C, Nonzero: found.Nonzero, Scores: found.Scores,
		Unit: unit.Rule.Unit, Rule: unit.Rule, ByUnit: unit.Scores, Leads: found.ByRule.Rule.Unit}
}
