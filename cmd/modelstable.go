package cmd

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/bench/networks"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/summary"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/machine"
)

// modelRow is a kind in the table.
type modelRow struct {
	Kind         string  `json:"kind"`
	About        string  `json:"about"`
	Input        string  `json:"input"` // as "3x224x224"
	Parameters   int     `json:"parameters"`
	MultiplyAdds int     `json:"multiply_adds"`
	Field        int     `json:"field,omitempty"`
	Batch        int     `json:"batch"`
	Memory       int64   `json:"step_bytes"`
	Seconds      float64 `json:"step_seconds,omitempty"`
	Error        string  `json:"error,omitempty"`
}

// table is `rondo models` without --summary.
func (o *modelsFlags) table(c *cobra.Command, kinds []string) error {
	pool := tensor.NewPool(machine.Threads())
	defer pool.Close()
	var rows []modelRow
	for _, kind := range kinds {
		f, err := runfile.OfKind(kind, o.set)
		if err != nil {
			return &usageError{err}
		}
		if t := terminalOf(c.ErrOrStderr()); t != nil && o.time {
			fmt.Fprintf(t, "\r\x1b[Kmeasuring %s …", kind)
		}
		r := modelRow{Kind: kind, Batch: o.batch}
		err = o.fill(c.Context(), &r, f, pool)
		if stopped := c.Context().Err(); stopped != nil {
			return stopped
		}
		if err != nil {
			if len(o.set) > 0 { // it may be the user's mistake
				return &usageError{err}
			}
			r.Error = err.Error()
		}
		rows = append(rows, r)
	}
	if t := terminalOf(c.ErrOrStderr()); t != nil && o.time {
		fmt.Fprint(t, "\r\x1b[K")
	}
	if o.json {
		return printJSON(c.OutOrStdout(), rows)
	}
	_, err := io.WriteString(c.OutOrStdout(), o.tableText(rows))
	return err
}

// fill finds out about a kind.
func (o *modelsFlags) fill(ctx context.Context, r *modelRow, f *runfile.File, pool *tensor.Pool) error {
	info, _ := zoo.Lookup(f.Model.Kind)
	r.About = info.About
	n, err := zoo.New(f.Model.Kind, f.Model.Fields)
	if err != nil {
		return err
	}
	s, err := summary.Of(n, f.RowLength())
	if err != nil {
		return err
	}
	r.Parameters, r.MultiplyAdds, r.Field = s.Parameters, s.MultiplyAdds, s.Field
	if len(s.Inputs) > 0 {
		r.Input = sizeText(s.Inputs[0].Shape)
	}
	learns := f.Task.New()
	if r.Memory, err = summary.Memory(n, learns, pool, o.batch, f.RowLength()); err != nil || !o.time {
		return err
	}
	if most := machine.Here().Memory; most > 0 && r.Memory > int64(most)*9/10 {
		return fmt.Errorf("a step of %d needs %s; this machine has %s", o.batch, bytesText(r.Memory), bytesText(int64(most)))
	}
	r.Seconds, err = networks.Step(ctx, n, learns, pool, o.batch, f.RowLength())
	return err
}

// tableText is the table within 100 columns.
func (o *modelsFlags) tableText(rows []modelRow) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := len("kind")
	for _, r := range rows {
		width = max(width, len(r.Kind))
	}
	name := func(n string) string { return n + strings.Repeat(" ", width-len(n)) }
	step := fmt.Sprintf("step of %d", o.batch)
	head := []string{name("kind"), "input", "parameters", "multiply-adds", "field", "memory"}
	if o.time {
		head = append(head, step, "a second")
	}
	fmt.Fprintln(w, strings.Join(head, "\t")+"\t")
	for _, r := range rows {
		cells := []string{name(r.Kind), r.Input, countOr(r.Parameters, "–"), macsText(r.MultiplyAdds), countOr(r.Field, "–"), "–"}
		if r.Memory > 0 {
			cells[5] = bytesText(r.Memory)
		}
		if o.time && r.Seconds > 0 {
			cells = append(cells, stepText(r.Seconds), rateText(float64(o.batch)/r.Seconds))
		} else if o.time {
			cells = append(cells, "–", "–")
		}
		fmt.Fprintln(w, strings.Join(cells, "\t")+"\t")
	}
	w.Flush()
	for _, r := range rows {
		if r.Error != "" {
			fmt.Fprintf(&b, "%s: %s\n", r.Kind, r.Error)
		}
	}
	fmt.Fprintf(&b, "\nmultiply-adds: of one sample, with the input's size or steps as the defaults have it;\n"+
		"field: pixels of the image that one of the last maps sees;\n"+
		"memory: of a training step of %s, without the optimizer's state.\n", countText(o.batch, "sample"))
	if o.time {
		b.WriteString("step: forward and backward on all cores, the best of several.\n")
	} else {
		b.WriteString("How fast each is here: --time measures a training step, of all kinds or of those named.\n")
	}
	return b.String()
}

// macsText is a number of multiply-adds in three figures: "1.81 G".
func macsText(n int) string {
	switch x := float64(n); {
	case n == 0:
		return "–"
	case x >= 1e9:
		return fmt.Sprintf("%.2f G", x/1e9)
	case x >= 1e6:
		return fmt.Sprintf("%.2f M", x/1e6)
	}
	return fmt.Sprintf("%.1f k", float64(n)/1e3)
}
