package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func newVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify DIR",
		Short: "Read a shard set or a run's checkpoints whole and check every sum",
		Args:  oneDirectory,
		RunE: func(c *cobra.Command, a []string) error {
			if holdsCheckpoints(a[0]) {
				return verifyCheckpoints(c, a[0])
			}
			report, err := shard.Verify(a[0])
			for _, s := range report.Sets {
				fmt.Fprintf(c.OutOrStdout(), "%s: %s, %s, %s, %s, %s, hash %s\n", s.Dir, s.Kind, countText(s.Shards, "shard"),
					countText(s.Blocks, "block"), countText(s.Records, "record"), bytesText(s.Size), s.Hash)
			}
			if err == nil {
				fmt.Fprintln(c.OutOrStdout(), "whole")
			}
			return err
		},
	}
}

// isCheckpoint says whether dir is one committed checkpoint.
func isCheckpoint(dir string) bool {
	if runfile.Stored(dir) {
		_, err := checkpoint.Open(checkpoint.Files{}, dir)
		return !errors.Is(err, checkpoint.ErrNone)
	}
	_, err := os.Stat(filepath.Join(dir, "manifest.json"))
	return err == nil
}

// holdsCheckpoints says whether dir is a checkpoint or a directory of them.
func holdsCheckpoints(dir string) bool {
	if runfile.Stored(dir) {
		if isCheckpoint(dir) {
			return true
		}
		all, err := checkpoint.Files{}.ReadDir(dir)
		return err == nil && slices.ContainsFunc(all, func(name string) bool { return strings.HasPrefix(name, "step-") })
	}
	found, _ := filepath.Glob(filepath.Join(dir, "step-*"))
	return isCheckpoint(dir) || len(found) > 0
}

func verifyCheckpoints(c *cobra.Command, dir string) error {
	if isCheckpoint(dir) {
		m, path, err := findCheckpoint(dir)
		if err == nil {
			err = checkpoint.Verify(checkpoint.Files{}, objects.Dir(path), m)
		}
		if err == nil {
			printWhole(c, dir, m)
		}
		return err
	}
	all, err := checkpoint.VerifyAll(checkpoint.Files{}, dir)
	if err != nil {
		return err
	}
	var failed error
	whole := 0
	for _, s := range all {
		switch {
		case s.Err == nil:
			whole++
			printWhole(c, s.Path, s.Manifest)
		case errors.Is(s.Err, checkpoint.ErrNone):
			fmt.Fprintf(c.OutOrStdout(), "%s: not committed; it is passed over\n", s.Path)
		default:
			failed = errors.Join(failed, s.Err)
		}
	}
	if failed == nil && whole == 0 {
		return fmt.Errorf("%s: %w", dir, checkpoint.ErrNone)
	}
	return failed
}

func printWhole(c *cobra.Command, path string, m *checkpoint.Manifest) {
	fmt.Fprintf(c.OutOrStdout(), "%s: whole, digest %s\n", path, m.Digest)
}
