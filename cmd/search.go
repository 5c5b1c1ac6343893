package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/search"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker"
)

// searchOptions are the flags of `rondo search`.
type searchOptions struct {
	run      runFlags
	plan     search.Plan
	children int
	times    string
	out      string
	workers  int
	top      int
	json     bool
}

func newSearch() *cobra.Command {
	var o searchOptions
	c := &cobra.Command{
		Use:   "search RUN.yaml --out DIR",
		Short: "Look for a network of good cells: a controller draws them, runs train them",
		Long: `Draws a pair of cells, trains the network that is made of them (model.kind: cells) as the run file says, and teaches the
controller a reward: the accuracy on the held-out set, times (cost / target)^weight. So it goes on to the next pair.

The cost is that of one picture at inference, in multiply-adds or in seconds measured here. With multiply-adds a search is a
function of its flags, run file and data: the journal has the same bits wherever it is made. Measured times are in the journal;
with --times another search takes them from there, and comes to the same bits.

DIR has plan.json, journal.jsonl (a line for each child), children/N (their runs), results.json, the pictures search.svg
and cells.svg, and best.yaml, a run file of the best cells. The same command goes on where it was stopped; with more
--children it goes on to those.`,
		Example: `  rondo search run.yaml --out search --children 60
  rondo search run.yaml --out luck --children 60 --controller random
  rondo search run.yaml --out fast --children 60 --cost time --target 0.002
  rondo train search/best.yaml --set steps=20000`,
		Args: args(1, 1, "one run file"),
		RunE: func(c *cobra.Command, a []string) error {
			if c.Flags().Changed("target") && o.plan.Target == 0 {
				return &usageError{errors.New("--target 0: want a cost above 0; without the flag it is that of the run file's own cells")}
			}
			r := &searching{options: o, path: a[0], out: c.OutOrStdout(), errout: c.ErrOrStderr()}
			return r.run(c.Context())
		},
	}
	f := c.Flags()
	o.run.addSet(c)
	f.StringVarP(&o.out, "out", "o", "", "directory for plan, journal, children, results and pictures (required)")
	f.IntVar(&o.children, "children", 50, "draws; one that was drawn before is not trained again")
	f.StringVar(&o.plan.Controller, "controller", "policy", "policy learns by its rewards, random draws each pair alike: "+strings.Join(search.Controllers, ", "))
	f.IntVar(&o.plan.Nodes, "nodes", 3, "nodes of a cell, each the sum of two operations")
	f.StringSliceVar(&o.plan.Operations, "operations", zoo.CellOperations(), "what a node may do")
	f.StringVar(&o.plan.Cost, "cost", "operations", "what a picture costs: multiply-adds, or seconds here: "+strings.Join(search.Costs, ", "))
	f.Float64Var(&o.plan.Target, "target", 0, "`COST` at which the reward is the accuracy; without it that of the run file's own cells")
	f.Float64Var(&o.plan.Weight, "weight", -0.07, "of cost / target in the reward; 0: the accuracy alone")
	f.Float64Var(&o.plan.Rate, "rate", 0.3, "of the controller's learning")
	f.Float64Var(&o.plan.Entropy, "entropy", 0.05, "weight of the controller's entropy, which keeps it drawing other cells")
	f.Float64Var(&o.plan.Memory, "memory", 0.9, "of the moving average with which rewards are compared")
	f.StringVar(&o.times, "times", "", "with --cost time, the `DIR` of a search whose measured times are taken")
	f.IntVarP(&o.workers, "workers", "n", 1, "workers of each run")
	f.IntVar(&o.top, "top", 5, "best children that are shown")
	f.BoolVar(&o.json, "json", false, "print the results as JSON")
	_ = c.MarkFlagRequired("out")
	return c
}

// searching is one `rondo search`.
type searching struct {
	options searchOptions
	path    string
	out     io.Writer
	errout  io.Writer
	base    *runfile.File
	search  *search.Search
	journal *search.Journal
	times   map[search.Cells]float64 // measured by another search
	family  family
}

// run plans, replays the journal, and trains the children that are not in it.
func (r *searching) run(ctx context.Context) (err error) {
	if r.base, err = r.options.run.load(r.path); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return &usageError{err}
	}
	ctx, cancel := onSignal(ctx, voice{w: r.errout}, r.family.kill)
	defer cancel()
	plan, err := r.keepPlan(ctx)
	if err != nil {
		return err
	}
	journal, children, err := search.OpenJournal(r.options.out)
	if err != nil {
		return err
	}
	defer journal.Close()
	r.journal = journal
	if r.search, err = search.Replay(plan, children); err != nil {
		return &usageError{fmt.Errorf("%s: %w", r.options.out, err)}
	}
	return r.train(ctx)
}

// check says what is impossible, before anything is measured or trained.
func (r *searching) check() error {
	o := &r.options
	o.plan.Seed, o.plan.Bits = r.base.Seed, r.base.Hash()
	if o.plan.Controller == "random" { // it learns nothing
		o.plan.Rate, o.plan.Entropy = 0, 0
	}
	slices.Sort(o.plan.Operations)
	switch {
	case r.base.Model.Kind != "cells":
		return fmt.Errorf("model.kind: %s has no cells to search for; give the run file model.kind: cells", r.base.Model.Kind)
	case r.base.Data.Valid == "":
		return errors.New("data.valid: nothing is held out, and children are judged by what they say of that; name a set")
	case o.children < 1 || o.children > 100_000:
		return fmt.Errorf("--children %d: from 1 to 100000", o.children)
	case o.top < 1:
		return fmt.Errorf("--top %d: at least 1", o.top)
	case o.times != "" && o.plan.Cost != "time":
		return errors.New("--times: no times are wanted without --cost time")
	}
	if err := wantPath("--out", o.out); err != nil {
		return err
	}
	workers := workersFlag{least: o.workers, most: o.workers}
	if err := workers.check(r.base.Batch.Lanes); err != nil {
		return err
	}
	names, err := worker.MeasureNames(r.base)
	if err != nil {
		return err
	}
	if !slices.Contains(names, "accuracy") {
		return fmt.Errorf("task.kind: %s tells no accuracy, by which children are judged", r.base.Task.Kind)
	}
	return o.plan.Check()
}

// keepPlan is the plan of the directory: the one that is there, or this one with its target.
func (r *searching) keepPlan(ctx context.Context) (*search.Plan, error) {
	o := &r.options
	if o.times != "" {
		if err := r.readTimes(); err != nil {
			return nil, &usageError{fmt.Errorf("--times: %w", err)}
		}
	}
	if _, err := search.ReadPlan(o.out); o.plan.Target == 0 && errors.Is(err, fs.ErrNotExist) {
		c := search.Child{}
		if err := r.measure(ctx, &c); err != nil {
			return nil, err
		}
		if o.plan.Target = c.Seconds; o.plan.Cost == "operations" {
			o.plan.Target = float64(c.MultiplyAdds)
		}
	}
	plan, err := o.plan.Keep(o.out)
	if err != nil {
		return nil, &usageError{err}
	}
	return plan, nil
}

// readTimes takes the measured times of another search, and its target where none is given.
func (r *searching) readTimes() error {
	plan, err := search.ReadPlan(r.options.times)
	if err != nil {
		return err
	}
	if plan.Cost != "time" {
		return fmt.Errorf("%s holds a search with --cost %s, which measured none", r.options.times, plan.Cost)
	}
	children, err := search.ReadJournal(r.options.times)
	if err != nil {
		return err
	}
	if r.options.plan.Target == 0 {
		r.options.plan.Target = plan.Target
	}
	r.times = map[search.Cells]float64{}
	for _, c := range children {
		r.times[c.Cells] = c.Seconds
	}
	return nil
}

func (r *searching) say(text string) { voice{w: r.errout}.say(slog.LevelInfo, text) }

// bestFile writes the run file of a child's cells.
func (r *searching) bestFile(path string, c search.Child) error {
	f, err := r.file(c.Cells)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("# child %d of a search: accuracy %.4f, %s multiply-adds a picture\n", c.Number, c.Accuracy, countOr(c.MultiplyAdds, "0")) + f.YAML()
	return os.WriteFile(path, []byte(text), 0o644)
}
