package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/bench"
)

// benchOptions are the flags of `rondo bench`.
type benchOptions struct {
	json    bool
	quick   bool
	only    []string
	workers int
	ring    string
	run     runFlags
	plan    []int
	models  bool
	out     string // directory of pictures
	cluster clusterFlags
}

// benchParts is what there is to measure.
var benchParts = []string{"machine", "kernels", "ring"}

func newBench() *cobra.Command {
	var o benchOptions
	c := &cobra.Command{
		Use:   "bench [RUN.yaml --nodes N --cores C --network 10Gbit | --models [KIND…]]",
		Short: "Measure this machine; predict what a run would take on a cluster",
		Long: `Measures what this machine can do and what Rondo makes of it: the ceiling (fused multiply-adds out of
registers alone), the bandwidth of memory, the share of either that each kernel reaches, and the sum of
buckets around a ring of local processes. It takes about 30 seconds; other work on the machine shows.

With a run file it measures that run's own step here instead, on a text of its own, and predicts the step, the
time and the cost of the run on 1 to N nodes of a described cluster, a worker on each.

With --plan the batch grows with the cluster instead: every node computes the whole batch of the run file. The
plan says step, efficiency, memory, time and cost for each size of the cluster, with float32 and bf16 on the
wire, and where scaling bends, and why. A step too long to be measured here is extrapolated from its first lanes.

With --models it measures networks of the zoo at inference, one sample at a time: all whose accuracy on ImageNet
is published, or the KINDs that are named. --out draws that accuracy against images a second here, and against
multiply-adds, as models-speed and models-operations (.png and .svg).`,
		Example: `  rondo bench
  rondo bench --only ring --workers 4 --json
  rondo bench run.yaml --nodes 8 --cores 16 --network 10Gbit --latency 50us --price 0.40/h
  rondo bench run.yaml --plan 8,32,128,1024 --cores 32 --network 25Gbit
  rondo bench --models resnet18 mobilenetv2 --out pictures`,
		Args: func(c *cobra.Command, given []string) error {
			if o.models {
				return nil
			}
			return args(0, 1, "nothing or one run file")(c, given)
		},
		RunE: func(c *cobra.Command, a []string) error {
			b := &benching{options: o, out: c.OutOrStdout(), errout: c.ErrOrStderr()}
			if o.models {
				kinds, err := o.modelKinds(c, a)
				if err != nil {
					return &usageError{err}
				}
				return b.run(c.Context(), func(ctx context.Context) (bench.Report, error) { return b.measureModels(ctx, kinds) })
			}
			if err := o.mixed(c, len(a) > 0); err != nil {
				return &usageError{err}
			}
			if len(a) == 0 {
				if err := o.validate(); err != nil {
					return &usageError{err}
				}
				return adviseTCP(b.run(c.Context(), b.measure))
			}
			f, err := o.run.load(a[0])
			if err != nil {
				return err
			}
			p := &prediction{benching: b, file: f}
			if p.cluster, err = o.cluster.parse(f); err != nil {
				return &usageError{err}
			}
			p.local = p.cluster.Network == 0
			if len(o.plan) == 0 {
				return b.run(c.Context(), p.measure)
			}
			if p.plan, err = parsePlan(o.plan); err == nil {
				err = o.plannable(o.cluster.nodes)
			}
			if err != nil {
				return &usageError{err}
			}
			return b.run(c.Context(), p.measurePlan)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "print JSON instead of a table (its fields are in docs/bench/README.md)")
	f.BoolVar(&o.quick, "quick", false, "take about 5 seconds, and rougher figures")
	f.StringSliceVar(&o.only, "only", benchParts, "what to measure, separated by commas")
	f.IntVarP(&o.workers, "workers", "n", 2, "processes of the ring")
	f.StringVar(&o.ring, "ring", "unix", "how they reach each other: unix (sockets) or tcp (TLS over loopback)")
	f.StringArrayVar(&o.run.set, "set", nil, "override one field of the run file, or with --models of each kind, as `batch.lanes=4` (may be given several times)")
	f.IntSliceVar(&o.plan, "plan", nil, "plan clusters of so many nodes, as `8,32,128`, each node with the whole batch")
	f.BoolVar(&o.models, "models", false, "measure networks of the zoo at inference")
	f.StringVar(&o.out, "out", "", "with --models, the `DIR` that pictures are drawn to")
	o.cluster.add(c)
	return c
}

// modelKinds are the kinds that --models measures. Flags of other measurements are refused.
func (o *benchOptions) modelKinds(c *cobra.Command, given []string) ([]string, error) {
	for _, name := range append([]string{"only", "workers", "ring", "quick", "plan"}, clusterFlagNames...) {
		if c.Flags().Changed(name) {
			return nil, fmt.Errorf("--%s: does not go with --models", name)
		}
	}
	if o.out != "" {
		if err := wantWritable(o.out); err != nil {
			return nil, fmt.Errorf("--out: %w", err)
		}
	}
	kinds, err := benchedKinds(given, o.run.set)
	if err == nil && o.out != "" && len(o.run.set) > 0 {
		return nil, errors.New("--out: --set makes other networks of the kinds, whose accuracies are not published; leave it out to draw")
	}
	if err == nil && o.out != "" && !slices.ContainsFunc(kinds, rated) {
		err = errors.New("--out: of none of these kinds an accuracy on ImageNet is published, against which to draw")
	}
	return kinds, err
}

// mixed refuses flags of the machine with a run file, and those of a cluster without one.
func (o *benchOptions) mixed(c *cobra.Command, run bool) error {
	if o.out != "" {
		return errors.New("--out: is for --models")
	}
	if run {
		for _, name := range []string{"only", "workers", "ring"} {
			if c.Flags().Changed(name) {
				return fmt.Errorf("--%s: is not for a run file; leave out one or the other", name)
			}
		}
		return nil
	}
	for _, name := range append([]string{"set", "plan"}, clusterFlagNames...) {
		if c.Flags().Changed(name) {
			return fmt.Errorf("--%s: needs the run file that is to be predicted; give RUN.yaml", name)
		}
	}
	return nil
}

// maxRing bounds the processes of a ring: each holds its bucket twice.
const maxRing = 64

func (o *benchOptions) validate() error {
	for _, part := range o.only {
		if !slices.Contains(benchParts, part) {
			return fmt.Errorf("--only %q: %s are allowed", part, strings.Join(benchParts, ", "))
		}
	}
	switch {
	case len(o.only) == 0:
		return errors.New("--only: nothing to measure; " + strings.Join(benchParts, ", ") + " are allowed")
	case o.workers < 2 || o.workers > maxRing:
		return fmt.Errorf("--workers %d: from 2 to %d", o.workers, maxRing)
	case o.ring != "unix" && o.ring != "tcp":
		return fmt.Errorf("--ring %q: unix and tcp are allowed", o.ring)
	}
	return nil
}

func (o *benchOptions) measures(part string) bool { return slices.Contains(o.only, part) }

// budget is about how long one measurement takes.
func (o *benchOptions) budget() time.Duration {
	if o.quick {
		return 50 * time.Millisecond
	}
	return 400 * time.Millisecond
}

// ringBudget is the same for one size of bucket.
func (o *benchOptions) ringBudget() time.Duration { return 4 * o.budget() }
