package cmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"github.com/rondo-ml/rondo/cmd/bench/networks"
	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/search"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/summary"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/machine"
)

// train goes on to the last child, and shows what came of it.
func (r *searching) train(ctx context.Context) error {
	defer r.family.followSuspension()()
	for len(r.search.Children) < r.options.children {
		c, trained := r.search.Next()
		if !trained {
			if err := r.child(ctx, &c); err != nil {
				return err
			}
		}
		if err := r.search.Take(c); err != nil {
			return err
		}
		if err := r.journal.Add(c); err != nil {
			return fmt.Errorf("the journal in %s: %w", r.options.out, err)
		}
		if !trained {
			r.say(fmt.Sprintf("child %d: reward %.4f, accuracy %s", c.Number, c.Reward, accuracyText(c)))
			if err := r.write(); err != nil {
				return err
			}
		}
	}
	if err := r.write(); err != nil {
		return err
	}
	return r.show()
}

// child measures and trains a child, unless its run is at its end already, and judges it.
func (r *searching) child(ctx context.Context, c *search.Child) error {
	dir := filepath.Join(r.options.out, "children", fmt.Sprintf("%05d", c.Number))
	if err := r.measure(ctx, c); err != nil {
		return err
	}
	done, begun, err := finished(dir, r.base.Steps)
	if err != nil {
		return err
	}
	if !done {
		r.say(fmt.Sprintf("child %d of %d: %s; %s", c.Number, r.options.children, c.Normal, c.Reduce))
		run := childRun{path: r.path, dir: dir, workers: r.options.workers, resume: begun,
			sets: slices.Concat(r.options.run.set, c.Sets(), []string{"checkpoint.dir=" + dir})}
		err = run.train(ctx, &r.family)
	}
	if _, diverged := errors.AsType[divergedError](err); diverged {
		c.Diverged = true
	} else if err != nil {
		return err
	} else if err := r.read(c, dir); err != nil {
		return err
	}
	r.search.Judge(c)
	return nil
}

// read takes what the child's run has left.
func (r *searching) read(c *search.Child, dir string) error {
	measures, _, digest, err := leftBy(dir)
	if err != nil {
		return err
	}
	accuracy, told := measures["accuracy"]
	if c.Digest = digest; !told || math.IsNaN(accuracy) {
		c.Diverged = true
		return nil
	}
	c.Accuracy = accuracy
	return nil
}

// file is the run file of a child; of no cells, as it was given.
func (r *searching) file(cells search.Cells) (*runfile.File, error) {
	sets := r.options.run.set
	if cells != (search.Cells{}) {
		sets = slices.Concat(sets, cells.Sets())
	}
	f, err := runfile.Load(r.path, sets)
	if err != nil {
		return nil, &usageError{err}
	}
	return f, nil
}

// measure finds what a child costs: from its network, and, where times count, by the clock or from another search.
func (r *searching) measure(ctx context.Context, c *search.Child) error {
	f, err := r.file(c.Cells)
	if err != nil {
		return err
	}
	n, err := zoo.New(f.Model.Kind, f.Model.Fields)
	if err != nil {
		return &usageError{err}
	}
	s, err := summary.Of(n, 1)
	if err != nil {
		return err
	}
	c.Parameters, c.MultiplyAdds = s.Parameters, s.MultiplyAdds
	if r.options.plan.Cost != "time" {
		return nil
	}
	if r.times != nil {
		seconds, ok := r.times[c.Cells]
		if !ok {
			return fmt.Errorf("--times: the search in %s has not measured child %d: %s; %s", r.options.times, c.Number, c.Normal, c.Reduce)
		}
		c.Seconds = seconds
		return nil
	}
	pool := tensor.NewPool(machine.Threads())
	defer pool.Close()
	c.Seconds, err = networks.Infer(ctx, n, f.Task.New(), pool, 1)
	if ctx.Err() != nil {
		return errChildStopped
	}
	return err
}

// write leaves results, pictures and the best run file in the directory.
func (r *searching) write() error {
	results := r.search.Results(r.options.top)
	if err := results.Write(r.options.out); err != nil {
		return err
	}
	best := results.Best[0]
	for name, scene := range map[string]*draw.Scene{"search.svg": rewardChart(results, r.search.Baselines()).Scene(), "cells.svg": cellsScene(best)} {
		if err := draw.Save(filepath.Join(r.options.out, name), scene); err != nil {
			return err
		}
	}
	return r.bestFile(filepath.Join(r.options.out, "best.yaml"), best)
}
