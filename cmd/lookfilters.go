package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
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
			w, err := convolution(p.Network().Params(), layer)
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

// convolution is the weights of a layer that are filters of pictures, [out, in, height, width].
func convolution(ps *nn.Params, layer string) (*nn.Param, error) {
	var names []string
	for _, w := range ps.List {
		if len(w.Shape) != 4 {
			continue
		}
		name := strings.TrimSuffix(w.Name, ".weight")
		if name == layer || layer == "" {
			return w, nil
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the network has no convolution of pictures")
	}
	return nil, &usageError{fmt.Errorf("--layer %s: the convolutions are %s", layer, strings.Join(names, ", "))}
}

// mostTiles is how many filters or maps a sheet has.
const mostTiles = 400

// filterSheet is a tile for each filter, or a row of tiles where a filter has other channels than pictures have.
func filterSheet(w *nn.Param, together bool) *draw.Sheet {
	out, in, height, width := w.Shape[0], w.Shape[1], w.Shape[2], w.Shape[3]
	values := w.Value().Data
	sheet := &draw.Sheet{Title: fmt.Sprintf("%s: %d filters of %d×%d on %s", strings.TrimSuffix(w.Name, ".weight"), out, height, width, countText(in, "channel"))}
	planes := in // of a filter
	if in == 1 || in == 3 {
		planes = 1
	} else {
		sheet.Columns = min(in, 32)
	}
	all, pixels := strongest(values), height*width
	for filter := range out {
		own := values[filter*in*pixels : (filter+1)*in*pixels]
		for plane := range planes {
			if len(sheet.Tiles) == mostTiles {
				sheet.Title += fmt.Sprintf(", of which the first %d planes", mostTiles)
				return sheet
			}
			channels := in / planes
			m := make([]float32, pixels*channels) // channels last
			for k := range channels {
				for p := range pixels {
					m[p*channels+k] = own[(plane*channels+k)*pixels+p]
				}
			}
			most := all
			if !together {
				most = strongest(own)
			}
			sheet.Tiles = append(sheet.Tiles, draw.Tile{Image: draw.Gray(m, height, width, channels, -most, most)})
		}
	}
	return sheet
}

func strongest(values []float32) float32 {
	low, high := draw.Span(values)
	return max(high, -low)
}
