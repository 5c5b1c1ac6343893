package cmd

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/shard"
)

func newShard() *cobra.Command {
	c := group(&cobra.Command{Use: "shard", Short: "Turn raw data into shards"})
	c.AddCommand(newShardText())
	return c
}

func newShardText() *cobra.Command {
	var o shard.TextOptions
	c := &cobra.Command{
		Use:   "text --out DIR PATH…",
		Short: "Cut text into DIR/train and DIR/valid",
		Long: `Cuts the text of files, directories and globs into the sets DIR/train and DIR/valid.

With 20 files or more each file is held out or not by a hash of its path, so it
stays where it is while others come and go. With fewer, the tail of the text is
held out. Hidden files and files that are not UTF-8 text are left out, and counted.`,
		Example: `  rondo shard text --out shards --valid 0.05 --include '*.go' /usr/local/go/src
  rondo shard text --out shards book.txt`,
		Args: args(1, -1, "one or more paths"),
		RunE: func(c *cobra.Command, paths []string) error {
			if err := cmp.Or(wantPath("--out", o.Out), wantPaths("the path", paths)); err != nil {
				return err
			}
			sum, err := shard.WriteText(o, paths)
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			fmt.Fprintf(out, "%d files, %s of text (%d left out), split by %s\n", sum.Files, bytesText(sum.Bytes), sum.Skipped.Total(), sum.Split)
			printSet := func(s shard.TextSet) {
				fmt.Fprintf(out, "  %s: %s from %d files in %d shards, hash %.12s\n", s.Dir, bytesText(s.Bytes), s.Files, s.Shards, s.Hash)
			}
			printSet(sum.Train)
			if sum.Valid != nil {
				printSet(*sum.Valid)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&o.Out, "out", "", "directory that gets train/ and valid/ (required)")
	f.Float64Var(&o.Valid, "valid", 0.05, "fraction to hold out, in [0, 1)")
	f.StringArrayVar(&o.Include, "include", nil, "of the files in directories take those that match `GLOB` (may be given several times)")
	f.Int64Var(&o.MaxFileBytes, "max-file-bytes", 0, "leave out longer files; 0 for no limit")
	f.Int64Var(&o.ShardBytes, "shard-bytes", 64<<20, "about the size of a shard")
	f.BoolVar(&o.Overwrite, "overwrite", false, "replace the sets that are in DIR")
	_ = c.MarkFlagRequired("out")
	_ = c.MarkFlagDirname("out")
	return c
}
