package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/task"
)

func newStatus() *cobra.Command {
	var (
		addr   string
		asJSON bool
		why    bool
		layers bool
		by     steerFlags // a coordinator, in the place of its page
	)
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how a running run gets on",
		Long: `Asks the status page's server of a run, by default the one of rondo train on this machine; with --context that of a run in
a Kubernetes cluster, of the coordinator that leads. With --coordinator, or with --context and an operator's token or certificate,
a coordinator itself is asked, over TLS, and the one that leads answers: so the page need not be reachable.`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), askTimeout)
			defer cancel()
			if layers {
				return showHealth(ctx, c.OutOrStdout(), addr, asJSON)
			}
			var body []byte
			var err error
			if len(by.addrs) > 0 || by.tokenFile != "" || !by.tls.none() {
				body, err = askStatus(c, &by)
			} else if err = by.kube.check(); err != nil {
				err = wrongUsage(c, err)
			} else {
				body, err = getStatus(ctx, addr, &by.kube)
			}
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
	c.Flags().StringVar(&addr, "status-addr", defaultStatusAddr, "`HOST:PORT` of the status page")
	c.Flags().BoolVar(&asJSON, "json", false, "print the JSON")
	c.Flags().BoolVar(&why, "why", false, "say why no step comes: who waits for whom, in what, for how long")
	c.Flags().BoolVar(&layers, "health", false, "say how each layer of the network fares, the worst first; asks the status page")
	by.kube.add(c)
	by.tls.add(c)
	addTokenFile(c, &by.tokenFile)
	addressesVar(c.Flags(), &by.addrs, "coordinator", "`HOST:PORT` of a coordinator to ask in the place of the page: the first that answers is")
	c.MarkFlagsMutuallyExclusive("status-addr", "context", "coordinator")
	c.MarkFlagsMutuallyExclusive("json", "why")
	c.MarkFlagsMutuallyExclusive("health", "why")
	c.MarkFlagsMutuallyExclusive("health", "context", "coordinator")
	return c
}

// askStatus asks a coordinator.
func askStatus(c *cobra.Command, by *steerFlags) ([]byte, error) {
	addrs, creds, done, err := by.reach(c)
	if err != nil {
		return nil, err
	}
	defer done()
	text, err := askCoordinator(c.Context(), addrs, creds, func(ctx context.Context, coord api.CoordinatorClient) (string, error) {
		r, err := coord.Status(ctx, &api.StatusRequest{})
		return string(r.GetJson()), err
	})
	return []byte(text), err
}

// maxStatus bounds an answer, which is some ten kilobytes.
const maxStatus = 16 << 20

// getStatus asks the page at an address; of a cluster with a context that of the coordinator that leads, or of any.
func getStatus(ctx context.Context, addr string, kube *kubeFlags) (body []byte, err error) {
	if kube.context == "" {
		return getStatusOf(ctx, addr)
	}
	err = kube.each(ctx, kubeStatusPort, func(addr string) (bool, error) {
		text, err := getStatusOf(ctx, addr)
		if err != nil {
			return false, err
		}
		body = text
		var s api.Status
		return json.Unmarshal(text, &s) != nil || s.Phase != api.PhaseStandby, nil
	})
	if body != nil {
		return body, nil
	}
	return nil, err
}

func getStatusOf(ctx context.Context, addr string) ([]byte, error) {
	return getPage(ctx, addr, "/api/status")
}

// getPage asks the page at an address for one of its parts.
func getPage(ctx context.Context, addr, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--status-addr %q: %w", addr, err)}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("status page: %w; is a run going on there?", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxStatus))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("status page %s: %w", addr, err)
	}
	return body, nil
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
