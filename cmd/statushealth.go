package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// showHealth asks a page how the layers of a run's network fare, and prints it.
func showHealth(c *cobra.Command, of *statusFlags, asJSON bool) error {
	w := c.OutOrStdout()
	body, err := of.askPage(c, "/api/health")
	if err != nil {
		return err
	}
	if asJSON {
		_, err := w.Write(append(body, '\n'))
		return err
	}
	var h api.LayersHealth
	if err := json.Unmarshal(body, &h); err != nil {
		return fmt.Errorf("status page %s: not the health of layers: %w", of.page, err)
	}
	return printHealth(w, h)
}

// printHealth prints the worst layers first, with what is wrong.
func printHealth(w io.Writer, h api.LayersHealth) error {
	if h.Step == 0 {
		_, err := fmt.Fprintln(w, "no step was measured; while the run goes on this question has one of the next steps measured: ask again")
		return err
	}
	fmt.Fprintf(w, "layers in step %d:\n", h.Step)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "layer\tkind\t\ttime\tupdate:weight\tgradient\tverdict")
	for _, l := range h.Layers {
		time, ratio, gradient := "–", "–", "–"
		if l.Time.Finite() {
			time = fmt.Sprintf("%.2f ms", 1e3*l.Time)
		}
		if l.Ratio.Finite() {
			ratio = fmt.Sprintf("10^%.1f", l.Ratio)
		}
		if l.Gradient.Finite() {
			gradient = fmt.Sprintf("%.3g", l.Gradient)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Name, l.Kind, l.Level, time, ratio, gradient, l.Verdict)
	}
	return t.Flush()
}
