package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/task"
)

func newStatus() *cobra.Command {
	var (
		of     statusFlags
		asJSON bool
		why    bool
		layers bool
	)
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how a running run gets on",
		Long: `Asks what you train on this machine with ` + program.Name() + ` train; --run says which where there are several. Where there is none the status
page is asked that --status-addr names; with --context that of a run in a Kubernetes cluster, of the coordinator that leads. With
--coordinator, or with --context and an operator's token or certificate, a coordinator itself is asked, over TLS, and the one that
leads answers: so the page need not be reachable.`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			if layers {
				return showHealth(c, &of, asJSON)
			}
			body, err := of.ask(c)
			if err != nil {
				return err
			}
			if asJSON {
				_, err := c.OutOrStdout().Write(append(body, '\n'))
				return err
			}
			var s api.Status
			if err := json.Unmarshal(body, &s); err != nil {
				return fmt.Errorf("the answer is no status: %w", err)
			}
			if why {
				return printWhy(c.OutOrStdout(), s)
			}
			return printStatus(c.OutOrStdout(), s)
		},
	}
	of.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print the JSON")
	c.Flags().BoolVar(&why, "why", false, "say why no step comes: who waits for whom, in what, for how long")
	c.Flags().BoolVar(&layers, "health", false, "say how each layer of the network fares, the worst first; asks the status page")
	c.MarkFlagsMutuallyExclusive("json", "why")
	c.MarkFlagsMutuallyExclusive("health", "why")
	c.MarkFlagsMutuallyExclusive("health", "context", "coordinator")
	return c
}

func printStatus(w io.Writer, s api.Status) error {
	fmt.Fprintf(w, "%s: %s (%s)\n", s.Run.Name, s.Phase, s.Reason)
	if s.Phase == api.PhaseStandby {
		return nil // it knows nothing of the run
	}
	for _, a := range s.Alarms {
		fmt.Fprintf(w, "! %s\n", a.What)
	}
	fmt.Fprintln(w, progressText(s))
	if n := len(s.Evaluations); n > 0 {
		fmt.Fprintln(w, heldText(s, s.Evaluations[n-1]))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "worker\tlanes\tstate\tstep\tcompute\tring\twait\tdata\tof its ceiling")
	for _, k := range s.Workers {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\t%s\n", k.Name, lanesText(k), k.State, k.Step,
			k.Compute*1e3, k.Ring*1e3, k.Wait*1e3, k.Data*1e3, shareText(k))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, e := range s.Journal {
		fmt.Fprintln(w, entryText(e))
	}
	if n := len(s.Checkpoints); n > 0 {
		c := s.Checkpoints[n-1]
		fmt.Fprintf(w, "newest checkpoint: step %d, %s, digest %.12s\n", c.Step, c.Path, c.Digest)
	}
	return nil
}

// shareText is the share of what a worker's threads could do: "71 % of 68 GFLOP/s".
func shareText(k api.Worker) string {
	if k.Share == 0 {
		return "not known"
	}
	return fmt.Sprintf("%.0f %% of %.3g GFLOP/s", 100*k.Share, k.Ceiling/1e9)
}

// entryText is a line of the journal.
func entryText(e api.Entry) string {
	switch {
	case e.Waits && e.Step == 0:
		return "journal: at the next step: " + e.What
	case e.Waits:
		return fmt.Sprintf("journal: to come when %d steps are done: %s", e.Step, e.What)
	}
	return fmt.Sprintf("journal: when %d steps were done: %s", e.Step, e.What)
}

// progressText is how far a run is and how fast: what is not known yet is left out.
func progressText(s api.Status) string {
	text := fmt.Sprintf("step %d of %d", s.Step, s.Steps)
	if stepped(s) {
		text += fmt.Sprintf(", %s, %s %s/s, lr %s", lossText(s, s.Loss, s.BitsPerChar, 3), rateText(s.Rate), sampleOf(s), lrText(s.LR))
	}
	if s.SecondsLeft > 0 {
		text += ", " + durationText(time.Duration(s.SecondsLeft*float64(time.Second))) + " left"
	}
	return text
}

// heldText is the newest evaluation.
func heldText(s api.Status, e api.Evaluation) string {
	return fmt.Sprintf("held out after step %d: %s", e.Step, measureText(s, e, 3))
}

// measureText is what an evaluation found, its loss with so many decimals.
func measureText(s api.Status, e api.Evaluation, decimals int) string {
	text := lossText(s, e.Loss, e.BitsPerChar, decimals)
	for _, m := range e.Measures {
		text += ", " + figureText(m.Name, float64(m.Value), m.Unit)
	}
	return text
}

// figureText is one measure of a network: "99.12 % right", "mean IoU 81.20 %".
func figureText(name string, value float64, unit string) string {
	switch {
	case name == "accuracy":
		return fmt.Sprintf("%.2f %% right", 100*value)
	case unit == task.Share:
		return fmt.Sprintf("%s %.2f %%", name, 100*value)
	case unit != "":
		return fmt.Sprintf("%s %.4g %s", name, value, unit)
	}
	return fmt.Sprintf("%s %.4g", name, value)
}

// lanesText is "0-3", or a dash for a worker that has none yet.
func lanesText(w api.Worker) string {
	if w.EndLane <= w.FirstLane {
		return "-"
	}
	return fmt.Sprintf("%d-%d", w.FirstLane, w.EndLane-1)
}

// lrText writes a learning rate with as many digits as a float32 has.
func lrText(lr float64) string { return strconv.FormatFloat(lr, 'g', -1, 32) }
