package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/nn/probe"
)

// probePicture is a chart with the name of its files.
type probePicture struct {
	name  string
	chart *draw.Chart
}

// write writes the report into a directory.
func (r *probed) write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	report := struct {
		*probed
		pictureList
	}{probed: r}
	var page bytes.Buffer
	r.page(&page)
	for _, p := range r.pictures() {
		report.Pictures = append(report.Pictures, p.name)
		for _, ext := range []string{".svg", ".png"} {
			if err := draw.Save(filepath.Join(dir, p.name+ext), p.chart.Scene()); err != nil {
				return err
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "index.html"), page.Bytes(), 0o666); err != nil {
		return err
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "report.json")
	earlier := readPictures(path)
	if err := os.WriteFile(path, append(text, '\n'), 0o666); err != nil {
		return err
	}
	return earlier.drop(dir, report.Pictures)
}

// pictureList names the pictures that a report has beside it, in its report.json.
type pictureList struct {
	Pictures []string `json:"pictures"`
}

// readPictures reads which pictures an earlier report has. There are none where no report lies, or one that does not say.
func readPictures(path string) (list pictureList) {
	if text, err := os.ReadFile(path); err != nil || json.Unmarshal(text, &list) != nil {
		return pictureList{}
	}
	return list
}

// drop removes the pictures that a later report does not have, as those of another unit.
func (list pictureList) drop(dir string, later []string) error {
	for _, name := range list.Pictures {
		unit, isUnit := strings.CutPrefix(name, "unit-")
		isUnit = isUnit && unit != "" && strings.Trim(unit, "0123456789") == ""
		if slices.Contains(later, name) || !isUnit && name != "labels" && name != "path" && name != "steps" {
			continue
		}
		for _, ext := range []string{".svg", ".png"} {
			if err := os.Remove(filepath.Join(dir, name+ext)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

func (r *probed) pictures() (all []probePicture) {
	seen := map[int]bool{}
	for _, u := range []*probe.UnitReport{r.Asked, r.ByWeight, &r.ByRule} {
		if u != nil && !seen[u.Rule.Unit] {
			seen[u.Rule.Unit] = true
			all = append(all, probePicture{fmt.Sprintf("unit-%d", u.Rule.Unit), unitChart(u)})
		}
	}
	if len(r.Labels) > 0 {
		all = append(all, probePicture{"labels", r.labelChart()})
	}
	all = append(all, probePicture{"path", r.pathChart()})
	if len(r.Steps) > 1 {
		all = append(all, probePicture{"steps", r.stepChart()})
	}
	return all
}

// unitChart is how a unit's values are spread in each class, with its threshold.
func unitChart(u *probe.UnitReport) *draw.Chart {
	h := u.Histogram
	most := 0
	outline := func(name string, counts []int) draw.Series {
		s, width := draw.Series{Name: name}, (h.High-h.Low)/float64(len(counts))
		for i, n := range counts {
			left := h.Low + float64(i)*width
			s.X, s.Y = append(s.X, left, left+width), append(s.Y, float64(n), float64(n))
			most = max(most, n)
		}
		return s
	}
	c := &draw.Chart{Title: fmt.Sprintf("Unit %d by class", u.Rule.Unit), X: "what the unit holds behind a text", Y: "texts"}
	c.Series = append(c.Series, outline("positive", h.Positive), outline("negative", h.Negative),
		draw.Series{Name: fmt.Sprintf("threshold %.3f", u.Rule.Threshold), X: []float64{u.Rule.Threshold, u.Rule.Threshold}, Y: []float64{0, float64(most)}, Color: draw.Soft})
	return c
}

// labelChart is accuracy by the number of labels: means, and a bar at each for how far draws reach.
func (r *probed) labelChart() *draw.Chart {
	c := &draw.Chart{Title: "Accuracy by the number of labels", X: "labels", Y: "%", LogX: true}
	add := func(name string, f *probe.Fitted, k int) {
		mean := draw.Series{Name: name, Color: draw.Colors[k]}
		for _, p := range f.Labels {
			x := float64(p.Labels)
			mean.X, mean.Y = append(mean.X, x), append(mean.Y, 100*p.Mean)
			c.Series = append(c.Series, draw.Series{X: []float64{x, x}, Y: []float64{100 * p.Low, 100 * p.High}, Color: mean.Color, Faint: true})
		}
		all, _ := f.Scores.Best() // never that of train: few labels are measured on other texts, too
		mean.X, mean.Y = append(mean.X, float64(r.Texts[0].Texts)), append(mean.Y, 100*all)
		c.Series = append(c.Series, mean)
	}
	add("all units", &r.Fitted, 0)
	if r.Baseline != nil {
		add("words", r.Baseline, 1)
	}
	return c
}

func (r *probed) pathChart() *draw.Chart {
	train, chosen := draw.Series{Name: "train"}, draw.Series{Name: strings.TrimPrefix(strings.TrimPrefix(r.chosenBy(), "on "), "by ")}
	for _, p := range r.Path {
		train.X, train.Y = append(train.X, p.C), append(train.Y, 100*p.Train)
		chosen.X, chosen.Y = append(chosen.X, p.C), append(chosen.Y, 100*p.Chosen)
	}
	return &draw.Chart{Title: "Accuracy by C", X: "C", Y: "%", LogX: true, Series: []draw.Series{train, chosen}}
}

func (r *probed) stepChart() *draw.Chart {
	all, unit := draw.Series{}, draw.Series{}
	for _, s := range r.Steps {
		share, of := s.Scores.Best()
		all.Name, all.X, all.Y = "all units, "+of, append(all.X, float64(s.Step)), append(all.Y, 100*share)
		share, of = s.ByUnit.Best()
		unit.Name = fmt.Sprintf("unit %d by one threshold, %s", s.Unit, of)
		unit.X, unit.Y = append(unit.X, float64(s.Step)), append(unit.Y, 100*share)
	}
	return &draw.Chart{Title: "Through training", X: "step", Y: "%", Series: []draw.Series{all, unit}}
}

const probeHead = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%[1]s</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:760px;padding:0 1em;color:#1b1f27;background:#fff}
table{border-collapse:collapse;margin:.5em 0 1.5em;display:block;overflow-x:auto}td,th{padding:.15em .8em;text-align:right;border-bottom:1px solid #e4e7ec;white-space:nowrap}th{white-space:normal;vertical-align:bottom}
svg{max-width:100%%;height:auto}</style>
<h1>%[1]s</h1>
`

// page writes the report as a page that needs nothing else.
func (r *probed) page(w io.Writer) {
	say := func(lines ...string) {
		for _, line := range lines {
			fmt.Fprintf(w, "<p>%s</p>\n", html.EscapeString(line))
		}
	}
	pictures := map[string]*draw.Chart{}
	var units []string
	for _, p := range r.pictures() {
		pictures[p.name] = p.chart
		if strings.HasPrefix(p.name, "unit-") {
			units = append(units, p.name)
		}
	}
	show := func(name string) {
		if c := pictures[name]; c != nil {
			_ = c.Scene().SVG(w) // a buffer takes all
		}
	}
	fmt.Fprintf(w, probeHead, html.EscapeString(r.title()))
	say(r.counts(), r.whole())
	show("path")
	fmt.Fprintln(w, "<h2>Units by themselves</h2>")
	say(r.unitLines()...)
	for _, name := range units {
		show(name)
	}
	htmlTable(w, r.unitTable())
	if len(r.Labels) > 0 {
		fmt.Fprintln(w, "<h2>Few labels</h2>")
		show("labels")
		htmlTable(w, r.labelTable())
	}
	if r.Baseline != nil {
		say(wordsText(r.Baseline) + fewWordsText(r.Baseline))
	}
	if len(r.Steps) > 0 {
		fmt.Fprintln(w, "<h2>Through training</h2>")
		show("steps")
		htmlTable(w, r.stepTable())
	}
	fmt.Fprintln(w, "</html>")
}

func htmlTable(w io.Writer, rows [][]string) {
	fmt.Fprintln(w, "<table>")
	for i, row := range rows {
		cell := "td"
		if i == 0 {
			cell = "th"
		}
		fmt.Fprint(w, "<tr>")
		for _, text := range row {
			fmt.Fprintf(w, "<%[1]s>%[2]s</%[1]s>", cell, html.EscapeString(text))
		}
		fmt.Fprintln(w, "</tr>")
	}
	fmt.Fprintln(w, "</table>")
}
