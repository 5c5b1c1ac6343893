package cmd

import (
	"cmp"
	"fmt"
	"log/slog"
	"runtime/metrics"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/worker/machine"
)

func newShardReviews() *cobra.Command {
	var o cutting.ReviewsOptions
	uniqueMB, list := int64(0), false
	c := &cobra.Command{
		Use:   "reviews --out DIR [--text COLUMN] PATH…",
		Short: "Cut reviews into DIR/train and DIR/valid, one text each, as for the sentiment unit",
		Long: `Cuts reviews into the sets DIR/train and DIR/valid, each one text for a character
language model. A review is cleaned as by Radford et al. (2017): character references
such as &amp; become characters, newlines spaces, white space at its ends goes, and it
stands between "\n " and " ". --ascii cleans as Puri et al. (2018): tags become spaces,
all is ASCII, and runs of white space are one space.

Files named .txt hold a review a line, .tsv and .csv columns, .json, .jsonl and .ndjson
an object a line; all may be packed by gzip, bzip2 or zstd. --format says it for other names,
and for - , the standard input. --text is the column, by its name in the first row or by
number where there are no names, or the field (a.b is b within a). The last column
of a .tsv reaches to the end of the line; any other row with more columns than the first,
or without names with fewer, stops the cut, as does a .txt whose first line has a label,
0 or 1, beside a tab. A first row with a column "text", "review" or "label" is names,
where --text is a number, too.

Reviews keep their order. What is held out is decided by a hash of each review (--valid)
or by its place (--valid-every). Memory does not grow with the files, but for --unique.
The same command goes on with a cut that was stopped.`,
		Example: `  rondo shard reviews --out amazon --text reviewText Books.json.gz
  rondo shard reviews --out imdb --text 4 --valid 0.02 train.tsv.bz2
  xz -dc reviews.jsonl.xz | rondo shard reviews --out shards --format jsonl --text text -`,
		Args: args(1, -1, "one or more paths"),
		RunE: func(c *cobra.Command, paths []string) error {
			if err := cmp.Or(wantPlace("--out", o.Out), wantPaths("the path", paths)); err != nil {
				return err
			}
			if c.Flags().Changed("valid-every") && !c.Flags().Changed("valid") {
				o.Valid = 0
			}
			if uniqueMB < 0 || uniqueMB > 1<<40 {
				return &usageError{fmt.Errorf("--unique-memory %d: megabytes, or 0 for no bound", uniqueMB)}
			}
			o.UniqueBytes, o.Stdin = uniqueMB*1e6, c.InOrStdin()
			bar := cutBar{out: c.ErrOrStderr(), bytes: true}
			garbage, live := machine.Garbage{}, []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
			o.ReadBytes = func(done, total int64) {
				bar.report(int(done), int(total))
				if o.Unique { // much is held, and Go would let as much garbage lie beside it
					metrics.Read(live)
					garbage.Bound(int64(live[0].Value.Uint64()))
				}
			}
			v := voice{w: c.ErrOrStderr()}
			o.Say = func(text string) { v.say(slog.LevelInfo, o.Out+": "+text) }
			defer leaveOnSignal(v, "stopped: no set was made; give the same command again")()
			sum, err := cutting.Reviews(o, paths)
			bar.done()
			if err == nil {
				printReviews(c, sum, list)
			}
			return err
		},
	}
	f := c.Flags()
	addSetFlags(c, &o.Out, &o.ShardBytes, &o.Overwrite, &list)
	f.StringVar(&o.Text, "text", "", "`COLUMN` or field that is the review")
	f.StringVar(&o.Format, "format", "", "`FORMAT` of all files, whatever their names: text, tsv, csv or jsonl")
	f.BoolVar(&o.ASCII, "ascii", false, "tags to spaces, all to ASCII, runs of white space to one space")
	f.Float64Var(&o.Valid, "valid", 0.05, "fraction of the reviews to hold out, in [0, 1)")
	f.IntVar(&o.Every, "valid-every", 0, "hold out each `N`th review, in place of --valid")
	f.BoolVar(&o.Unique, "unique", false, "leave out reviews that came before, known by 64 bits of a hash")
	f.Int64Var(&uniqueMB, "unique-memory", 4096, "megabytes for --unique, 16 bytes a review; 0 for no bound")
	f.BoolVar(&o.SkipUnreadable, "skip-unreadable", false, "leave out rows without a review, not stop there")
	return c
}

func printReviews(c *cobra.Command, sum cutting.ReviewsSummary, list bool) {
	out := c.OutOrStdout()
	for _, s := range []*cutting.SetSummary{sum.Train, sum.Valid} {
		if s != nil {
			fmt.Fprintf(out, "%s: %s, %s in %s, hash %.12s\n", s.Dir, countText(s.Samples, "review"), bytesText(s.Bytes), countText(s.Shards, "shard"), s.Hash)
		}
	}
	for _, n := range []struct {
		count int64
		what  string
	}{{sum.Empty, "empty"}, {sum.Duplicates, "there before"}} {
		if n.count > 0 {
			fmt.Fprintf(out, "left out: %s, %s\n", countText(n.count, "review"), n.what)
		}
	}
	printLeftOut(out, sum.LeftOut, list)
	if sum.Unreadable > 0 {
		fmt.Fprintf(out, "cannot be read: %s; the first:\n", countText(sum.Unreadable, "row"))
		for _, l := range sum.First {
			fmt.Fprintf(out, "  %v\n", l)
		}
	}
}
