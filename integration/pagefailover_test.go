package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// openPage asks a page for all that its views show, again and again, as a browser with each of them open would, until
// close is called. A page that is away is asked again.
func openPage(page string) (close func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var asking sync.WaitGroup
	for _, path := range []string{"/api/status", "/api/series?points=1000", "/api/network", "/api/health", "/api/waterfall"} {
		asking.Go(func() {
			tick := time.NewTicker(10 * pollEvery)
			defer tick.Stop()
			for ctx.Err() == nil {
				if r, err := http.NewRequestWithContext(ctx, http.MethodGet, page+path, nil); err == nil {
					if answer, err := http.DefaultClient.Do(r); err == nil {
						_, _ = io.Copy(io.Discard, answer.Body)
						answer.Body.Close()
					}
				}
				select {
				case <-tick.C:
				case <-ctx.Done():
				}
			}
		})
	}
	return func() { cancel(); asking.Wait() }
}

// TestPageOutlivesLeader has the pages of two coordinators open while the one that leads is killed. The other's page then has the
// whole history, and each view has what it shows; the run has the weights of one that nobody looks at.
func TestPageOutlivesLeader(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c, second := l.StartTwo(startEtcdServer(t), 2, "looked-at", leadersRun...)
	for _, page := range []string{c.Coordinator.Page(), second.Page()} {
		defer openPage(page)()
	}
	c.StartWorkers(2)
	var falls api.Waterfalls
	ask := func(p *Process, path string, into any) {
		t.Helper()
		if err := json.Unmarshal([]byte(fetch(t, p.Page()+path)), into); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	told := func(p *Process) {
		p.WaitStatus("a step of both workers", func(api.Status) bool {
			falls = api.Waterfalls{}
			ask(p, "/api/waterfall", &falls)
			return len(falls.Workers) == 2
		})
	}
	told(c.Coordinator)
	if w := falls.Workers[1]; w.Worker != "worker-1" || w.Total <= 0 || len(w.Spans) < 6 {
		t.Errorf("a step of the second worker: %+v", w)
	}
	killed := c.Coordinator.WaitStep(3).Step
	c.Coordinator.Signal(syscall.SIGKILL)
	second.WaitStatus("the lead", func(s api.Status) bool { return s.Phase == api.PhaseTraining && s.Step > killed+1 })
	told(second)
	var s history.Series
	second.WaitStatus("the history from its first step on", func(api.Status) bool {
		s = history.Series{}
		ask(second, fmt.Sprintf("/api/series?points=5000&to=%d&columns=loss", min(killed+1, 5000)), &s)
		return len(s.Steps) > 0 && s.Steps[0] == 1
	})
	for i, step := range s.Steps {
		if step != uint64(i+1) || s.Width != 1 {
			t.Fatalf("the history lacks a step: %d is the %d-th, of %d in buckets of %d", step, i+1, s.End, s.Width)
		}
	}
	var layers api.LayersHealth
	second.WaitStatus("layers that are measured", func(api.Status) bool {
		layers = api.LayersHealth{}
		ask(second, "/api/health", &layers)
		return layers.Step > 0
	})
	c.Coordinator, c.Addr = second, c.others[0]
	c.WantCalm()
}
