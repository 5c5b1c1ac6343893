package cmd

import (
	"cmp"
	"context"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/nn/projection/projector"
)

// plotPointsFlags are the flags of `rondo plot points`.
type plotPointsFlags struct {
	projectFlags
	picture, color string
	names          bool
	side           int
}

func newPlotPoints() *cobra.Command {
	var o plotPointsFlags
	c := &cobra.Command{
		Use:   "points DIR|FILE",
		Short: "Draw embeddings, output weights or features, laid out in two dimensions",
		Long: `Lays points out as rondo project does, in two dimensions, and draws a chart for each method. Colors follow a
column of what is known of the points: --color names it; else it is the first that has at most 20
different values. Where no column is so, labels stand beside the points, as far as there is room.
Without --out FILE the charts are printed in characters.`,
		Example: `  rondo plot points runs/lenet5 --features mnist/valid --method tsne,umap --out features.svg
  rondo plot points runs/sentiment --method umap --out words.png`,
		Args: args(1, 1, "one directory or file"),
		RunE: func(c *cobra.Command, a []string) error { return o.draw(c, a[0]) },
	}
	o.settings.Dims = 2
	f := c.Flags()
	f.StringVarP(&o.picture, "out", "o", "", "`FILE` for the charts, .png or .svg; empty: the terminal")
	o.addPoints(f)
	f.StringVar(&o.color, "color", "", "`COLUMN` that the colors follow, as class; none: one color")
	f.BoolVar(&o.names, "names", true, "labels beside points, where colors do not tell them")
	f.IntVar(&o.side, "side", 720, "of a chart, in pixels")
	return c
}

// noColumn is the name of no column.
const noColumn = "none"

func (o *plotPointsFlags) draw(c *cobra.Command, source string) error {
	if o.side < 200 || o.side > 8000 {
		return &usageError{fmt.Errorf("--side %d: from 200 to 8000", o.side)}
	}
	if err := cmp.Or(checkDrawn(o.picture), o.check(source)); err != nil {
		return err
	}
	return o.withPoints(c, source, func(ctx context.Context, p openPoints) error { return o.charts(ctx, c, p) })
}

// charts draws a chart for each method.
func (o *plotPointsFlags) charts(ctx context.Context, c *cobra.Command, p openPoints) error {
	groups, err := groupsOf(p.set, o.color)
	if err != nil {
		return &usageError{err}
	}
	var charts []*draw.Chart
	var scenes []*draw.Scene
	for _, method := range o.methods {
		l, err := o.layout(ctx, c.ErrOrStderr(), p.layouts, method)
		if err != nil {
			return err
		}
		chart := pointsChart(p.set, l, groups, o.names)
		chart.Width, chart.Height = float64(o.side), float64(o.side)
		charts, scenes = append(charts, chart), append(scenes, chart.Scene())
	}
	return drawn(c, o.picture, draw.Stack(scenes...), func(colored bool) (text string) {
		for _, chart := range charts {
			text += chart.Terminal(terminalColumns, 44, colored) + "\n"
		}
		return text
	})
}

// pointGroups are points that have a color each.
type pointGroups struct {
	column int // whose values they are; -1: of none
	names  []string
	colors []color.NRGBA
	of     []int // the group of each point
}

// mostKinds is how many different values of a column have a color each.
const mostKinds = 20

// groupsOf are the points of a set by a column; with an empty name by the first that tells few kinds apart.
func groupsOf(set *projector.Set, name string) (g pointGroups, err error) {
	g = pointGroups{column: -1, names: []string{""}, colors: draw.Colors[:1], of: make([]int, set.Points.Rows)}
	switch {
	case name == noColumn:
	case name != "":
		if g.column = slices.Index(set.Columns, name); g.column < 0 {
			return g, fmt.Errorf("--color %s: of these points %s is known, or give %s", name, cmp.Or(strings.Join(set.Columns, ", "), "nothing"), noColumn)
		}
	default:
		g.column = slices.IndexFunc(set.Values, func(values []string) bool { return len(kindsOf(values)) <= mostKinds })
	}
	if g.column < 0 {
		return g, nil
	}
	values := set.Values[g.column]
	kinds := kindsOf(values)
	if numbers, ok := numbersOf(values); ok && len(kinds) > mostKinds {
		g.ramp(numbers)
		return g, nil
	}
	g.names, g.colors = nil, nil
	more := len(kinds) > mostKinds
	kinds = kinds[:min(mostKinds, len(kinds))]
	slices.SortFunc(kinds, func(a, b string) int {
		if numbers, ok := numbersOf([]string{a, b}); ok {
			return cmp.Compare(numbers[0], numbers[1])
		}
		return cmp.Compare(a, b)
	})
	for i, kind := range kinds {
		g.names, g.colors = append(g.names, kind), append(g.colors, pointColor(i, len(kinds)))
	}
	if more {
		g.names, g.colors = append(g.names, "others"), append(g.colors, color.NRGBA{140, 147, 160, 255})
	}
	number := map[string]int{}
	for i, kind := range kinds {
		number[kind] = i
	}
	for i, v := range values {
		at, known := number[v]
		if !known {
			at = len(g.names) - 1
		}
		g.of[i] = at
	}
	return g, nil
}

// kindsOf are the different values, the most frequent first.
func kindsOf(values []string) (kinds []string) {
	counts := map[string]int{}
	for _, v := range values {
		if counts[v]++; counts[v] == 1 {
			kinds = append(kinds, v)
		}
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return counts[b] - counts[a] })
	return kinds
}

// numbersOf are values as numbers, if all are.
func numbersOf(values []string) (numbers []float64, ok bool) {
	for _, v := range values {
		number, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
			return nil, false
		}
		numbers = append(numbers, number)
	}
	return numbers, true
}

// ramp has equal parts of the range of numbers, from blue to orange.
func (g *pointGroups) ramp(numbers []float64) {
	const parts = 8
	low, high := slices.Min(numbers), slices.Max(numbers)
	g.names, g.colors = nil, nil
	for i := range parts {
		from, to, share := low+(high-low)*float64(i)/parts, low+(high-low)*float64(i+1)/parts, float64(i)/(parts-1)
		g.names = append(g.names, fmt.Sprintf("%.3g to %.3g", from, to))
		g.colors = append(g.colors, color.NRGBA{uint8(59 + 170*share), uint8(108 - 10*share), uint8(220 - 180*share), 255})
	}
	for i, v := range numbers {
		g.of[i] = min(int(parts*(v-low)/(high-low)), parts-1)
	}
}

// pointColor is one of n colors, those of all charts where these are enough.
func pointColor(i, n int) color.NRGBA {
	if n <= len(draw.Colors) {
		return draw.Colors[i]
	}
	part := func(shift float64) uint8 {
		k := math.Mod(shift+12*float64(i)/float64(n), 12)
		return uint8(math.Round(255 * (0.52 - 0.33*max(-1, min(k-3, 9-k, 1)))))
	}
	return color.NRGBA{part(0), part(8), part(4), 255}
}

// pointsChart draws a layout, a cloud for each group. Labels stand beside points where the groups do not tell them.
func pointsChart(set *projector.Set, l *projector.Layout, g pointGroups, names bool) *draw.Chart {
	chart := &draw.Chart{Title: layoutTitle(set, l), Even: true}
	for i, name := range g.names {
		chart.Series = append(chart.Series, draw.Series{Name: shortened(visibleText(name), 24), Cloud: true, Color: g.colors[i]})
	}
	if len(l.Shares) > 1 {
		chart.X, chart.Y = fmt.Sprintf("%.1f %% of the variance", 100*l.Shares[0]), fmt.Sprintf("%.1f %% of the variance", 100*l.Shares[1])
	}
	labels := names && len(set.Values) > 0 && g.column != 0
	for i, of := range g.of {
		s, at := &chart.Series[of], l.Points.Row(i)
		s.X, s.Y = append(s.X, float64(at[0])), append(s.Y, float64(at[1]))
		if labels {
			s.Names = append(s.Names, shortened(visibleText(set.Values[0][i]), 24))
		}
	}
	return chart
}

// layoutTitle says what is laid out, how, and how far it may be believed.
func layoutTitle(set *projector.Set, l *projector.Layout) string {
	title := fmt.Sprintf("%s: %s by %s", shortened(visibleText(set.Name), 48), countText(set.Points.Rows, "point"), methodNames[l.Method])
	if l.Preservation > 0 {
		title += fmt.Sprintf(", trustworthiness %.2f", l.Trustworthiness)
	}
	return title
}

// methodNames are what people call them.
var methodNames = map[string]string{"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}

// shortened is a text of at most so many letters.
func shortened(text string, most int) string {
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}
