package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// chaosOptions are the flags of `rondo chaos`.
type chaosOptions struct {
	train  trainOptions
	faults string
	every  time.Duration
	lasts  time.Duration
	seed   uint64
	calm   string

	kinds      []string
	calmDigest string // given, not computed
	calmStep   uint64 // 0: at the run's end
}

func newChaos() *cobra.Command {
	var o chaosOptions
	var about strings.Builder
	for _, f := range faultKinds {
		fmt.Fprintf(&about, "  %-7s%s\n", f.name, f.about)
	}
	c := &cobra.Command{
		Use:   "chaos RUN.yaml --workers N",
		Short: "Prove on your own run that failures change no bits",
		Long: `Trains twice on this machine: in peace, and while workers are killed, frozen, cut off, sent away and added.
At the end it compares the digests. Exit status 1 when they differ, or when no fault came.

` + about.String() + `
Faults come every so often, give or take half of it, and --seed says which and when: the same seed gives the same
again, but not at the same moment of a step. What was killed is started again at once. Checkpoints go to checkpoint.dir with
-calm and -chaos behind it. --calm takes the digest that an earlier trial has printed, and leaves out the calm run.`,
		Example: `  rondo chaos run.yaml --workers 4 --every 10s
  rondo chaos run.yaml --workers 4 --faults kill,two,stop --every 20s --seed 7 --for 5m`,
		Args: args(1, 1, "one run file"),
		RunE: func(c *cobra.Command, a []string) error {
			if err := o.parse(c.Flags().Changed("seed")); err != nil {
				return &usageError{err}
			}
			outputAside(c)
			return o.run(c.Context(), a[0], c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	o.train.run.addSet(c)
	o.train.workers = oneWorker()
	o.train.statusGiven = true // no other address will do
	f := c.Flags()
	f.VarP(&o.train.workers, "workers", "n", "worker processes; leave and join go from half of them to two more, or within 2..6")
	o.train.addWorkerFlags(f)
	f.StringVar(&o.train.status, "status-addr", "", "`HOST:PORT` of the status page; empty: none")
	f.StringVar(&o.faults, "faults", usualFaults, "`KINDS` of faults, with commas between")
	f.DurationVar(&o.every, "every", 20*time.Second, "time from fault to fault, on average")
	f.DurationVar(&o.lasts, "for", 0, "stop the calm run after so long, and the other at the same step; faults come for so long; 0: train to the end")
	f.Uint64Var(&o.seed, "seed", 0, "seed of the faults; without it one is drawn")
	f.StringVar(&o.calm, "calm", "", "`DIGEST[@STEP]` of the calm run, known from before")
	return c
}

// parse checks the flags.
func (o *chaosOptions) parse(seeded bool) (err error) {
	if o.kinds, err = parseFaults(o.faults); err != nil {
		return err
	}
	if o.every < 10*time.Millisecond || o.lasts < 0 {
		return fmt.Errorf("--every %v, --for %v: want times such as 20s and 5m; --every is at least 10ms", o.every, o.lasts)
	}
	if !seeded {
		o.seed = rand.Uint64() >> 33 // short enough to copy
	}
	if o.calm == "" {
		return nil
	}
	digest, at, partial := strings.Cut(o.calm, "@")
	if partial {
		o.calmStep, err = strconv.ParseUint(at, 10, 63)
	}
	if err != nil || len(digest) != 64 || strings.Trim(digest, "0123456789abcdef") != "" || partial && o.calmStep == 0 {
		return fmt.Errorf("--calm %q: want what %[2]s chaos or %[2]s digest prints: 64 hexadecimal digits, and @STEP where it is of a step before the end", o.calm, program.Name())
	}
	if o.lasts > 0 {
		return errors.New("--for and --calm: the run goes as far as the calm one did; leave --for out")
	}
	return nil
}

// run trains in peace, then under faults, and compares.
func (o *chaosOptions) run(ctx context.Context, path string, out, errout io.Writer) error {
	calm, err := o.prepare(path, "-calm", out, errout)
	if err != nil {
		return err
	}
	stormy, err := o.prepare(path, "-chaos", out, errout)
	if err != nil {
		return err
	}
	stormy.chaos.plan = newFaultPlan(o.seed, o.kinds, o.every)
	if o.calmDigest, _, _ = strings.Cut(o.calm, "@"); o.calmDigest == "" {
		fmt.Fprintf(out, "in peace, %s\n", countText(o.train.workers.start(), "worker"))
		if err := calm.run(ctx); err != nil {
			return err
		}
		o.calmDigest = calm.chaos.result.Digest
		if calm.chaos.result.ExitCode != 0 {
			o.calmStep = calm.chaos.result.Step
		}
	}
	stormy.chaos.until = o.calmStep
	fmt.Fprintf(out, "under faults (%s), seed %d\n", strings.Join(o.kinds, ", "), o.seed)
	if err := stormy.run(ctx); err != nil {
		return fmt.Errorf("under faults, seed %d: %w", o.seed, err)
	}
	return o.compare(out, calm.chaos, stormy.chaos)
}

// prepare makes one of the two runs, with a directory of its own.
func (o *chaosOptions) prepare(path, suffix string, out, errout io.Writer) (*training, error) {
	f, err := o.train.run.load(path)
	if err != nil {
		return nil, err
	}
	dir := f.Checkpoint.Dir + suffix
	if found, err := os.ReadDir(dir); err == nil && len(found) > 0 && (suffix == "-chaos" || o.calm == "") {
		return nil, fmt.Errorf("%s holds something, from an earlier trial perhaps: remove it, or give another --set checkpoint.dir=DIR", dir)
	}
	options := o.train
	options.run.set = append(append([]string{}, options.run.set...), "checkpoint.dir="+dir)
	if f, err = options.run.load(path); err != nil {
		return nil, err
	}
	if err := options.validate(f); err != nil {
		return nil, &usageError{err}
	}
	return &training{file: f, path: path, options: options, level: slog.LevelError, out: out, errout: errout,
		chaos: &chaosRun{quiet: o.lasts, bound: o.bound(f)}}, nil
}

// bound is how far leave and join go.
func (o *chaosOptions) bound(f *runfile.File) workersBound {
	w := o.train.workers
	if w.ranged {
		return workersBound{w.least, w.most}
	}
	return workersBound{max(1, w.most/2), min(w.most+2, f.Batch.Lanes)}
}

// compare prints what came of the two runs.
func (o *chaosOptions) compare(out io.Writer, calm, stormy *chaosRun) error {
	counts := map[string]int{}
	for _, f := range stormy.meter.taken {
		counts[f.kind]++
	}
	var each []string
	for _, f := range faultKinds {
		if n := counts[f.name]; n > 0 {
			each = append(each, fmt.Sprintf("%s %d", f.name, n))
		}
	}
	fmt.Fprintf(out, "\nfaults       %d (%s), seed %d\n", len(stormy.meter.taken), cmp.Or(strings.Join(each, ", "), "none"), o.seed)
	fmt.Fprintf(out, "goodput      %s\n", goodputText(calm.meter.rate(), stormy.meter.rate()))
	if all := stormy.meter.recoveries(); len(all) > 0 {
		fmt.Fprintf(out, "recoveries   from a fault to the next step of a newer ring: median %v, p99 %v\n",
			quantile(all, 0.5).Round(time.Millisecond), quantile(all, 0.99).Round(time.Millisecond))
	}
	fmt.Fprintf(out, "pauses       between two steps at most %v", stormy.meter.longest.Round(time.Millisecond))
	if calm.meter.longest > 0 {
		fmt.Fprintf(out, "; in peace %v", calm.meter.longest.Round(time.Millisecond))
	}
	known := o.calmDigest
	if o.calmStep > 0 {
		known += "@" + strconv.FormatUint(o.calmStep, 10)
	}
	fmt.Fprintf(out, "\ncalm         %s\nchaos        %s\n", known, stormy.result.Digest)
	switch {
	case stormy.result.Digest != o.calmDigest:
		return fmt.Errorf("the digests differ (seed %d): the run is not what it promises; please report it, with the logs of both directories", o.seed)
	case len(stormy.meter.taken) == 0:
		return errors.New("no fault came before the run's end, so nothing is proved: give a shorter --every, or more steps")
	}
	fmt.Fprintln(out, "the same bits")
	return nil
}

// goodputText compares steps a second.
func goodputText(calm, stormy float64) string {
	if calm == 0 {
		return fmt.Sprintf("%.1f steps/s", stormy)
	}
	return fmt.Sprintf("%.1f %% (%.1f steps/s, in peace %.1f)", 100*stormy/calm, stormy, calm)
}
