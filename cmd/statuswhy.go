package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// printWhy answers why a run does not move, or that it does.
func printWhy(w io.Writer, s api.Status) error {
	fmt.Fprintln(w, whyText(s))
	if text := missingText(s); text != "" {
		fmt.Fprintln(w, text)
	}
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

// missingText tells of the workers that the ring goes on without, and how the last of them were lost: "3 of 4 workers; worker-2 was
// lost at step 460 (silent for 1.6 s); generation 2 goes on with 3 workers". It is empty when none is missing.
func missingText(s api.Status) string {
	there := 0
	for _, k := range s.Workers {
		if k.State != "lost" {
			there++
		}
	}
	if s.Phase != api.PhaseTraining || there >= s.Expected {
		return ""
	}
	text := fmt.Sprintf("%d of %s", there, countText(s.Expected, "worker"))
	for _, e := range slices.Backward(s.Events) {
		if e.What != api.RingChanges {
			continue
		}
		if e.Level != "warn" { // somebody came after those that were lost before
			break
		}
		text += "; " + e.Reason
		if there++; there >= s.Expected {
			break
		}
	}
	return text
}
