package cmd

import (
	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/cutting"
)

func newShardCSV() *cobra.Command {
	var o cutting.TableOptions
	c := &cobra.Command{
		Use:   "csv --out DIR --text COLUMN --class COLUMN PATH…",
		Short: "Cut tables of texts with classes into DIR/train and DIR/valid",
		Long: `Cuts tables, a text and its class a row, into the sets DIR/train and DIR/valid.
Columns are given by the names in the first row, or by numbers where there are none.

Files named .tsv or .txt have columns separated by tabs, without quotes, of which the
last one that is wanted by number reaches to the end of the line. All others are
comma-separated. Tables may be packed by gzip or bzip2.`,
		Example: `  rondo shard csv --out sst --text sentence --class label --held-out dev.csv train.csv
  rondo shard csv --out reviews --text 4 --class 1 --held-out test.tsv.bz2 train.tsv.bz2`,
	}
	cutCommand(c, &o.Options, func(paths []string) (cutting.Summary, error) { return cutting.Table(o, paths) })
	f := c.Flags()
	f.StringVar(&o.Text, "text", "", "`COLUMN` of the text, by name or number")
	f.StringVar(&o.Class, "class", "", "`COLUMN` of the class, by name or number")
	f.BoolVar(&o.Tabs, "tabs", false, "columns are separated by tabs, whatever the name of the file")
	skipFlag(c, &o.Options)
	return c
}
