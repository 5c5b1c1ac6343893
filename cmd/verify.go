package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func newVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify DIR",
		Short: "Read a shard set or a run's checkpoints whole and check every sum",
		Args:  args(1, 1, "one directory"),
		RunE: func(c *cobra.Command, a []string) error {
			if holdsCheckpoints(a[0]) {
				return verifyCheckpoints(c, a[0])
			}
			report, err := shard.Verify(a[0])
			for _, s := range report.Sets {
				fmt.Fprintf(c.OutOrStdout(), "%s: %s, %d shards, %d blocks, %d records, %s, hash %s\n",
					s.Dir, s.Kind, s.Shards, s.Blocks, s.Records, bytesText(s.Size), s.Hash)
			}
			if err == nil {
				fmt.Fprintln(c.OutOrStdout(), "whole")
			}
			return err
		},
	}
}

// holdsCheckpoints says whether dir is a checkpoint or a directory of them.
func holdsCheckpoints(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err == nil {
		return true
	}
	found, _ := filepath.Glob(filepath.Join(dir, "step-*"))
	return len(found) > 0
}

func verifyCheckpoints(c *cobra.Command, dir string) error {
	dirs, _ := filepath.Glob(filepath.Join(dir, "step-*"))
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err == nil {
		dirs = []string{dir}
	}
	var failed error
	whole := 0
	for _, d := range dirs {
		m, err := checkpoint.Open(checkpoint.OS{}, d)
		if errors.Is(err, checkpoint.ErrNone) {
			fmt.Fprintf(c.OutOrStdout(), "%s: not committed; it is passed over\n", d)
			continue
		}
		if err == nil {
			_, err = checkpoint.Load(checkpoint.OS{}, filepath.Dir(d), m)
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		whole++
		fmt.Fprintf(c.OutOrStdout(), "%s: whole, digest %s\n", d, m.Digest)
	}
	if failed == nil && whole == 0 {
		return fmt.Errorf("%s: %w", dir, checkpoint.ErrNone)
	}
	return failed
}
