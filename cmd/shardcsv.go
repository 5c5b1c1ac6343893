package cmd

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/cutting"
)

func newShardCSV() *cobra.Command {
	var o cutting.TableOptions
	c := &cobra.Command{
		Use:   "csv --out DIR (--text COLUMN | --values COLUMNS) (--class COLUMN | --tags COLUMN | --target COLUMNS | --transcript COLUMN) PATH…",
		Short: "Cut tables into DIR/train and DIR/valid",
		Long: `Cuts tables, a sample a row, into the sets DIR/train and DIR/valid. A sample is a
text (--text), numbers (--values) or both; it has a class (--class) or one for each
byte of its text (--tags), numbers to be predicted (--target) or a sequence of symbols
(--transcript). Symbols and classes are numbered in natural order, and stand in the
sets. With --vocabulary a text is also there as the numbers of its words: the most
frequent ones of the training set, from 1 on, and 0 for all others.

Columns are given by the names in the first row, or by numbers and ranges (2-13)
where there are no names.

Files named .tsv or .txt have columns separated by tabs, without quotes; a text in
the last column wanted by number reaches to the end of its line. All others are
comma-separated. Tables may be packed by gzip, bzip2 or zstd.`,
		Example: `  rondo shard csv --out sst --text sentence --class label --held-out dev.csv train.csv
  rondo shard csv --out reviews --text 4 --class 1 --held-out test.tsv.bz2 train.tsv.bz2
  rondo shard csv --out sentences --text 1 --class 2 --vocabulary 4000 sentences.tsv
  rondo shard csv --out wine --values 1-11 --target 12 wine.csv
  rondo shard csv --out speech --text 1 --transcript 2 --drop - --tabs nettalk.data`,
	}
	cutCommand(c, &o.Options, func(paths []string) (cutting.Summary, error) { return cutting.Table(o, paths) })
	f := c.Flags()
	f.StringVar(&o.Text, "text", "", "`COLUMN` of the text, by name or number")
	f.StringSliceVar(&o.Values, "values", nil, "`COLUMNS` of numbers that describe the sample, with commas between them")
	f.StringVar(&o.Class, "class", "", "`COLUMN` of the class, by name or number")
	f.StringSliceVar(&o.Targets, "target", nil, "`COLUMNS` of numbers to be predicted")
	f.StringVar(&o.Transcript, "transcript", "", "`COLUMN` of a sequence of symbols, each character one")
	f.StringVar(&o.Tags, "tags", "", "`COLUMN` of the classes of a text's bytes, each character one")
	f.BoolVar(&o.Words, "words", false, "the symbols of transcripts and tags are words, with spaces between them")
	f.IntVar(&o.Vocabulary, "vocabulary", 0, "number the words of texts: the `N` most frequent ones of the training set; 0: texts are bytes alone")
	f.StringVar(&o.Drop, "drop", "", "`SYMBOLS` of transcripts that are not kept")
	f.BoolVar(&o.Tabs, "tabs", false, "columns are separated by tabs, whatever the name of the file")
	skipFlag(c, &o.Options)
	return c
}

func newShardFrames() *cobra.Command {
	var o cutting.FramesOptions
	c := &cobra.Command{
		Use:   "frames --out DIR PATH…",
		Short: "Cut files of numbers over time into DIR/train and DIR/valid",
		Long: `Cuts sequences of numbers, such as those of sensors, into the sets DIR/train and
DIR/valid. A line is a frame: numbers with spaces, tabs, commas or semicolons between
them, as many in every frame. Empty lines separate sequences, a sample each; they may
differ in length.

Classes of sequences stand in files of labels, one for each PATH, a sequence a line;
a tab and a number after a class say how many sequences in a row are of it. Without
labels each folder within PATH is a class; --class finds it in the file's path.`,
		Example: `  printf '%s\t30\n' 1 2 3 4 5 6 7 8 9 > train.labels
  rondo shard frames --out vowels --labels train.labels --held-out ae.test --held-out-labels test.labels ae.train
  rondo shard frames --out gestures recordings`,
	}
	cutCommand(c, &o.Options, func(paths []string) (cutting.Summary, error) {
		if err := cmp.Or(wantPaths("--labels", o.Labels), wantPaths("--held-out-labels", o.HeldOutLabels)); err != nil {
			return cutting.Summary{}, err
		}
		return cutting.Frames(o, paths)
	})
	folderFlags(c, &o.FolderOptions)
	f := c.Flags()
	f.StringArrayVar(&o.Labels, "labels", nil, "`FILE` of the classes of the sequences of a PATH (once for each)")
	f.StringArrayVar(&o.HeldOutLabels, "held-out-labels", nil, "`FILE` of the classes of the sequences of a --held-out (once for each)")
	skipFlag(c, &o.Options)
	return c
}
