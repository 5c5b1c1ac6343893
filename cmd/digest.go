package cmd

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

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
			if err := checkpoint.Verify(checkpoint.OS{}, filepath.Dir(dir), m); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), m.Digest)
			return nil
		},
	}
}

// findCheckpoint opens the checkpoint at dir, or the newest below it.
func findCheckpoint(dir string) (*checkpoint.Manifest, string, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, "", fmt.Errorf("no checkpoint: %w", err)
	}
	if isCheckpoint(dir) {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return nil, "", err
		}
		m, err := checkpoint.Open(checkpoint.OS{}, dir)
		return m, dir, err
	}
	return checkpoint.Newest(checkpoint.OS{}, dir)
}
