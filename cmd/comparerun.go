package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/rondo-ml/rondo/cmd/comparison"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// train trains all runs of the plan that are not finished, and shows what came of them after each.
func (r *comparing) train(ctx context.Context) error {
	defer r.family.followSuspension()()
	earlier, err := comparison.ReadResults(r.options.out, r.plan)
	if err != nil {
		return err
	}
	runs := r.plan.Runs()
	var outcomes []comparison.Outcome
	for i, run := range runs {
		o := comparison.Outcome{Variant: run.Variant.Name, Share: run.Share, Seed: run.Seed, Steps: run.Variant.Steps, Diverged: earlier.Diverged(run)}
		trained := false
		if o.Diverged == "" { // else it would come to the same again
			if trained, err = r.one(ctx, run, &o, fmt.Sprintf("run %d of %d", i+1, len(runs))); err != nil {
				return err
			}
		}
		outcomes = append(outcomes, o)
		if trained || i == len(runs)-1 {
			if err := r.write(comparison.Gather(r.plan, outcomes)); err != nil {
				return err
			}
		}
	}
	return r.show(comparison.Gather(r.plan, outcomes))
}

// one trains a run, unless it is at its end already, and reads what it has left. One that diverges is no error.
func (r *comparing) one(ctx context.Context, run comparison.Run, o *comparison.Outcome, which string) (trained bool, err error) {
	dir := run.Dir(r.options.out)
	done, begun, err := finished(dir, run.Variant.Steps)
	if err != nil {
		return false, err
	}
	if !done {
		r.say(which + ": " + dir)
		err = r.child(ctx, run, begun)
	}
	if d, diverged := errors.AsType[divergedError](err); diverged {
		o.Diverged, o.Measures = d.line, map[string]float64{}
		r.say(which + " diverged, and means go without it: " + d.line)
		return true, nil
	} else if err != nil {
		return false, err
	}
	o.Measures, o.Rate, o.Digest, err = leftBy(dir)
	o.Workers = workersOf(dir)
	return !done, err
}

// workersOf is how many workers trained a run, from its beginning to its end. A journal that cannot be read does not say.
func workersOf(dir string) (workers int) {
	journal, err := checkpoint.ReadJournal(dir)
	if err != nil {
		return 0
	}
	for _, line := range journal {
		switch {
		case line.View == nil:
		case workers == 0:
			workers = len(line.View.Workers)
		case workers != len(line.View.Workers):
			return comparison.Mixed
		}
	}
	return workers
}

// child trains one run.
func (r *comparing) child(ctx context.Context, run comparison.Run, resume bool) error {
	c := childRun{path: r.path, dir: run.Dir(r.options.out), workers: r.options.workers, resume: resume, sets: r.sets(run)}
	return c.train(ctx, &r.family)
}

// sets are all fields in which a run differs from the run file.
func (r *comparing) sets(run comparison.Run) []string {
	return slices.Concat(r.options.run.set, run.Sets(r.options.out))
}

// write leaves results and pictures in the directory.
func (r *comparing) write(results comparison.Results) error {
	if _, err := results.Write(r.options.out); err != nil {
		return err
	}
	measure, err := r.measure(results)
	if err != nil {
		return err
	}
	for name, chart := range map[string]string{"compare.svg": measure, "speed.svg": "rate"} {
		if err := savePicture(filepath.Join(r.options.out, name), results, chart); err != nil {
			return err
		}
	}
	return nil
}
