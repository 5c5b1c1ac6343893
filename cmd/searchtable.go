package cmd

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/search"
)

// show prints the results.
func (r *searching) show() error {
	results := r.search.Results(r.options.top)
	if r.options.json {
		return printJSON(r.out, results)
	}
	_, err := io.WriteString(r.out, searchText(results))
	return err
}

// searchText is what was searched, the best children and their cells.
func searchText(s search.Results) string {
	var b strings.Builder
	p := s.Plan
	fmt.Fprintf(&b, "%s, %s, %d trained, of 10^%.1f ways; the controller has %.0f%% of its entropy\n", p.Controller, childrenText(len(s.Children)), s.Trained, s.Ways, 100*s.Entropy)
	fmt.Fprintf(&b, "reward: accuracy · (%s / %.4g)^%v\n\n", map[string]string{"operations": "multiply-adds", "time": "seconds"}[p.Cost], p.Target, p.Weight)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }
	row("child", "reward", "accuracy", "multiply-adds", "parameters", "ms")
	for _, c := range s.Best {
		row(fmt.Sprint(c.Number), fmt.Sprintf("%.4f", c.Reward), accuracyText(c), countOr(c.MultiplyAdds, "0"), countOr(c.Parameters, "0"), millisText(c))
	}
	w.Flush()
	for _, c := range s.Best {
		fmt.Fprintf(&b, "\nchild %d\n  normal  %s\n  reduce  %s\n", c.Number, c.Normal, c.Reduce)
	}
	fmt.Fprintf(&b, "\ndigest  %s\n", s.Digest)
	return b.String()
}

func childrenText(n int) string {
	if n == 1 {
		return "1 child"
	}
	return fmt.Sprintf("%d children", n)
}

func accuracyText(c search.Child) string {
	if c.Diverged {
		return "diverged"
	}
	return fmt.Sprintf("%.4f", c.Accuracy)
}

func millisText(c search.Child) string {
	if c.Seconds == 0 {
		return ""
	}
	return fmt.Sprintf("%.3g", 1e3*c.Seconds)
}

// rewardChart is the reward of every child, the best so far and the moving average that children are compared with.
func rewardChart(s search.Results, baselines []float64) *draw.Chart {
	dots, best := draw.Series{Name: "child", Dots: true}, draw.Series{Name: "best so far"}
	average := draw.Series{Name: "moving average", Y: baselines}
	for i, c := range s.Children {
		x := float64(c.Number)
		dots.X, dots.Y = append(dots.X, x), append(dots.Y, c.Reward)
		top := c.Reward
		if i > 0 {
			top = max(top, best.Y[i-1])
		}
		best.X, best.Y, average.X = append(best.X, x), append(best.Y, top), append(average.X, x)
	}
	return &draw.Chart{Title: "reward, " + s.Plan.Controller + " controller", X: "child", Y: "reward", Series: []draw.Series{dots, best, average}}
}
