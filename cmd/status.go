package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/api"
)

func newStatus() *cobra.Command {
	var (
		addr   string
		asJSON bool
	)
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how a running run gets on",
		Long:  `Asks the status page's server of a run, by default the one of rondo train on this machine.`,
		Args:  args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), askTimeout)
			defer cancel()
			body, err := getStatus(ctx, addr)
			if err != nil {
				return err
			}
			if asJSON {
				_, err := c.OutOrStdout().Write(append(body, '\n'))
				return err
			}
			var s api.Status
			if err := json.Unmarshal(body, &s); err != nil {
				return fmt.Errorf("status page %s: not a status: %w", addr, err)
			}
			return printStatus(c.OutOrStdout(), s)
		},
	}
	c.Flags().StringVar(&addr, "status-addr", defaultStatusAddr, "`HOST:PORT` of the status page")
	c.Flags().BoolVar(&asJSON, "json", false, "print the JSON")
	return c
}

// maxStatus bounds an answer, which is some ten kilobytes.
const maxStatus = 16 << 20

func getStatus(ctx context.Context, addr string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/api/status", nil)
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
	fmt.Fprintf(w, "step %d of %d, %.3f bits/%s, %s %s/s, lr %g, %s left\n", s.Step, s.Steps, s.BitsPerChar, sampleOf(s), rateText(s.Rate), sampleOf(s), s.LR,
		durationText(time.Duration(s.SecondsLeft*float64(time.Second))))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "worker\tlanes\tstate\tstep\tcompute\tring\twait\tdata")
	for _, k := range s.Workers {
		fmt.Fprintf(t, "%s\t%d-%d\t%s\t%d\t%.1f ms\t%.1f ms\t%.1f ms\t%.1f ms\n", k.Name, k.FirstLane, k.EndLane-1, k.State, k.Step,
			k.Compute*1e3, k.Ring*1e3, k.Wait*1e3, k.Data*1e3)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if n := len(s.Checkpoints); n > 0 {
		c := s.Checkpoints[n-1]
		fmt.Fprintf(w, "newest checkpoint: step %d, %s, digest %.12s\n", c.Step, c.Path, c.Digest)
	}
	return nil
}
