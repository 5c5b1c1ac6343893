package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/files"
)

func newShard() *cobra.Command {
	c := group(&cobra.Command{Use: "shard", Short: "Turn raw data into shards"})
	c.AddCommand(newShardText(), newShardIDX(), newShardCIFAR(), newShardImages(), newShardTar(), newShardSounds(), newShardCSV(), newShardFrames(), newShardReviews())
	return c
}

// maxNamed is how many files and directories that cannot be read are named without --list-left-out.
const maxNamed = 10

// printLeftOut counts what was left out by reason. What cannot be read is named, and with all everything is: a user may
// have meant it to be taken.
func printLeftOut(out io.Writer, left []files.LeftOut, all bool) {
	if len(left) == 0 {
		return
	}
	hint := ""
	if !all {
		hint = " (--list-left-out names each)"
	}
	fmt.Fprintf(out, "left out: %s%s\n", files.Tally(left), hint)
	named := 0
	for _, l := range left {
		if all || l.Reason == files.Unreadable && named < maxNamed {
			fmt.Fprintf(out, "  %v\n", l)
			named++
		}
	}
}

// addSetFlags adds the flags of every command that cuts sets.
func addSetFlags(c *cobra.Command, out *string, shardBytes *int64, overwrite, list *bool) {
	f := c.Flags()
	f.StringVar(out, "out", "", "directory that gets train/ and valid/, or s3:// or gs://BUCKET/PREFIX (required)")
	f.Int64Var(shardBytes, "shard-bytes", 64<<20, "about the size of a shard")
	f.BoolVar(overwrite, "overwrite", false, "replace the sets that are in DIR")
	f.BoolVar(list, "list-left-out", false, "name each file and directory left out, with the reason")
	_ = c.MarkFlagRequired("out")
	_ = c.MarkFlagDirname("out")
}
