package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/worker"
)

func newLookFilters() *cobra.Command {
	var o lookFlags
	layer, together := "", false
	c := &cobra.Command{
		Use:   "filters DIR",
		Short: "Draw the filters of a convolution",
		Long: `Draws the filters of the first convolution, or of another one: of one or three input
channels as they are, of others channel by channel. Grey is zero. Each is scaled by
itself, so that weak ones show their form; with --together all by the strongest.`,
		Example: `  rondo look filters runs/cifar --out filters.png`,
		Args:    oneDirectory,
		RunE: o.into(func(c *cobra.Command, p *worker.Predictor) error {
			w, err := inside.Convolution(p.Network().Params(), layer)
			if err != nil && layer != "" {
				return &usageError{fmt.Errorf("--layer %w", err)}
			}
			if err != nil {
				return err
			}
			return o.show(c, filterSheet(w, together))
		}),
	}
	o.add(c, 64)
	c.Flags().StringVar(&layer, "layer", "", "`NAME` of the convolution, as conv2; empty: the first")
	c.Flags().BoolVar(&together, "together", false, "scale all filters alike")
	return c
}

// mostTiles is how many filters or maps a sheet has.
const mostTiles = 400

// filterSheet is a tile for each filter, or a row of tiles where a filter has other channels than pictures have.
func filterSheet(w *nn.Param, together bool) *draw.Sheet {
	out, in, height, width := w.Shape[0], w.Shape[1], w.Shape[2], w.Shape[3]
	list, planes := inside.Filters(w, together, mostTiles)
	sheet := &draw.Sheet{Title: fmt.Sprintf("%s: %d filters of %d×%d on %s", inside.ConvolutionName(w), out, height, width, countText(in, "channel"))}
	if planes > 1 {
		sheet.Columns = min(in, 32)
	}
	if out*planes > len(list) {
		sheet.Title += fmt.Sprintf(", of which the first %d planes", mostTiles)
	}
	for _, m := range list {
		sheet.Tiles = append(sheet.Tiles, draw.Tile{Image: m})
	}
	return sheet
}
