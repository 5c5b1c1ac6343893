package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func newAudit() *cobra.Command {
	var (
		run   runFlags
		steps int
	)
	c := &cobra.Command{
		Use:   "audit RUN.yaml",
		Short: "Prove that a run has used each sample once an epoch",
		Long: `Goes through the steps of a run up to its newest checkpoint, as its lanes do, and counts which samples
(of a text: which bytes, each with the one after it) they use: each once in an epoch, none twice, none left out, whatever
workers came and went. Which they are is a function of the run file, the data and the step; the data must be those that
the checkpoint was made with. The journal beside the checkpoints says which worker had which lanes from which step on:
each lane must have had one. Exit status 1 names the first sample, or the first lane, of which that is not so.`,
		Example: `  rondo audit run.yaml
  rondo audit run.yaml --set checkpoint.dir=runs/second`,
		Args: args(1, 1, "one run file"),
		RunE: func(c *cobra.Command, a []string) error {
			f, err := run.load(a[0])
			if err != nil {
				return err
			}
			if steps < 0 {
				return &usageError{fmt.Errorf("--steps %d: at least 0", steps)}
			}
			return auditRun(c, f, uint64(steps))
		},
	}
	run.addSet(c)
	c.Flags().IntVar(&steps, "steps", 0, "go through so many steps; 0: up to the newest checkpoint")
	return c
}

func auditRun(c *cobra.Command, f *runfile.File, steps uint64) error {
	if err := f.HashWeights(); err != nil {
		return err
	}
	data, err := worker.OpenData(f, f.Data.Train)
	if err != nil {
		return fmt.Errorf("data.train: %w", err)
	}
	dir, out := f.Checkpoint.Dir, c.OutOrStdout()
	m, _, err := checkpoint.Newest(checkpoint.Files{}, dir)
	switch {
	case err == nil:
		if err := m.Check(f.Bits(), data.Hash()); err != nil {
			return err
		}
		if steps == 0 {
			steps = m.Step
		}
	case !errors.Is(err, checkpoint.ErrNone):
		return err
	case steps == 0:
		return fmt.Errorf("checkpoint.dir: %w; --steps says how many steps to go through", err)
	}
	found, err := worker.AuditData(c.Context(), f, data, int(steps))
	if err != nil {
		return fmt.Errorf("data.train %s: %w", f.Data.Train, err)
	}
	fmt.Fprintf(out, "%s of %s on %s: %s in an epoch, %d uses\n", countText(found.Steps, "step"), countText(found.Lanes, "lane"),
		f.Data.Train, countText(found.Items, f.Sample()), found.Uses)
	fmt.Fprintln(out, auditText(found, f.Sample()))
	journal, err := checkpoint.ReadJournal(dir)
	if err != nil {
		return err
	}
	from, views, err := checkpoint.Owners(journal, f.Batch.Lanes, steps)
	switch {
	case err != nil:
		return err
	case views == 0:
		fmt.Fprintf(out, "%s holds no journal: who had the lanes is not known\n", dir)
	default:
		fmt.Fprintf(out, "each lane had one worker from step %d on, in %s\n", from, countText(views, "view"))
	}
	return nil
}

// auditText says how often the samples of each epoch were used.
func auditText(a worker.Audit, sample string) string {
	text := ""
	if a.Epochs > 0 {
		text = fmt.Sprintf("each %s was used once in each of %s", sample, countText(a.Epochs, "whole epoch"))
	}
	if a.Part > 0 {
		part := fmt.Sprintf("%d of %s were used once in the epoch under way", a.Part, countText(a.Items, sample))
		if text == "" {
			return part
		}
		text += ", and " + part
	}
	if text == "" {
		return "nothing was used"
	}
	return text
}
