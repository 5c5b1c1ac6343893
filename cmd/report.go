package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/web"
)

func newReport() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "report DIRECTORY…",
		Short: "Write runs as one HTML file that opens from disk",
		Long: fmt.Sprintf(`Writes what runs have left in their checkpoint directories as one HTML file: the status page with its charts,
evaluations and what they show, the network and how its layers fared, events, checkpoints and run files, and of several
runs the tab Runs. The file opens from disk, without a network, and asks nobody for anything. It takes less than 5 MB: a
long history is kept in buckets with their smallest and largest values, so that no spike is lost, of very many
evaluations, events and checkpoints the newest are kept, and networks and what evaluations show as far as there is
room. What is left out is said. A report has up to %d runs.`, web.MaxReportRuns),
		Example: `  rondo report runs/a --out a.html
  rondo report runs/a runs/b --out both.html`,
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
			if len(dirs) > web.MaxReportRuns {
				return &usageError{fmt.Errorf("%d directories: a report has up to %d runs", len(dirs), web.MaxReportRuns)}
			}
			library, err := past.OpenAll(dirs, time.Now)
			if err != nil {
				return err
			}
			left, err := writeReport(out, library)
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
	c.Flags().StringVarP(&out, "out", "o", "report.html", "`FILE` for the report")
	return c
}

// writeReport puts a report in the place of a file once it is whole.
func writeReport(path string, l *past.Library) (left []string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return nil, err
	}
	left, err = web.WriteReport(f, l, time.Now())
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	return left, nil
}
