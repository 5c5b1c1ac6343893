package cmd

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/nn/probe"
)

// probed is the report of `rondo probe`, as JSON has it.
type probed struct {
	Run     string       `json:"run"`
	Step    uint64       `json:"step"`
	State   string       `json:"state"`
	Cleaned string       `json:"cleaned,omitempty"` // how the texts were: as a set's [cutting.ReviewsCleaning], or rawTexts
	Texts   [3]textCount `json:"texts"`
	probe.Report
	Steps []stepProbe `json:"steps,omitempty"`

	source  string // directory of the checkpoints
	unknown bool   // the features do not say of which run they are, and Run is their file's name
}

type textCount struct {
	Set      string `json:"set"`
	Texts    int    `json:"texts"`
	Positive int    `json:"positive"`
}

// leading is the unit of the largest weight, or of the best rule where none has a weight; the one that was asked for
// before these.
func (r *probed) leading() probe.UnitReport {
	switch {
	case r.Asked != nil:
		return *r.Asked
	case r.ByWeight != nil:
		return *r.ByWeight
	}
	return r.ByRule
}

func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

// scoresText is the accuracy on each set that there is.
func scoresText(s probe.Scores) string {
	text := "train " + percent(s.Train)
	if s.Folds != nil {
		text += ", folds " + percent(*s.Folds)
	}
	if s.Valid != nil {
		text += ", valid " + percent(*s.Valid)
	}
	if s.Test != nil {
		text += ", test " + percent(*s.Test)
	}
	return text
}

// printTitle and its sisters print the report for people, part by part as they are found.
func (r *probed) printTitle(out io.Writer) { fmt.Fprintf(out, "%s\n%s\n", r.title(), r.counts()) }

func (r *probed) printFit(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n", r.whole())
	r.pathTable(out)
}

func (r *probed) printUnits(out io.Writer) {
	printTable(out, "\nFew labels, drawn by chance\n", r.labelTable())
	printTable(out, "\nUnits by themselves, each by one threshold\n", r.unitTable())
	for _, line := range r.unitLines() {
		fmt.Fprintf(out, "%s\n", line)
	}
}

func (r *probed) title() string {
	if r.unknown {
		return visibleText(fmt.Sprintf("%s, which names no run: features of %s", r.Run, countText(r.Columns, "unit")))
	}
	return visibleText(fmt.Sprintf("%s, step %d: %s of %s", r.Run, r.Step, r.State, countText(r.Columns, "unit")))
}

func visibleText(text string) string { return string(visible([]byte(text))) }

func (r *probed) counts() string {
	var parts []string
	for _, t := range r.Texts {
		if t.Texts > 0 {
			parts = append(parts, fmt.Sprintf("%s %s, %d positive", t.Set, countText(t.Texts, "text"), t.Positive))
		}
	}
	switch r.Cleaned {
	case cutting.CleanedASCII:
		parts = append(parts, "cleaned to ASCII")
	case rawTexts:
		parts = append(parts, "read as they are")
	}
	return strings.Join(parts, "; ")
}

func (r *probed) whole() string {
	return fmt.Sprintf("All units: %s. C = %g, chosen %s; %d of %s have a weight.",
		scoresText(r.Scores), r.C, r.chosenBy(), r.Nonzero, countText(r.Columns, "unit"))
}

func (r *probed) chosenBy() string {
	if r.Texts[1].Texts > 0 {
		return "on valid"
	}
	return "by five folds"
}

func (r *probed) pathTable(out io.Writer) {
	rows := [][]string{{"C", "with a weight", "train", map[bool]string{true: "valid", false: "folds"}[r.Texts[1].Texts > 0]}}
	for _, p := range r.Path {
		rows = append(rows, []string{fmt.Sprintf("%g", p.C), fmt.Sprint(p.Nonzero), percent(p.Train), percent(p.Chosen)})
	}
	printTable(out, "", rows)
}

func (r *probed) labelTable() (rows [][]string) {
	for i, p := range r.Labels {
		if i == 0 {
			rows = append(rows, []string{"labels", "accuracy", "deviation", "lowest", "highest", "draws"})
		}
		rows = append(rows, []string{fmt.Sprint(p.Labels), percent(p.Mean), percent(p.Deviation), percent(p.Low), percent(p.High), fmt.Sprint(p.Draws)})
	}
	return rows
}

func (r *probed) unitTable() [][]string {
	rows := [][]string{{"unit", "weight", "positive where", "train"}}
	if _, of := r.ByRule.Scores.Best(); r.ByRule.Scores.Held() != nil {
		rows[0] = append(rows[0], of)
	}
	for _, u := range r.Units {
		row := []string{fmt.Sprint(u.Unit), fmt.Sprintf("%.3f", u.Weight), ruleText(u.Rule), percent(u.Accuracy)}
		if u.Held != nil {
			row = append(row, percent(*u.Held))
		}
		rows = append(rows, row)
	}
	return rows
}

func ruleText(r probe.Rule) string {
	return fmt.Sprintf("%s %.3f", map[int]string{1: ">", -1: "<"}[r.Sign], r.Threshold)
}

// unitLines say of each unit that was looked at what it comes to.
func (r *probed) unitLines() (lines []string) {
	say := func(what string, u *probe.UnitReport) {
		if u != nil {
			lines = append(lines, fmt.Sprintf("Unit %d, %s: positive where %s: %s; with the threshold 0: %s.", u.Rule.Unit, what,
				ruleText(u.Rule), scoresText(u.Scores), scoresText(u.AtZero)))
		}
	}
	say("which was asked for", r.Asked)
	say("which has the largest weight", r.ByWeight)
	say("whose threshold does best on train", &r.ByRule)
	if s := r.Stable; s != nil {
		lines = append(lines, fmt.Sprintf("Of %d halves of the texts that are fitted to, the largest weight is that of %s; the best threshold that of %s.",
			s.Resamples, timesText(s.ByWeight), timesText(s.ByRule)))
	}
	return lines
}

// timesText says which units lead how often.
func timesText(counts []probe.Count) string {
	var parts []string
	for i, c := range counts {
		if i == 4 {
			parts = append(parts, fmt.Sprintf("%d more", len(counts)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("unit %d in %d", c.Unit, c.Times))
	}
	if parts == nil {
		return "no unit"
	}
	return strings.Join(parts, ", ")
}

func wordsText(b *probe.Fitted) string {
	return fmt.Sprintf("Words in place of units: %s. C = %g; %d of %s have a weight.", scoresText(b.Scores), b.C, b.Nonzero, countText(b.Columns-1, "word"))
}

// fewWordsText is how wordsText goes on where labels were drawn.
func fewWordsText(b *probe.Fitted) (text string) {
	for i, p := range b.Labels {
		if i == 0 {
			text += " With few labels:"
		}
		text += fmt.Sprintf(" %d: %s ± %s;", p.Labels, percent(p.Mean), percent(p.Deviation))
	}
	return strings.TrimSuffix(text, ";")
}

func (r *probed) stepTable() (rows [][]string) {
	for i, s := range r.Steps {
		all, allOf := s.Scores.Best()
		unit, unitOf := s.ByUnit.Best()
		if i == 0 {
			rows = append(rows, []string{"step", "all units, " + allOf, "C", "with a weight", fmt.Sprintf("unit %d, %s", s.Unit, unitOf), "its threshold", "best unit"})
		}
		rows = append(rows, []string{fmt.Sprint(s.Step), percent(all), fmt.Sprintf("%g", s.C), fmt.Sprint(s.Nonzero),
			percent(unit), ruleText(s.Rule), fmt.Sprint(s.Leads)})
	}
	return rows
}

// printTable prints rows, of which the first names the columns; nothing where there are none.
func printTable(out io.Writer, title string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprint(out, title)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range rows {
		fmt.Fprintf(w, "%s\t\n", strings.Join(row, "\t"))
	}
	_ = w.Flush() // out keeps its error
}
