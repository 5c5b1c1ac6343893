package cmd

import (
	"cmp"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/shard"
)

func newShardText() *cobra.Command {
	var o shard.TextOptions
	var list bool
	c := &cobra.Command{
		Use:   "text --out DIR PATH…",
		Short: "Cut text into DIR/train and DIR/valid",
		Long: `Cuts the text of files, directories and globs into the sets DIR/train and DIR/valid.

With 20 files or more each file is held out or not by a hash of its path, so it
stays where it is while others come and go. With fewer, the tail of the text is
held out.

A file named by itself that is not UTF-8 text is an error; one in a directory is
left out and counted, as are hidden files, shard sets, checkpoints and logs
(--include '*.log' takes logs). A file counts once, however many links lead to it.
A byte order mark at the front of a file is dropped. --bytes takes files as they are.`,
		Example: `  rondo shard text --out shards --valid 0.05 --include '*.go' /usr/local/go/src
  rondo shard text --out shards book.txt
  rondo shard text --out s3://models/shards/book book.txt`,
		Args: args(1, -1, "one or more paths"),
		RunE: func(c *cobra.Command, paths []string) error {
			if err := cmp.Or(wantPlace("--out", o.Out), wantPaths("the path", paths)); err != nil {
				return err
			}
			v := voice{w: c.ErrOrStderr()}
			o.Say = func(text string) { v.say(slog.LevelInfo, o.Out+": "+text) }
			defer leaveOnSignal(v, "stopped: no set was made; give the same command again")()
			sum, err := shard.WriteText(o, paths)
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			fmt.Fprintf(out, "%s, %s of text, split by %s\n", countText(sum.Files, "file"), bytesText(sum.Bytes), sum.Split)
			printSet := func(s shard.TextSet) {
				fmt.Fprintf(out, "  %s: %s from %s in %s, hash %.12s\n", s.Dir, bytesText(s.Bytes), countText(s.Files, "file"), countText(s.Shards, "shard"), s.Hash)
			}
			printSet(sum.Train)
			if sum.Valid != nil {
				printSet(*sum.Valid)
			}
			if sum.Marks > 0 {
				fmt.Fprintf(out, "dropped the byte order mark of %s\n", countText(sum.Marks, "file"))
			}
			printLeftOut(out, sum.LeftOut, list)
			return nil
		},
	}
	f := c.Flags()
	addSetFlags(c, &o.Out, &o.ShardBytes, &o.Overwrite, &list)
	f.Float64Var(&o.Valid, "valid", 0.05, "fraction to hold out, in [0, 1)")
	f.StringArrayVar(&o.Include, "include", nil, "of the files in directories take those that match `GLOB` (may be given several times)")
	f.StringArrayVar(&o.Exclude, "exclude", nil, "leave out files and directories that match `GLOB` (may be given several times)")
	f.BoolVar(&o.Bytes, "bytes", false, "take files as they are, whatever their encoding; nothing is added between them")
	f.Int64Var(&o.MaxFileBytes, "max-file-bytes", 0, "leave out longer files; 0 for no limit")
	return c
}
