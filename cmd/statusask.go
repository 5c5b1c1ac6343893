package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// statusFlags say whose status is asked for: of a run on this machine, of a coordinator's, or of a page.
type statusFlags struct {
	page string
	by   steerFlags
}

func (f *statusFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.page, "status-addr", defaultStatusAddr, "`HOST:PORT` of the status page")
	f.by.add(c)
	c.MarkFlagsMutuallyExclusive("status-addr", "context", "coordinator", "run")
}

// ask is the status, as JSON.
func (f *statusFlags) ask(c *cobra.Command) ([]byte, error) {
	if err := f.by.kube.check(); err != nil {
		return nil, wrongUsage(c, err)
	}
	ctx, cancel := context.WithTimeout(c.Context(), askTimeout)
	defer cancel()
	switch {
	case len(f.by.addrs) > 0 || f.by.tokenFile != "" || !f.by.tls.none():
		return f.askCoordinator(c)
	case f.by.kube.context != "":
		return getStatus(ctx, f.page, &f.by.kube)
	}
	run, err := f.here(c)
	switch {
	case err != nil:
		return nil, err
	case run != nil:
		f.by.run = run.Name
		return f.askCoordinator(c)
	}
	return getStatus(ctx, f.page, &f.by.kube)
}

// askPage asks a page for one of its parts.
func (f *statusFlags) askPage(c *cobra.Command, path string) ([]byte, error) {
	if err := f.by.check(); err != nil {
		return nil, wrongUsage(c, err)
	}
	run, err := f.here(c)
	switch {
	case err != nil:
		return nil, err
	case run != nil && run.Page == "":
		return nil, fmt.Errorf("run %s has no status page; give it one by --status-addr HOST:PORT", run.Name)
	case run != nil:
		f.page = run.Page
	}
	ctx, cancel := context.WithTimeout(c.Context(), askTimeout)
	defer cancel()
	return getPage(ctx, f.page, path)
}

// here is the run on this machine that is meant; nil: a page is.
func (f *statusFlags) here(c *cobra.Command) (*localRun, error) {
	if c.Flags().Changed("status-addr") {
		return nil, nil
	}
	run, err := findLocalRun(f.by.run)
	if _, none := errors.AsType[noRunError](err); none && f.by.run == "" {
		return nil, nil // one of another user, or a cluster's coordinator, may have the usual page
	}
	return run, err
}

// runsHere names the runs of this machine, for when a page does not answer.
func runsHere() string {
	var names []string
	for _, r := range localRuns(workParents()) {
		names = append(names, r.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return " On this machine go on: " + strings.Join(names, ", ") + "; --run NAME asks one of them"
}

// askCoordinator asks a coordinator.
func (f *statusFlags) askCoordinator(c *cobra.Command) ([]byte, error) {
	addrs, creds, done, err := f.by.reach(c)
	if err != nil {
		return nil, err
	}
	defer done()
	text, err := askCoordinator(c.Context(), addrs, creds, func(ctx context.Context, coord api.CoordinatorClient) (string, error) {
		r, err := coord.Status(ctx, &api.StatusRequest{})
		return string(r.GetJson()), err
	})
	return []byte(text), f.by.explain(err)
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
		return nil, fmt.Errorf("status page: %w; is a run going on there?%s", err, runsHere())
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
