package cmd

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/summary"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// summarize is `rondo models KIND --summary` and --svg.
func (o *modelsFlags) summarize(out io.Writer, kind string) error {
	f, err := runfile.OfKind(kind, o.set)
	if err != nil {
		return &usageError{err}
	}
	n, err := zoo.New(f.Model.Kind, f.Model.Fields)
	if err != nil {
		return &usageError{err}
	}
	s, err := summary.Of(n, f.RowLength())
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if o.svg != "" {
		if err := draw.Save(o.svg, graphScene(s)); err != nil {
			return err
		}
		if !o.summary && !o.json {
			fmt.Fprintf(out, "%s: %s of %s\n", o.svg, countText(len(s.Layers), "layer"), kind)
			return nil
		}
	}
	if o.json {
		return printJSON(out, s)
	}
	_, err = io.WriteString(out, summaryText(s))
	return err
}

// summaryText is a table of the layers.
func summaryText(s *summary.Summary) string {
	var b strings.Builder
	for _, in := range s.Inputs {
		fmt.Fprintf(&b, "%s reads %s %s\n", s.Kind, in.Name, sizeText(in.Shape))
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }
	const head, foot = "layer", "together"
	width := len(foot)
	for _, l := range s.Layers {
		width = max(width, len([]rune(l.Name)))
	}
	name := func(n string) string { return n + strings.Repeat(" ", width-len([]rune(n))) }
	row(name(head), "kind", "output", "parameters", "multiply-adds", "field")
	for _, l := range s.Layers {
		row(name(l.Name), l.Kind, sizeText(l.Output), countOr(l.Parameters, ""), countOr(l.MultiplyAdds, ""), countOr(l.Field, ""))
	}
	row(name(foot), "", "", countOr(s.Parameters, "0"), countOr(s.MultiplyAdds, "0"), countOr(s.Field, ""))
	w.Flush()
	return b.String()
}

// sizeText is a shape as "64x56x56".
func sizeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, "x")
}

// countOr is a count with commas between thousands, or what stands for none.
func countOr(n int, none string) string {
	if n == 0 {
		return none
	}
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
