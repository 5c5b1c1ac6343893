package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/rondo-ml/rondo/cmd/comparison"
)

// train trains all runs of the plan that are not finished, and shows what came of them after each.
func (r *comparing) train(ctx context.Context) error {
	defer r.family.followSuspension()()
	runs := r.plan.Runs()
	var outcomes []comparison.Outcome
	for i, run := range runs {
		dir := run.Dir(r.options.out)
		done, begun, err := finished(dir, run.Variant.Steps)
		if err != nil {
			return err
		}
		if !done {
			r.say(fmt.Sprintf("run %d of %d: %s", i+1, len(runs), dir))
			if err := r.child(ctx, run, begun); err != nil {
				return err
			}
		}
		o, err := outcome(run, dir)
		if err != nil {
			return err
		}
		outcomes = append(outcomes, o)
		if !done || i == len(runs)-1 {
			if err := r.write(comparison.Gather(r.plan, outcomes)); err != nil {
				return err
			}
		}
	}
	return r.show(comparison.Gather(r.plan, outcomes))
}

// child trains one run.
func (r *comparing) child(ctx context.Context, run comparison.Run, resume bool) error {
	c := childRun{path: r.path, dir: run.Dir(r.options.out), workers: r.options.workers, resume: resume,
		sets: slices.Concat(r.options.run.set, run.Sets(r.options.out))}
	return c.train(ctx, &r.family)
}

// outcome reads what a finished run has left.
func outcome(run comparison.Run, dir string) (comparison.Outcome, error) {
	o := comparison.Outcome{Variant: run.Variant.Name, Share: run.Share, Seed: run.Seed, Steps: run.Variant.Steps}
	var err error
	o.Measures, o.Rate, o.Digest, err = leftBy(dir)
	return o, err
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
