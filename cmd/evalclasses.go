package cmd

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/worker"
)

// mostConfused is up to how many classes it is printed which is taken for which.
const mostConfused = 20

// printClassTable prints how well each class is told, and which is taken for which where classes are few.
func printClassTable(out io.Writer, found worker.Measured, name func(class int) string) error {
	for _, m := range found.Whole {
		table, ok := m.(interface{ Classes() []measure.Class })
		if !ok {
			continue
		}
		classes := table.Classes()
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprint(w, "class\tthere\trecall\tprecision\tF1\tIoU\t\n")
		for i, c := range classes {
			fmt.Fprintf(w, "%s\t%.0f\t%s\t%s\t%s\t%s\t\n", name(i), c.Is, ratio(c.Recall()), ratio(c.Precision()), ratio(c.F1()), ratio(c.IoU()))
		}
		if confusion, ok := m.(*measure.Confusion); ok && len(classes) <= mostConfused {
			printConfusion(w, confusion, len(classes), name)
		}
		return w.Flush()
	}
	return fmt.Errorf("--classes: this model tells no classes apart")
}

// printConfusion prints a row for each class and a column for what it is taken for.
func printConfusion(w io.Writer, m *measure.Confusion, classes int, name func(class int) string) {
	fmt.Fprint(w, "\nis \\ taken for\t")
	for taken := range classes {
		fmt.Fprintf(w, "%s\t", name(taken))
	}
	fmt.Fprintln(w)
	for is := range classes {
		fmt.Fprintf(w, "%s\t", name(is))
		for taken := range classes {
			fmt.Fprintf(w, "%d\t", m.Count(is, taken))
		}
		fmt.Fprintln(w)
	}
}

// ratio is a share as a percentage, or a dash where there is none.
func ratio(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf("%.2f %%", 100*x)
}

// classNames are the names of a task's classes in a set, or their numbers where it has none.
func classNames(source, learns string) func(class int) string {
	var names []string
	if set, err := samples.OpenSource(source); err == nil {
		info, _ := task.Lookup(learns)
		if at := set.Schema().Part(info.Target); at >= 0 {
			names = set.Schema().Parts[at].Classes
		}
	}
	return func(class int) string {
		if class < len(names) {
			return string(visible([]byte(names[class])))
		}
		return fmt.Sprint(class)
	}
}
