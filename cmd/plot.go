package cmd

import (
	"fmt"
	"image/color"
	"maps"
	"path/filepath"
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
faint, how far these reach: no peak is lost. Dots are losses on held-out data. Without
--out FILE the charts are printed in characters.`,
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
	return c
}

func (o *plotFlags) check(dirs []string) error {
	for _, dir := range dirs {
		if err := wantPlace("directory", dir); err != nil {
			return err
		}
	}
	switch {
	case o.x != "step" && o.x != "time":
		return &usageError{fmt.Errorf("--x %s: step or time", o.x)}
	case o.width < 200 || o.width > 8000 || o.height < 120 || o.height > 8000:
		return &usageError{fmt.Errorf("--width %d, --height %d: from 200x120 to 8000x8000", o.width, o.height)}
	case o.to > 0 && o.from > o.to:
		return &usageError{fmt.Errorf("--from %d is behind --to %d", o.from, o.to)}
	}
	if o.out != "" {
		if err := draw.Check(o.out); err != nil {
			return &usageError{fmt.Errorf("--out %w", err)}
		}
	}
	return wantPath("--out", o.out)
}

func (o *plotFlags) run(c *cobra.Command, dirs []string) error {
	if err := o.check(dirs); err != nil {
		return err
	}
	var charts []*draw.Chart
	for _, column := range commaList(o.columns) {
		charts = append(charts, &draw.Chart{Title: column, X: o.x, Y: column, LogX: o.logX, LogY: o.logY,
			Width: float64(o.width), Height: float64(o.height)})
	}
	for i, dir := range dirs {
		r, err := past.Open(dir, time.Now)
		if err != nil {
			return err
		}
		name := filepath.Base(filepath.Clean(dir))
		for _, chart := range charts {
			if err := o.curve(chart, r, dir, name, i); err != nil {
				return err
			}
		}
	}
	var scenes []*draw.Scene
	for _, chart := range charts {
		if scenes = append(scenes, chart.Scene()); o.out == "" {
			if t := terminalOf(c.OutOrStdout()); t != nil {
				fmt.Fprintln(t, chart.Terminal(terminalColumns, 24, true))
			} else {
				fmt.Fprintln(c.OutOrStdout(), chart.Terminal(terminalColumns, 24, false))
			}
		}
	}
	if o.out == "" {
		return nil
	}
	if err := draw.Save(o.out, draw.Stack(scenes...)); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	fmt.Fprintln(c.OutOrStdout(), o.out)
	return nil
}

// curve adds a run to a chart.
func (o *plotFlags) curve(chart *draw.Chart, r *past.Run, dir, name string, i int) error {
	s := r.Series(history.Query{From: o.from, To: o.to, Points: min(2*o.width, history.MaxPoints)})
	column, ok := s.Columns[chart.Y]
	if !ok || len(s.Steps) == 0 {
		if len(s.Columns) == 0 || len(s.Steps) == 0 {
			return fmt.Errorf("%s: no history of these steps; runs of older releases have left none", dir)
		}
		return &usageError{fmt.Errorf("--columns %s: the run has %s", chart.Y, strings.Join(slices.Sorted(maps.Keys(s.Columns)), ", "))}
	}
	paint := draw.Colors[i%len(draw.Colors)]
	mean, reach := draw.Series{Name: name, Color: paint}, draw.Series{Name: name, Color: paint, Dashed: true}
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
		reach.Name = ""
		chart.Series = append(chart.Series, reach)
	}
	chart.Series = append(chart.Series, mean)
	if held := o.held(chart, r, name, paint); len(held.X) > 0 {
		chart.Series = append(chart.Series, held)
	}
	return nil
}

// held is the losses on held-out data, on the chart of the loss by step.
func (o *plotFlags) held(chart *draw.Chart, r *past.Run, name string, c color.NRGBA) draw.Series {
	s := draw.Series{Name: name + ", held out", Color: c, Dots: true}
	if chart.Y != "loss" || o.x != "step" {
		return s
	}
	for _, e := range r.Status().Evaluations {
		if e.Step >= o.from && (o.to == 0 || e.Step <= o.to) {
			s.X, s.Y = append(s.X, float64(e.Step)), append(s.Y, float64(e.Loss))
		}
	}
	return s
}
