package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/rondo-ml/rondo/cmd/comparison"
	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/worker/checkpoint"
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

// finished says whether a run is at its end, and whether there is a checkpoint to go on from.
func finished(dir string, steps int) (done, begun bool, err error) {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return false, false, nil
	}
	m, _, err := checkpoint.Newest(checkpoint.Files{}, dir)
	if errors.Is(err, checkpoint.ErrNone) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	return m.Step >= uint64(steps), true, nil
}

var errCompareStopped = &exitError{exitStopped, errors.New("stopped by a signal; the same command goes on")}

// child trains one run in a process of its own, whose words go into a file.
func (r *comparing) child(ctx context.Context, run comparison.Run, resume bool) error {
	dir := run.Dir(r.options.out)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	log, err := openLog(dir, "train")
	if err != nil {
		return err
	}
	defer log.Close()
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the path of this program: %w", err)
	}
	words := []string{"train", r.path, "--status-addr", "", "--workers", strconv.Itoa(r.options.workers)}
	if resume {
		words = append(words, "--resume")
	}
	for _, set := range slices.Concat(r.options.run.set, run.Sets(r.options.out)) {
		words = append(words, "--set", set)
	}
	end := &tail{}
	c := exec.CommandContext(ctx, program, words...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) } // it saves and leaves
	c.WaitDelay = time.Minute
	c.Stdout, c.Stderr = log, end
	if err := r.family.start(c); ctx.Err() != nil && err != nil {
		return errCompareStopped
	} else if err != nil {
		return fmt.Errorf("starting %s: %w", dir, err)
	}
	err = c.Wait()
	switch {
	case ctx.Err() != nil:
		return errCompareStopped
	case err != nil:
		return fmt.Errorf("%s: %s: %s", dir, exitText(c.ProcessState, err), end.text())
	}
	return nil
}

// outcome reads what a finished run has left.
func outcome(run comparison.Run, dir string) (comparison.Outcome, error) {
	o := comparison.Outcome{Variant: run.Variant.Name, Share: run.Share, Seed: run.Seed, Steps: run.Variant.Steps, Measures: map[string]float64{}}
	ran, err := past.Open(dir, time.Now)
	if err != nil {
		return o, err
	}
	st := ran.Status()
	if len(st.Evaluations) == 0 {
		return o, fmt.Errorf("%s: the run has left no evaluation; remove the directory to train it again", dir)
	}
	if m, _, err := checkpoint.Newest(checkpoint.Files{}, dir); err == nil {
		o.Digest = m.Digest
	}
	last := st.Evaluations[len(st.Evaluations)-1]
	o.Measures["loss"] = float64(last.Loss)
	for _, m := range last.Measures {
		o.Measures[m.Name] = float64(m.Value)
	}
	s := ran.Series(history.Query{Points: history.MaxPoints})
	if c := s.Columns["rate"]; c != nil {
		var rates []float64
		for _, x := range c.Mean {
			if x > 0 {
				rates = append(rates, float64(x))
			}
		}
		if slices.Sort(rates); len(rates) > 0 {
			o.Rate = rates[len(rates)/2]
		}
	}
	return o, nil
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
