package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/rondo-ml/rondo/cmd/comparison"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// file is the run file with a variant's changes.
func (r *comparing) file(v comparison.Variant) (*runfile.File, error) {
	f, err := runfile.Load(r.path, slices.Concat(r.options.run.set, v.Sets))
	if err != nil {
		return nil, &usageError{fmt.Errorf("variant %s: %w", v.Name, err)}
	}
	return f, nil
}

// fill fits and measures what makes the variants equal.
func (r *comparing) fill(ctx context.Context, p *comparison.Plan) error {
	for i := range p.Variants {
		v := &p.Variants[i]
		f, err := r.file(*v)
		if err != nil {
			return err
		}
		v.Steps = f.Steps
		if v.Parameters, err = worker.Parameters(f); err != nil {
			return &usageError{fmt.Errorf("variant %s: %w", v.Name, err)}
		}
		if i > 0 && p.Equal == "parameters" {
			if err := r.fit(v, p.Variants[0].Parameters); err != nil {
				return &usageError{fmt.Errorf("variant %s: --fit %s: %w", v.Name, r.options.fit, err)}
			}
		}
	}
	if p.Equal != "time" {
		return nil
	}
	longest := make([]float64, len(p.Variants))
	for range timeTurns {
		for i := range p.Variants {
			took, err := r.time(ctx, &p.Variants[i])
			if err != nil {
				return err
			}
			longest[i] = max(longest[i], took)
		}
	}
	for i, v := range p.Variants {
		if text := unsteadyText(v, longest[i]); text != "" {
			voice{w: r.errout}.say(slog.LevelWarn, text)
		}
	}
	comparison.EqualTime(p.Variants)
	return r.checkPlanned(p)
}

// checkPlanned says, before anything is trained, which variant the run file does not allow the steps that are planned for it, as where
// an equal time leaves fewer than the rate takes to rise.
func (r *comparing) checkPlanned(p *comparison.Plan) error {
	for _, v := range p.Variants {
		for _, share := range p.Shares {
			run := comparison.Run{Variant: v, Share: share, Seed: p.Seeds[0]}
			if _, err := runfile.Load(r.path, lastOfEach(r.sets(run))); err != nil {
				return &usageError{fmt.Errorf("variant %s, for which %s are planned: %w; have more steps, or change that field for the variant", v.Name,
					countText(v.Steps, "step"), err)}
			}
		}
	}
	return nil
}

// fit gives a variant as many parameters as the first has, as nearly as the field allows.
func (r *comparing) fit(v *comparison.Variant, want int) error {
	with := func(n int) comparison.Variant {
		return comparison.Variant{Name: v.Name, Sets: append(slices.Clone(v.Sets), r.options.fit+"="+strconv.Itoa(n))}
	}
	count := func(n int) (int, error) {
		f, err := r.file(with(n))
		if err != nil {
			return 0, err
		}
		return worker.Parameters(f)
	}
	n, err := comparison.Fit(want, count)
	if err != nil {
		return err
	}
	v.Sets = with(n).Sets
	v.Parameters, err = count(n)
	return err
}

// timeTurns is how often each variant's step is measured, for about timeBudget: the variants take turns, so that what another program
// does for a while strikes no variant alone.
const (
	timeTurns  = 4
	timeBudget = time.Second
)

// unsteadyText says of a step that took much longer in another turn that times will hardly be equal; empty: it did not.
func unsteadyText(v comparison.Variant, longest float64) string {
	if longest <= missedBy*v.Seconds {
		return ""
	}
	return fmt.Sprintf("the step of %s took from %.3g to %.3g ms in %d turns: the machine is busy with other work, and times will hardly be equal", v.Name, 1e3*v.Seconds, 1e3*longest, timeTurns)
}

// time measures a variant's step. The shortest of its turns counts.
func (r *comparing) time(ctx context.Context, v *comparison.Variant) (took float64, err error) {
	f, err := r.file(*v)
	if err != nil {
		return 0, err
	}
	r.say("measuring the step of " + v.Name)
	dir, err := os.MkdirTemp("", "rondo-compare-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	profiler, err := worker.NewProfiler(f, dir, machine.Threads())
	if err != nil {
		return 0, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	one, err := profiler.Measure(ctx, f.Batch.Lanes, timeBudget)
	if err != nil {
		return 0, fmt.Errorf("variant %s: %w", v.Name, err)
	}
	if took = one.Total.Seconds(); v.Seconds == 0 || took < v.Seconds {
		v.Seconds = took
	}
	return took, nil
}

func (r *comparing) say(text string) { voice{w: r.errout}.say(slog.LevelInfo, text) }
