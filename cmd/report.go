package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/web"
	"github.com/rondo-ml/rondo/worker/machine"
)

func newReport() *cobra.Command {
	var (
		out, data string
		look      bool
	)
	c := &cobra.Command{
		Use:   "report DIRECTORY…",
		Short: "Write runs as one HTML file that opens from disk",
		Long: fmt.Sprintf(`Writes what runs have left in their checkpoint directories as one HTML file: the status page with its charts,
evaluations and what they show, the network and how its layers fared, events, checkpoints and run files, and of several
runs the tab Runs. Where the newest checkpoint can be read it has what Look inside shows first: filters, feature maps of four
samples and the strongest patches of a few channels, or a text colored by its liveliest cells; and of the projector 1,000 points at
most, laid out by PCA, UMAP and t-SNE. That takes up to two minutes for a run, and --look=false leaves it out. The file opens from disk, without a network, and asks nobody for anything. It takes less than 5 MB: a
long history is kept in buckets with their smallest and largest values, so that no spike is lost, of very many
evaluations, events and checkpoints the newest are kept, and networks, what evaluations show and looks inside as far as
there is room. What is left out is said. A report has up to %d runs.`, web.MaxReportRuns),
		Example: `  rondo report runs/a --out a.html
  rondo report runs/a runs/b --out both.html
  rondo report runs/mnist --data mnist/valid`,
		Args: args(1, -1, "one or more checkpoint directories"),
		RunE: func(c *cobra.Command, dirs []string) error {
			for _, dir := range dirs {
				if err := wantPlace("the directory", dir); err != nil {
					return err
				}
			}
			if err := wantPath("--out", out); err != nil {
				return err
			}
			if err := wantSet("--data", data); err != nil {
				return err
			}
			if len(dirs) > web.MaxReportRuns {
				return &usageError{fmt.Errorf("%d directories: a report has up to %d runs", len(dirs), web.MaxReportRuns)}
			}
			library, err := past.OpenAll(dirs, time.Now)
			if err != nil {
				return err
			}
			ctx, cancel := onSignal(c.Context(), voice{w: c.ErrOrStderr()}, func() {})
			defer cancel()
			var looks web.Lookers
			if look {
				looks = web.Lookers{Inside: lookFor(ctx, inside.Options{Threads: machine.Threads(), Data: data}), Points: pointsFor(ctx, machine.Threads(), data)}
			}
			left, err := writeReport(ctx, out, library, looks)
			if errors.Is(err, context.Canceled) {
				return &exitError{exitStopped, errors.New("interrupted; no report was written")}
			}
			if err != nil {
				return fmt.Errorf("--out: %w", err)
			}
			for _, what := range left {
				fmt.Fprintln(c.ErrOrStderr(), what)
			}
			fmt.Fprintln(c.OutOrStdout(), out)
			return nil
		},
	}
	c.Flags().StringVar(&data, "data", "", "`SET` whose samples are looked at; empty: the one that the run was evaluated on")
	c.Flags().BoolVar(&look, "look", true, "also what the networks have learnt")
	c.Flags().StringVarP(&out, "out", "o", "report.html", "`FILE` for the report")
	return c
}

// lookFor looks into the networks of runs for a report.
func lookFor(ctx context.Context, o inside.Options) web.Looker {
	return func(run api.Run, room int) (answers []web.LookAnswer, left []string) {
		list, left, err := inside.Keep(ctx, run, o, room)
		if err != nil {
			left = append(left, err.Error())
		}
		for i := range left {
			left[i] = "look inside: " + left[i]
		}
		for _, k := range list {
			answers = append(answers, web.LookAnswer(k))
		}
		return answers, left
	}
}

// writeReport puts a report in the place of a file once it is whole, unless it was interrupted.
func writeReport(ctx context.Context, path string, l *past.Library, look web.Lookers) (left []string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return nil, insteadOf(path, err)
	}
	left, err = web.WriteReport(f, l, look, time.Now())
	err = errors.Join(err, ctx.Err(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	return left, nil
}
