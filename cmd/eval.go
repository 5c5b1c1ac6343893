package cmd

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

func newEval() *cobra.Command {
	var (
		data    string
		batches int
		threads int
		classes bool
	)
	c := &cobra.Command{
		Use:   "eval DIR --data SET",
		Short: "Measure a trained model on held-out data",
		Long: `Loads the newest checkpoint in DIR (or the checkpoint that DIR is) and prints the mean loss on a
shard set or on generated images, and what the task measures: how many images are right, mean IoU, error rates, and of
a classifier the expected calibration error (Guo et al. 2017, 15 bins): how far it is from being right as often as it
is sure. A text is cut into rows as in training, so the figures are those that the run itself printed.`,
		Example: `  rondo eval runs/go-source --data shards/go-source/valid
  rondo eval runs/membrane --data membrane/valid --classes
  rondo eval runs/lenet5 --data 'generated:valid?count=2000'`,
		Args: oneDirectory,
		RunE: func(c *cobra.Command, a []string) error {
			if data == "" {
				return &usageError{fmt.Errorf("%s needs --data SET, as shards/valid", c.CommandPath())}
			}
			switch {
			case batches < 0:
				return &usageError{fmt.Errorf("--batches %d: at least 0", batches)}
			case threads < 1 || threads > worker.MaxThreads:
				return &usageError{fmt.Errorf("--threads %d: from 1 to %d", threads, worker.MaxThreads)}
			}
			found, kind, err := evaluate(c, a[0], data, batches, threads)
			if err != nil {
				return err
			}
			if classes {
				return printClassTable(c.OutOrStdout(), found, classNames(data, kind))
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&data, "data", "", "`SET` to measure on: shards, or generated images")
	f.IntVar(&batches, "batches", 0, "batches to measure; 0 for all")
	f.BoolVar(&classes, "classes", false, "also print how well each class is told, and which is taken for which")
	f.IntVar(&threads, "threads", machine.Threads(), "goroutines that compute")
	_ = c.MarkFlagDirname("data")
	return c
}

// evaluate measures the newest checkpoint of a directory on a set and prints what it found; kind is that of its task.
func evaluate(c *cobra.Command, dir, data string, batches, threads int) (found worker.Measured, kind string, err error) {
	if err := wantPlace("--data", data); err != nil {
		return found, "", err
	}
	m, dir, err := findCheckpoint(dir)
	if err != nil {
		return found, "", err
	}
	model, err := worker.LoadModel(dir, m)
	if err != nil {
		return found, "", err
	}
	f, err := worker.FileOf(m)
	if err != nil {
		return found, "", err
	}
	if err := worker.CheckNumbering(m, f, data); err != nil {
		return found, "", err
	}
	f.Eval.Batches = batches
	if found, err = worker.Evaluate(model, f, data, threads); err != nil {
		return found, "", err
	}
	fmt.Fprintf(c.OutOrStdout(), "%s, checkpoint of step %d\n", measuredText(f, found), m.Step)
	if found.Unreachable != nil {
		voice{w: c.ErrOrStderr()}.say(slog.LevelWarn, fmt.Sprintf("the loss is infinite: %v", found.Unreachable))
	}
	return found, f.Task.Kind, nil
}

// measuredText says what an evaluation found.
func measuredText(f *runfile.File, m worker.Measured) string {
	text := plainText(m.Loss, 5)
	if f.LossInBits() {
		text = fmt.Sprintf("%.4f bits/%s (%.4f nats)", nn.BitsPerTarget(m.Loss, 1), f.Sample(), m.Loss)
	}
	for _, figure := range m.Figures {
		text += ", " + figureText(figure.Name, figure.Value, figure.Unit)
	}
	for _, whole := range m.Whole {
		if c, ok := whole.(*measure.Calibration); ok {
			text += fmt.Sprintf(", calibration error %s", ratio(c.Error()))
		}
	}
	return fmt.Sprintf("%s over %d %ss", text, m.Targets, f.Sample())
}
