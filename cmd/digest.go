package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func newDigest() *cobra.Command {
	return &cobra.Command{
		Use:   "digest DIR",
		Short: "Print the SHA-256 of a run's newest checkpoint, alone on a line",
		Long: `Prints the digest of the newest checkpoint in DIR (or of the checkpoint that DIR is): SHA-256,
hexadecimal, over all that it holds. Everything is read and checked on the way.
Two runs that are the same function have the same digest.`,
		Args: oneDirectory,
		RunE: func(c *cobra.Command, a []string) error {
			m, dir, err := findCheckpoint(a[0])
			if err != nil {
				return err
			}
			if err := checkpoint.Verify(checkpoint.Files{}, objects.Dir(dir), m); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), m.Digest)
			return nil
		},
	}
}

// findCheckpoint opens the checkpoint at dir, or the newest below it.
func findCheckpoint(dir string) (*checkpoint.Manifest, string, error) {
	if runfile.Stored(dir) {
		if m, err := checkpoint.Open(checkpoint.Files{}, dir); err == nil || !errors.Is(err, checkpoint.ErrNone) {
			return m, dir, err
		}
		return checkpoint.Newest(checkpoint.Files{}, dir)
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, "", fmt.Errorf("no checkpoint: %w", err)
	}
	if isCheckpoint(dir) {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return nil, "", err
		}
		m, err := checkpoint.Open(checkpoint.Files{}, dir)
		return m, dir, err
	}
	return checkpoint.Newest(checkpoint.Files{}, dir)
}
