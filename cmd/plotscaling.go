package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/program"
)

func newPlotScaling() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "scaling FILE…",
		Short: "Draw how runs scale over workers, as rondo bench has measured and predicted",
		Long: `Draws what rondo bench RUN.yaml --json has printed: the rate and the efficiency of a step over
workers, a curve for each file. The dot is the step that was measured, of one worker with all lanes; faint is the rate of
workers that lose nothing.`,
		Example: `  rondo bench examples/cifar10.yaml --json > cifar10.json
  rondo plot scaling cifar10.json --out scaling.svg`,
		Args: args(1, -1, "one or more files of "+program.Name()+" bench --json"),
		RunE: func(c *cobra.Command, files []string) error {
			if err := checkDrawn(out); err != nil {
				return err
			}
			charts, err := scalingCharts(files)
			if err != nil {
				return err
			}
			var scenes []*draw.Scene
			for _, chart := range charts {
				scenes = append(scenes, chart.Scene())
			}
			return drawn(c, out, draw.Stack(scenes...), func(colored bool) (text string) {
				for _, chart := range charts {
					text += chart.Terminal(terminalColumns, 24, colored) + "\n"
				}
				return text
			})
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "`FILE` for the charts, .png or .svg; empty: the terminal")
	return c
}

// scalingCharts are the rate and the efficiency over workers.
func scalingCharts(files []string) ([]*draw.Chart, error) {
	rate := &draw.Chart{Title: "rate", X: "workers", LogX: true, LogY: true}
	efficiency := &draw.Chart{Title: "efficiency", X: "workers", Y: "%", LogX: true}
	for i, file := range files {
		r, err := readScaling(file)
		if err != nil {
			return nil, err
		}
		if unit := r.Unit + "/s"; rate.Y == "" {
			rate.Y = unit
		} else if rate.Y != unit {
			return nil, &usageError{fmt.Errorf("%s: its rate is in %s, and that of %s in %s: draw them apart", file, unit, files[0], rate.Y)}
		}
		paint, name := draw.Colors[i%len(draw.Colors)], r.Name
		if len(files) > 1 {
			name += ", " + filepath.Base(file)
		}
		rates, ideal, share := draw.Series{Name: name, Color: paint}, draw.Series{Color: paint, Faint: true}, draw.Series{Name: name, Color: paint}
		for _, p := range r.Predicted {
			n := float64(p.Workers)
			rates.X, rates.Y = append(rates.X, n), append(rates.Y, p.Rate)
			ideal.X, ideal.Y = append(ideal.X, n), append(ideal.Y, r.Predicted[0].Rate*n/float64(r.Predicted[0].Workers))
			share.X, share.Y = append(share.X, n), append(share.Y, 100*p.Efficiency)
		}
		rate.Series = append(rate.Series, ideal, rates, draw.Series{Name: name + ", measured", X: []float64{1}, Y: []float64{r.Here.Rate}, Dots: true, Color: paint})
		efficiency.Series = append(efficiency.Series, share)
	}
	return []*draw.Chart{rate, efficiency}, nil
}

// maxReport is how large a report may be.
const maxReport = 16 << 20

func readScaling(file string) (*bench.Run, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxReport+1)) // a pipe does not say how long it is
	if err != nil {
		return nil, err
	}
	if len(text) > maxReport {
		return nil, fmt.Errorf("%s: more than %s is too large for a report of %s bench --json", file, bytesText(maxReport), program.Name())
	}
	var r bench.Report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: no report of %s bench --json: %w", file, program.Name(), err)
	}
	if r.Run == nil || len(r.Run.Predicted) == 0 || r.Run.Predicted[0].Workers < 1 {
		return nil, fmt.Errorf("%s: no run over workers in it; make it with %s bench RUN.yaml --json", file, program.Name())
	}
	return r.Run, nil
}
