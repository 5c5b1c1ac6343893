package cmd

import (
	"fmt"
	"image/color"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// plotFlags are the flags of `rondo plot`.
type plotFlags struct {
	out, columns, x string
	logX, logY      bool
	from, to        uint64
	width, height   int
}

func newPlot() *cobra.Command {
	var o plotFlags
	c := &cobra.Command{
		Use:   "plot DIRECTORY…",
		Short: "Draw the curves of runs",
		Long: `Draws what runs have left in their checkpoint directories: a chart for each column, runs
over one another, finished ones and those that go on. Behind the mean of many steps stands,
faint, how far these reach: no peak is lost. Dots are losses on held-out data, on the chart
of the loss by step. Without --out FILE the charts are printed in characters.
A directory that is called as one of the commands below is given as ./NAME.`,
		Example: `  rondo plot runs/a runs/b --out loss.svg
  rondo plot runs/a --columns loss,lr,norm --log-y --from 1000`,
		Args: args(1, -1, "one or more checkpoint directories"),
		RunE: func(c *cobra.Command, dirs []string) error { return o.run(c, dirs) },
	}
	f := c.Flags()
	f.StringVarP(&o.out, "out", "o", "", "`FILE` for the charts, .png or .svg; empty: the terminal")
	f.StringVar(&o.columns, "columns", "loss", "`NAMES` of columns with commas between, a chart each")
	f.StringVar(&o.x, "x", "step", "what the axis counts: step, or time in seconds")
	f.BoolVar(&o.logX, "log-x", false, "a logarithmic axis of steps")
	f.BoolVar(&o.logY, "log-y", false, "a logarithmic axis of values")
	f.Uint64Var(&o.from, "from", 0, "first step")
	f.Uint64Var(&o.to, "to", 0, "last step; 0: the last that there is")
	f.IntVar(&o.width, "width", 720, "of a chart, in pixels")
	f.IntVar(&o.height, "height", 320, "of a chart, in pixels")
	c.AddCommand(newPlotWaterfall(), newPlotScaling(), newPlotPoints())
	return c
}

func (o *plotFlags) check(dirs []string) error {
	for _, dir := range dirs {
		if err := wantPlace("the directory", dir); err != nil {
			return err
		}
	}
	switch {
	case len(commaList(o.columns)) == 0:
		return &usageError{fmt.Errorf("--columns %q: name at least one, as loss", o.columns)}
	case o.x != "step" && o.x != "time":
		return &usageError{fmt.Errorf("--x %s: step or time", o.x)}
	case o.width < 200 || o.width > 8000 || o.height < 120 || o.height > 8000:
		return &usageError{fmt.Errorf("--width %d, --height %d: from 200x120 to 8000x8000", o.width, o.height)}
	case o.to > 0 && o.from > o.to:
		return &usageError{fmt.Errorf("--from %d is behind --to %d", o.from, o.to)}
	}
	return checkDrawn(o.out)
}

func (o *plotFlags) run(c *cobra.Command, dirs []string) error {
	if err := o.check(dirs); err != nil {
		return err
	}
	axis := map[string]string{"step": "step", "time": "seconds"}[o.x]
	var charts []*draw.Chart
	for _, column := range commaList(o.columns) {
		charts = append(charts, &draw.Chart{Title: column, X: axis, Y: column, LogX: o.logX, LogY: o.logY,
			Width: float64(o.width), Height: float64(o.height)})
	}
	runs, err := past.OpenAll(dirs, time.Now)
	if err != nil {
		return err
	}
	for i, name := range runs.Names() {
		if err := o.curves(charts, runs, name, draw.Colors[i%len(draw.Colors)]); err != nil {
			return err
		}
	}
	var scenes []*draw.Scene
	for _, chart := range charts {
		scenes = append(scenes, chart.Scene())
	}
	return drawn(c, o.out, draw.Stack(scenes...), func(colored bool) (text string) {
		for _, chart := range charts {
			text += chart.Terminal(terminalColumns, 24, colored) + "\n"
		}
		return text
	})
}

// checkDrawn says what is wrong with a place for a picture.
func checkDrawn(out string) error {
	if out != "" {
		if err := draw.Check(out); err != nil {
			return &usageError{fmt.Errorf("--out %w", err)}
		}
	}
	return wantPath("--out", out)
}

// drawn writes a picture to a file, or prints it in characters where there is none.
func drawn(c *cobra.Command, out string, picture *draw.Scene, terminal func(colored bool) string) error {
	if out != "" {
		if err := draw.Save(out, picture); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		fmt.Fprintln(c.OutOrStdout(), out)
		return nil
	}
	if t := terminalOf(c.OutOrStdout()); t != nil {
		fmt.Fprint(t, terminal(true))
	} else {
		fmt.Fprint(c.OutOrStdout(), terminal(false))
	}
	return nil
}

// curves adds a run to the charts.
func (o *plotFlags) curves(charts []*draw.Chart, runs *past.Library, name string, paint color.NRGBA) error {
	run, _ := runs.Source(name)
	s := run.Series(history.Query{From: o.from, To: o.to, Points: min(2*o.width, history.MaxPoints)})
	if len(s.Steps) == 0 {
		return fmt.Errorf("%s: no history of these steps; runs of older releases have left none", name)
	}
	for _, chart := range charts {
		column, ok := s.Columns[chart.Y]
		if !ok {
			return &usageError{fmt.Errorf("--columns %s: the run has %s", chart.Y, strings.Join(slices.Sorted(maps.Keys(s.Columns)), ", "))}
		}
		mean, reach := draw.Series{Name: name, Color: paint}, draw.Series{Color: paint, Faint: true}
		for k, step := range s.Steps {
			x := float64(step)
			if o.x == "time" {
				x = s.Seconds[k]
			}
			mean.X, mean.Y = append(mean.X, x), append(mean.Y, float64(column.Mean[k]))
			reach.X = append(reach.X, x, x)
			reach.Y = append(reach.Y, float64(column.Min[k]), float64(column.Max[k]))
		}
		if s.Width > 1 {
			chart.Series = append(chart.Series, reach)
		}
		chart.Series = append(chart.Series, mean)
		if chart.Y != "loss" || o.x != "step" {
			continue
		}
		held := draw.Series{Name: name + ", held out", Color: paint, Dots: true}
		for _, e := range run.Status().Evaluations {
			if e.Step >= o.from && (o.to == 0 || e.Step <= o.to) {
				held.X, held.Y = append(held.X, float64(e.Step)), append(held.Y, float64(e.Loss))
			}
		}
		if len(held.X) > 0 {
			chart.Series = append(chart.Series, held)
		}
	}
	return nil
}
