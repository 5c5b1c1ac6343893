package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/worker"
)

// mostDrawn is how many classes a matrix is drawn of.
const mostDrawn = 200

func newLookConfusion() *cobra.Command {
	o := lookFlags{side: 1} // the picture has no tiles
	data := ""
	c := &cobra.Command{
		Use:   "confusion DIR --data SET",
		Short: "Draw which class is taken for which",
		Long: `Measures a model on a held-out set as the command eval does, and draws a row for each class
and a column for what it is taken for: blue where it is right, red where it is not.`,
		Example: `  rondo look confusion runs/mnist --data mnist/valid --out confusion.svg`,
		Args:    oneDirectory,
		RunE: func(c *cobra.Command, a []string) error {
			if data == "" || o.out == "" {
				return wrongUsage(c, fmt.Errorf("%s needs --data SET and --out FILE; the command eval --classes prints the counts", c.CommandPath()))
			}
			if err := o.check(a[0]); err != nil {
				return err
			}
			found, kind, err := evaluate(c, a[0], data, 0, o.threads)
			if err != nil {
				return err
			}
			s, err := confusionScene(found, classNames(data, kind))
			if err != nil {
				return err
			}
			return o.write(c, s)
		},
	}
	o.addOut(c, "`FILE` for the picture, .png or .svg")
	o.addThreads(c)
	c.Flags().StringVar(&data, "data", "", "`SET` to measure on")
	return c
}

func confusionScene(found worker.Measured, name func(class int) string) (*draw.Scene, error) {
	for _, m := range found.Whole {
		confusion, ok := m.(*measure.Confusion)
		if !ok {
			continue
		}
		n := len(confusion.Classes())
		if n > mostDrawn {
			return nil, fmt.Errorf("%d classes: up to %d are drawn", n, mostDrawn)
		}
		var names []string
		counts := make([][]int64, n)
		for is := range n {
			names = append(names, name(is))
			for taken := range n {
				counts[is] = append(counts[is], int64(confusion.Count(is, taken)))
			}
		}
		return draw.Matrix("what is (rows), and what it is taken for", names, counts), nil
	}
	return nil, fmt.Errorf("this model tells no classes apart")
}
