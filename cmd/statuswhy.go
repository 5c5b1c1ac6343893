package cmd

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// printWhy answers why a run does not move, or that it does.
func printWhy(w io.Writer, s api.Status) error {
	fmt.Fprintln(w, whyText(s))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, k := range s.Workers {
		if k.Doing != "" {
			fmt.Fprintf(t, "%s\t%s\tstep %d\t%s\n", k.Name, k.State, k.Step, k.Doing)
		}
	}
	return t.Flush()
}

// whyText is the answer in a sentence.
func whyText(s api.Status) string {
	switch {
	case s.Why != "":
		return strings.ReplaceAll(fmt.Sprintf("%s: %s", s.Phase, s.Why), "; ", "\n  ")
	case s.Phase == api.PhaseTraining:
		return fmt.Sprintf("it moves: %d of %d steps are done, and they come as usual", s.Step, s.Steps)
	}
	return fmt.Sprintf("%s: %s", s.Phase, s.Reason)
}
