package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// benchOptions are the flags of `rondo bench`.
type benchOptions struct {
	json    bool
	quick   bool
	only    []string
	workers int
	ring    string
}

// benchParts is what there is to measure.
var benchParts = []string{"machine", "kernels", "ring"}

func newBench() *cobra.Command {
	var o benchOptions
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure this machine: its ceiling, the kernels, memory, a ring of processes",
		Long: `Measures what this machine can do and what Rondo makes of it: the ceiling (fused multiply-adds out of
registers alone), the bandwidth of memory, the share of either that each kernel reaches, and the sum of
buckets around a ring of local processes. It takes about 30 seconds; other work on the machine shows.`,
		Example: `  rondo bench
  rondo bench --only ring --workers 4 --json`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, a []string) error {
			if err := o.validate(); err != nil {
				return &usageError{err}
			}
			return (&benching{options: o, out: c.OutOrStdout(), errout: c.ErrOrStderr()}).run(c.Context())
		},
	}
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "print JSON instead of a table (its fields are in docs/bench/README.md)")
	f.BoolVar(&o.quick, "quick", false, "take about 5 seconds, and rougher figures")
	f.StringSliceVar(&o.only, "only", benchParts, "what to measure, separated by commas")
	f.IntVarP(&o.workers, "workers", "n", 2, "processes of the ring")
	f.StringVar(&o.ring, "ring", "unix", "how they reach each other: unix (sockets) or tcp (TLS over loopback)")
	return c
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
