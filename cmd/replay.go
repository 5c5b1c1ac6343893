package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

func newReplay() *cobra.Command {
	var (
		run             runFlags
		step            int
		threads, passes int
	)
	c := &cobra.Command{
		Use:   "replay RUN.yaml --step STEP",
		Short: "Compute a step of a run again, and compare",
		Long: `Computes steps again, in one process: from the newest checkpoint of the run that has fewer of them,
or from the beginning, until STEP are done, with the learning rates that were set by ` + "`rondo lr`" + ` at their steps. It prints the digest
of the state after them, which is that of a checkpoint of it, and compares it with the run's own checkpoint of that step, and
with the marks of the weights that the run made on the way (watch.every). Exit status 1 when they differ: then the run
file, the data, a machine or this program was not the same. Where the run has left neither, nothing is compared, which the
output says, with the nearest step that has a mark; the exit status is 0.`,
		Example: `  rondo replay run.yaml --step 4800`,
		Args:    args(1, 1, "one run file"),
		RunE: func(c *cobra.Command, a []string) error {
			f, err := run.load(a[0])
			if err != nil {
				return err
			}
			switch {
			case step < 1 || step > f.Steps:
				return &usageError{fmt.Errorf("--step %d: from 1 to steps = %d", step, f.Steps)}
			case threads < 1 || threads > worker.MaxThreads:
				return &usageError{fmt.Errorf("--threads %d: from 1 to %d", threads, worker.MaxThreads)}
			case passes < 1 || passes > f.Batch.Lanes:
				return &usageError{fmt.Errorf("--passes %d: from 1 to batch.lanes = %d", passes, f.Batch.Lanes)}
			}
			if err := worker.CheckPasses(f, passes); err != nil {
				return &usageError{err}
			}
			if err := f.HashWeights(); err != nil {
				return err
			}
			r, err := worker.ReplaySteps(c.Context(), worker.ReplayConfig{File: f, Step: uint64(step), Threads: threads, Passes: passes,
				Began: func(from uint64) {
					fmt.Fprintf(c.ErrOrStderr(), "from step %d to %d\n", from, step)
				}})
			if err != nil {
				return err
			}
			return tellReplay(c, r, f.LossInBits(), f.Sample())
		},
	}
	run.addSet(c)
	f := c.Flags()
	f.IntVar(&step, "step", 0, "`STEP`S that are done at the end, as a checkpoint's name counts them")
	f.IntVar(&threads, "threads", machine.Threads(), "goroutines that compute")
	f.IntVar(&passes, "passes", 1, "compute the lanes in so many passes, for less memory")
	_ = c.MarkFlagRequired("step")
	return c
}

// tellReplay prints what came of it.
func tellReplay(c *cobra.Command, r *worker.Replay, bits bool, sample string) error {
	out := c.OutOrStdout()
	loss := plainText(r.Loss, 5)
	if bits {
		loss = fmt.Sprintf("%s bits/%s", bitsText(nn.BitsPerTarget(r.Loss, 1), 4), sample)
	}
	fmt.Fprintf(out, "step %d, %s after %d: loss %s, lr %s\n", r.Step, countText(int64(r.Step-r.From), "step"), r.From, loss, lrText(r.LR))
	fmt.Fprintf(out, "digest %s\n", r.Digest)
	if text := r.Differs(); text != "" {
		return fmt.Errorf("replay: %s", text)
	}
	if r.Recorded != "" {
		fmt.Fprintf(out, "equal to the run's checkpoint of that step\n")
	}
	if n := len(r.Marks); n > 0 {
		fmt.Fprintf(out, "equal to the run's weights at %s on the way\n", countText(n, "mark"))
	}
	if r.Recorded == "" && len(r.Marks) == 0 {
		text := "the run has left nothing of these steps to compare with"
		if at := r.Nearest(); at > 0 {
			text += fmt.Sprintf("; the nearest step with a mark of its weights is %d: --step %[1]d", at)
		}
		fmt.Fprintln(out, text)
	}
	if r.Known < r.Step {
		fmt.Fprintf(out, "the run has told of itself up to step %d; learning rates set behind it are not known\n", r.Known)
	}
	return nil
}
