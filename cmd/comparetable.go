package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/cmd/comparison"
	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/worker"
)

// measure is the name of what is shown: the flag's, the foremost of a task of classes, or the loss.
func (r *comparing) measure(results comparison.Results) (string, error) {
	known := map[string]bool{} // those of a run that diverged are missing
	for _, c := range results.Cells {
		for name := range c.Values {
			known[name] = true
		}
	}
	switch name := r.options.measure; {
	case name != "" && known["loss"] && !known[name]:
		return "", &usageError{fmt.Errorf("--measure %s: the runs have %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))}
	case name != "":
		return name, nil
	case known["accuracy"]:
		return "accuracy", nil
	}
	return "loss", nil
}

// checkVariants says, before anything is trained, which variant has fewer lanes than workers, or will not tell what is to be shown.
func (r *comparing) checkVariants(variants []comparison.Variant) error {
	workers := workersFlag{least: r.options.workers, most: r.options.workers}
	for _, v := range variants {
		f, err := r.file(v)
		if err != nil {
			return err
		}
		if err := workers.check(f.Batch.Lanes); err != nil {
			return fmt.Errorf("variant %s: %w", v.Name, err)
		}
		if r.options.measure == "" {
			continue
		}
		names, err := worker.MeasureNames(f)
		if err != nil {
			return fmt.Errorf("variant %s: %w", v.Name, err)
		}
		if names = append(names, "loss", "rate"); !slices.Contains(names, r.options.measure) {
			return fmt.Errorf("--measure %s: variant %s tells %s", r.options.measure, v.Name, strings.Join(names, ", "))
		}
	}
	return nil
}

// show prints the results.
func (r *comparing) show(results comparison.Results) error {
	if r.options.json {
		return printJSON(r.out, results)
	}
	measure, err := r.measure(results)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(r.out, compareText(results, measure))
	return err
}

// compareText is the plan and, by variant and share, the mean of a measure over the seeds with the least and greatest.
func compareText(results comparison.Results, measure string) string {
	var b strings.Builder
	p := results.Plan
	width := len("variant")
	for _, v := range p.Variants {
		width = max(width, len(v.Name))
	}
	fmt.Fprintf(&b, "equal %s, %s\n\n%-*s %12s %8s  changes\n", p.Equal, countText(len(p.Runs()), "run"), width, "variant", "parameters", "steps")
	for _, v := range p.Variants {
		fmt.Fprintf(&b, "%-*s %12d %8d  %s\n", width, v.Name, v.Parameters, v.Steps, strings.Join(v.Sets, " "))
	}
	if len(results.Cells) == 0 {
		return b.String()
	}
	fmt.Fprintf(&b, "\n%-*s %8s %8s %12s %25s %12s\n", width, "variant", "share", "seeds", measure, "from … to", "a second")
	for _, c := range results.Cells {
		mean, spread, rate, m := "none", "", "none", c.Values[measure]
		if m.Runs > 0 { // a run that diverged has none
			mean, spread = fmt.Sprintf("%.5g", m.Mean), fmt.Sprintf("%.5g … %.5g", m.Min, m.Max)
		}
		if of := c.Values["rate"]; of.Runs > 0 {
			rate = rateText(of.Mean)
		}
		fmt.Fprintf(&b, "%-*s %8.4g %8s %12s %25s %12s\n", width, c.Variant, c.Share, seedsText(c, m), mean, spread, rate)
	}
	switch others := countText(results.Others, "run"); {
	case results.Others > 0 && results.Workers > 0:
		fmt.Fprintf(&b, "\nspeeds are of runs on %s; left out of them: %s on another number, or on one that changed or is not known\n", countText(results.Workers, "worker"), others)
	case results.Others > 0:
		fmt.Fprintf(&b, "\nleft out of the speeds: %s on a number of workers that changed\n", others)
	}
	b.WriteString(missedText(results))
	return b.String()
}

// missedBy is from what factor on times that were to be equal are said to be others.
const missedBy = 1.3

// missedText says where variants of equal time took another time than the first, by the speeds of their runs. Without variants of other batches
// all steps have as many targets.
func missedText(results comparison.Results) (text string) {
	p := results.Plan
	if p.Equal != "time" {
		return ""
	}
	for _, v := range p.Variants {
		if strings.Contains(" "+strings.Join(v.Sets, " "), " batch.") {
			return ""
		}
	}
	rate := func(variant string, share float64) float64 {
		for _, c := range results.Cells {
			if c.Variant == variant && c.Share == share {
				return c.Values["rate"].Mean
			}
		}
		return 0
	}
	first := p.Variants[0]
	for _, share := range p.Shares {
		for _, v := range p.Variants[1:] {
			own, of := rate(v.Name, share), rate(first.Name, share)
			if own <= 0 || of <= 0 {
				continue
			}
			times := float64(v.Steps) / own * of / float64(first.Steps)
			if times > missedBy || times < 1/missedBy {
				text += fmt.Sprintf("\nnot equal in time: with share %.4g the runs of %s took %.2g times as long as those of %s", share, v.Name, times, first.Name)
			}
		}
	}
	if text != "" {
		text += "\nthe machine was busy with other work, when steps were measured or when runs were trained; another --out measures anew\n"
	}
	return text
}

// seedsText is how many seeds a mean is of, and of how many where others came to no number.
func seedsText(c comparison.Cell, of comparison.Range) string {
	if of.Runs < c.Runs {
		return fmt.Sprintf("%d/%d", of.Runs, c.Runs)
	}
	return fmt.Sprint(c.Runs)
}

// savePicture draws a measure by the share of the data: the mean of each variant as a line, and the spread of its
// seeds as faint bars.
func savePicture(path string, results comparison.Results, measure string) error {
	chart := &draw.Chart{Title: measure + " by share of the training set", X: "share", Y: measure, LogX: len(results.Plan.Shares) > 1}
	if measure == "rate" {
		chart.Title, chart.Y = "speed by share of the training set", "targets a second"
	}
	known := false
	for i, v := range results.Plan.Variants {
		color := draw.Colors[i%len(draw.Colors)]
		line := draw.Series{Name: v.Name, Color: color}
		dots := draw.Series{Color: color, Dots: true}
		var missing []string // seeds that came to no number
		for _, c := range results.Cells {
			if c.Variant != v.Name {
				continue
			}
			m := c.Values[measure]
			if m.Runs < c.Runs {
				missing = append(missing, fmt.Sprintf("%s at share %.4g", seedsText(c, m), c.Share))
			}
			if m.Runs == 0 {
				continue
			}
			line.X, line.Y = append(line.X, c.Share), append(line.Y, m.Mean)
			dots.X, dots.Y = append(dots.X, c.Share), append(dots.Y, m.Mean)
			chart.Series = append(chart.Series, draw.Series{X: []float64{c.Share, c.Share}, Y: []float64{m.Min, m.Max}, Color: color, Faint: true})
		}
		if len(missing) > 0 {
			line.Name += " (seeds: " + strings.Join(missing, ", ") + ")"
		}
		if len(line.X) > 0 || len(missing) > 0 { // a name in the legend, where there is nothing to draw
			chart.Series = append(chart.Series, line, dots)
		}
		known = known || len(line.X) > 0
	}
	if !known {
		return nil
	}
	return draw.Save(path, chart.Scene())
}
