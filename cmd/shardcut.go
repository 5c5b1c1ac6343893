package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/data/files"
)

// cutCommand completes a command that cuts samples: its paths, the flags that all such commands have, the bar and the
// summary. run cuts, with the options that the flags filled.
func cutCommand(c *cobra.Command, o *cutting.Options, run func(paths []string) (cutting.Summary, error)) *cobra.Command {
	list := false
	c.Args = args(1, -1, "one or more paths")
	c.RunE = func(c *cobra.Command, paths []string) error {
		if err := cmp.Or(wantPlace("--out", o.Out), wantPaths("the path", paths), wantPaths("--held-out", o.HeldOut)); err != nil {
			return err
		}
		bar := cutBar{out: c.ErrOrStderr()}
		o.Progress = bar.report
		v := voice{w: c.ErrOrStderr()}
		o.Say = func(text string) { v.say(slog.LevelInfo, o.Out+": "+text) }
		defer leaveOnSignal(v, "stopped: no set was made; give the same command again")()
		sum, err := run(paths)
		bar.done()
		var unread *cutting.UnreadableError
		if errors.As(err, &unread) {
			printUnreadable(c, unread.List)
		}
		if err == nil {
			printCut(c, sum, list)
		}
		return err
	}
	f := c.Flags()
	addSetFlags(c, &o.Out, &o.ShardBytes, &o.Overwrite, &list)
	f.Float64Var(&o.Valid, "valid", 0.05, "fraction to hold out, in [0, 1), where no held-out data are given")
	f.StringArrayVar(&o.HeldOut, "held-out", nil, "`PATH` of held-out data, of the same form (may be given several times)")
	return c
}

func printCut(c *cobra.Command, sum cutting.Summary, list bool) {
	out := c.OutOrStdout()
	for _, s := range []*cutting.SetSummary{&sum.Train, sum.Valid} {
		if s != nil {
			fmt.Fprintf(out, "%s: %s, %s in %s, hash %.12s\n", s.Dir, countText(s.Samples, "sample"), bytesText(s.Bytes), countText(s.Shards, "shard"), s.Hash)
		}
	}
	if len(sum.Classes) > 0 {
		fmt.Fprintf(out, "%d classes: %s\n", len(sum.Classes), classText(sum.Classes, list))
	}
	if n := len(sum.Untrained); n > 0 {
		fmt.Fprintf(out, "%d of the classes are held out whole, so that nothing is learnt of them: %s; a smaller --valid, or --held-out, leaves them samples\n",
			n, nameText(sum.Untrained, list))
	}
	printLeftOut(out, sum.LeftOut, list)
	printUnreadable(c, sum.Unreadable)
}

// printUnreadable names everything that cannot be read.
func printUnreadable(c *cobra.Command, list []files.LeftOut) {
	for _, l := range list {
		fmt.Fprintf(c.OutOrStdout(), "cannot be read: %v\n", l)
	}
}

// nameText writes names, of many the first ones unless all are wanted.
func nameText(names []string, all bool) string {
	const first = 20
	more := ""
	if !all && len(names) > first {
		names, more = names[:first], ", … (--list-left-out names each)"
	}
	return string(visible([]byte(strings.Join(names, ", ")))) + more
}

// classText writes classes with their numbers: "0 cat, 1 dog". Of many the middle is left out, unless all are wanted.
func classText(classes []string, all bool) string {
	const ends = 10
	var parts []string
	for i, name := range classes {
		if !all && len(classes) > 2*ends && i >= ends && i < len(classes)-ends {
			if i == ends {
				parts = append(parts, "…")
			}
			continue
		}
		parts = append(parts, fmt.Sprintf("%d %s", i, visible([]byte(name))))
	}
	return strings.Join(parts, ", ")
}
