package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/comparison"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// compareOptions are the flags of `rondo compare`.
type compareOptions struct {
	run      runFlags
	vary     string
	variants []string
	equal    string
	fit      string
	shares   []float64
	seeds    int
	out      string
	workers  int
	measure  string
	json     bool
	planOnly bool
}

func newCompare() *cobra.Command {
	var o compareOptions
	c := &cobra.Command{
		Use:   "compare RUN.yaml --vary FIELD=A,B,… --out DIR",
		Short: "Train variants of a run on the same data, and compare what they learnt",
		Long: `Trains every variant of a run file with each share of the training set and each seed, one run after
another, and shows what the held-out set says of each, how fast it was, and how far the seeds lie apart.

Variants are equal in steps, or in parameters (--fit names the field that is fitted to the count of the first
variant), or in time: the step of each is measured here first, and each gets as many steps as take as long as
those of the first. The plan is written to DIR/plan.json before the first run, results to DIR/results.json and
the pictures DIR/compare.svg and DIR/speed.svg after each run. The same command goes on where it was stopped.`,
		Example: `  rondo compare run.yaml --vary model.cell=gru,lstm,mlstm --equal parameters --shares 0.1,0.3,1 --seeds 3 --out cells
  rondo compare run.yaml --variant 'conv: model.layers=INPUT -> CONV 8 5 -> RELU -> FC' \
    --variant 'dense: model.layers=INPUT -> FC 64 -> RELU -> FC' --equal parameters --out filters`,
		Args: args(1, 1, "one run file"),
		RunE: func(c *cobra.Command, a []string) error {
			if c.Flags().Changed("fit") && o.equal != "parameters" {
				return &usageError{fmt.Errorf("--fit %s: a field is fitted with --equal parameters, and this is --equal %s", o.fit, o.equal)}
			}
			r := &comparing{options: o, path: a[0], out: c.OutOrStdout(), errout: c.ErrOrStderr()}
			return r.run(c.Context())
		},
	}
	f := c.Flags()
	o.run.addSet(c)
	f.StringVar(&o.vary, "vary", "", "a variant for each value of a field, as `model.cell=gru,lstm`")
	f.StringArrayVar(&o.variants, "variant", nil, "one more variant, as `'NAME: FIELD=VALUE; FIELD=VALUE'` (may be given several times)")
	f.StringVar(&o.equal, "equal", "steps", "what variants have in common with the first: "+strings.Join(comparison.Equals, ", "))
	f.StringVar(&o.fit, "fit", "model.hidden", "with --equal parameters, the `FIELD` that is fitted")
	f.Float64SliceVar(&o.shares, "shares", nil, "of the training set, as `0.1,0.3,1`")
	f.Lookup("shares").DefValue = "data.share of the run file"
	f.IntVar(&o.seeds, "seeds", 1, "runs of each variant and share, with the seeds from the run file's on")
	f.StringVarP(&o.out, "out", "o", "", "directory for plan, runs, results and pictures (required)")
	f.IntVarP(&o.workers, "workers", "n", 1, "workers of each run")
	f.StringVar(&o.measure, "measure", "", "`NAME` of the measure that is shown; empty: the task's first, or the loss")
	f.BoolVar(&o.json, "json", false, "print the results as JSON")
	f.BoolVar(&o.planOnly, "plan", false, "write and print the plan, and train nothing")
	_ = c.MarkFlagRequired("out")
	return c
}

// comparing is one `rondo compare`.
type comparing struct {
	options compareOptions
	path    string
	out     io.Writer
	errout  io.Writer
	plan    *comparison.Plan
	family  family
	data    map[string]string // hashes of the sets, by where these are
}

// run plans, trains what has not been trained, and shows.
func (r *comparing) run(ctx context.Context) error {
	base, err := r.options.run.load(r.path)
	if err != nil {
		return err
	}
	plan, err := r.options.draft(base)
	if err != nil {
		return &usageError{err}
	}
	ctx, cancel := onSignal(ctx, voice{w: r.errout}, r.family.kill)
	defer cancel()
	if err := r.options.checkOut(); err != nil {
		return &usageError{err}
	}
	if err := r.checkVariants(plan.Variants); err != nil {
		return &usageError{err}
	}
	if plan.Data, err = r.hashes(plan.Variants); err != nil {
		return &usageError{err}
	}
	r.data = plan.Data
	if err := r.keep(ctx, plan); err != nil {
		return err
	}
	if err := r.checkPlanned(r.plan); err != nil { // another release may have kept it
		return err
	}
	if err := r.checkLeft(r.plan); err != nil {
		return err
	}
	if r.options.planOnly {
		return r.show(comparison.Gather(r.plan, nil))
	}
	return r.train(ctx)
}

// keep writes a new plan once it is known to be possible, or takes the one that was kept.
func (r *comparing) keep(ctx context.Context, plan *comparison.Plan) error {
	out := r.options.out
	yields := plan.Yields(out)
	if _, err := comparison.ReadPlan(out); yields || errors.Is(err, fs.ErrNotExist) { // else Keep tells of it
		if err := r.complete(ctx, plan); ctx.Err() != nil {
			return errChildStopped
		} else if err != nil {
			return err
		}
	}
	if yields {
		if err := plan.Replace(out); err != nil {
			return err
		}
	}
	kept, err := plan.Keep(out)
	if err != nil {
		return &usageError{err}
	}
	r.plan = kept
	if r.options.planOnly {
		return nil
	}
	return kept.Begin(out)
}

// complete fills a new plan in, and says what keeps it from being followed before it is written.
func (r *comparing) complete(ctx context.Context, p *comparison.Plan) error {
	if err := r.fill(ctx, p); err != nil {
		return err
	}
	if err := r.checkShares(p); err != nil {
		return err
	}
	return r.checkLeft(p)
}

// draft is the plan as the flags have it, before anything is fitted or measured.
func (o *compareOptions) draft(base *runfile.File) (*comparison.Plan, error) {
	p := &comparison.Plan{Equal: o.equal, Shares: slices.Clone(o.shares), Bits: comparison.BitsOf(base)}
	if o.equal == "parameters" {
		p.Fit = o.fit
	}
	if o.vary != "" {
		all, err := comparison.ParseVary(o.vary)
		if err != nil {
			return nil, err
		}
		p.Variants = all
	}
	for _, text := range o.variants {
		v, err := comparison.ParseVariant(text)
		if err != nil {
			return nil, err
		}
		p.Variants = append(p.Variants, v)
	}
	switch {
	case o.seeds < 1 || o.seeds > 1000:
		return nil, fmt.Errorf("--seeds %d: from 1 to 1000", o.seeds)
	case o.workers < 1:
		return nil, fmt.Errorf("--workers %d: at least 1", o.workers)
	case base.Data.Valid == "":
		return nil, errors.New("data.valid: nothing is held out, and variants are compared by what they say of that; name a set")
	}
	if err := wantPath("--out", o.out); err != nil {
		return nil, err
	}
	for i := range o.seeds {
		p.Seeds = append(p.Seeds, base.Seed+uint64(i))
	}
	if o.shares == nil {
		p.Shares = []float64{base.Data.Share}
	}
	slices.Sort(p.Shares)
	p.Shares = slices.Compact(p.Shares)
	if err := p.Check(); err != nil {
		return nil, err
	}
	return p, p.CheckSets(o.run.set)
}
