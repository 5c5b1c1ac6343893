package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// switched are hosts whose lines meet in a bridge, so that any two of them can be cut off from one
// another. The first is the coordinator's.
func switched(t *testing.T, n int) []host {
	t.Helper()
	hub := fmt.Sprintf("rondo-%d-hub", os.Getpid())
	namespace(t, hub)
	if err := ip("-n", hub, "link", "add", "bridge", "type", "bridge"); err != nil {
		t.Skipf("no bridge can be made here: %v", err)
	}
	all := make([]host, n)
	for i := range all {
		h := host{fmt.Sprintf("rondo-%d-s%d", os.Getpid(), i), fmt.Sprintf("198.51.100.%d", i+1)}
		namespace(t, h.name)
		end := fmt.Sprintf("port%d", i)
		for _, args := range [][]string{
			{"link", "add", "line", "netns", h.name, "type", "veth", "peer", "name", end, "netns", hub},
			{"-n", hub, "link", "set", end, "master", "bridge", "up"},
		} {
			if err := ip(args...); err != nil {
				t.Skipf("no line to a bridge can be made here: %v", err)
			}
		}
		h.connect(t)
		all[i] = h
	}
	if err := ip("-n", hub, "link", "set", "bridge", "up"); err != nil {
		t.Skipf("no bridge can be used here: %v", err)
	}
	return all
}

// cutTo lets nothing through from a host to another one any more. Neither is told.
func (h host) cutTo(t *testing.T, to host) {
	t.Helper()
	if err := ip("-n", h.name, "route", "add", "blackhole", to.ip+"/32"); err != nil {
		t.Fatal(err)
	}
}

// heal undoes a cut.
func (h host) heal(t *testing.T, to host) {
	t.Helper()
	if err := ip("-n", h.name, "route", "del", "blackhole", to.ip+"/32"); err != nil {
		t.Fatal(err)
	}
}

// shape has what a host sends go through a queue of tc(8).
func (h host) shape(queue ...string) error {
	return ip(append([]string{"netns", "exec", h.name, "tc", "qdisc", "add", "dev", "line", "root"}, queue...)...)
}

// onLines starts a run with a worker on every host but the first.
func (l *Lab) onLines(hosts []host, dir string, sets ...string) *hostsRun {
	l.t.Helper()
	r := l.startOnHosts(hosts[0], hosts[1:], dir, sets)
	for i, h := range r.hosts {
		r.Workers = append(r.Workers, r.start(i, "--ring-listen", h.ip+":9001"))
	}
	return r
}

// awaitStatus asks for the status on the coordinator's host until it is as wanted.
func (r *hostsRun) awaitStatus(ok func(api.Status) bool) (s api.Status) {
	there := r.Cluster.lab
	there.t.Helper()
	addr := strings.TrimSuffix(strings.TrimPrefix(r.Coordinator.Page(), "http://"), "/")
	tick := time.NewTicker(10 * pollEvery)
	defer tick.Stop()
	for {
		if out := there.Run("status", "--json", "--status-addr", addr); out.Code == 0 {
			if err := json.Unmarshal([]byte(out.Stdout), &s); err != nil {
				there.t.Fatal(err)
			}
			if ok(s) {
				return s
			}
		}
		select {
		case <-tick.C:
		case <-r.Coordinator.done:
			there.t.Fatalf("the coordinator left; the last events were\n%s", eventsText(s))
		case <-there.ctx.Done():
			there.t.Fatalf("in vain; %s; the last events are\n%s", s.Why, eventsText(s))
		}
	}
}

// eventsText are the events of a run, one a line.
func eventsText(s api.Status) string {
	var lines []string
	for _, e := range s.Events {
		lines = append(lines, fmt.Sprintf("%s %s (%s)", e.At.Format("05.000"), e.What, e.Reason))
	}
	return strings.Join(lines, "\n")
}

// TestLinks cuts links of a ring whose workers all live, or makes one slow, and freezes a worker. The run goes
// on within seconds, or is left alone, and has the weights of a calm one.
func TestLinks(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	sets := []string{endless, "eval.every=0", "checkpoint.every=0"}
	for i, tc := range []struct {
		name    string
		workers int
		fault   func(t *testing.T, hosts []host, s api.Status)
		says    string // an event; empty: the ring stays as it was
		heal    bool   // the first worker's way to the coordinator, after some steps
	}{
		{"both ways", 4, func(t *testing.T, h []host, _ api.Status) { h[2].cutTo(t, h[3]); h[3].cutTo(t, h[2]) }, "nothing comes through from worker-1 to worker-2", false},
		{"one way", 3, func(t *testing.T, h []host, _ api.Status) { h[2].cutTo(t, h[3]) }, "waits outside the ring", false},
		{"two workers", 2, func(t *testing.T, h []host, _ api.Status) { h[1].cutTo(t, h[2]) }, "waits outside the ring", false},
		{"no way to the coordinator", 2, func(t *testing.T, h []host, _ api.Status) { h[1].cutTo(t, h[0]) }, "", true},
		{"frozen", 3, func(t *testing.T, _ []host, s api.Status) {
			if err := syscall.Kill(s.Workers[1].PID, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
		}, "worker-1 was lost", false},
		{"slow", 2, func(t *testing.T, h []host, _ api.Status) {
			if err := h[1].shape("tbf", "rate", "50mbit", "burst", "16k", "latency", "400ms"); err != nil {
				t.Skipf("no line can be made slow here: %v", err)
			}
		}, "", false},
		{"lossy", 2, func(t *testing.T, h []host, _ api.Status) {
			if err := h[1].shape("netem", "delay", "2ms", "loss", "2%"); err != nil {
				t.Skipf("no line can be made to lose anything here: %v", err)
			}
		}, "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			lab := *l
			lab.t = t
			hosts := switched(t, tc.workers+1)
			r := lab.onLines(hosts, fmt.Sprintf("links-%d", i), sets...)
			s := r.awaitStatus(func(s api.Status) bool { return s.Step >= 5 })
			tc.fault(t, hosts, s)
			began := time.Now()
			if tc.says != "" {
				r.awaitStatus(func(s api.Status) bool { return strings.Contains(eventsText(s), tc.says) })
				t.Logf("known after %v", time.Since(began).Round(10*time.Millisecond))
			} else {
				until := s.Step + 150
				s = r.awaitStatus(func(s api.Status) bool { return s.Step >= until })
				if s.Generation != 1 {
					t.Errorf("the ring changed: %s", eventsText(s))
				}
				if tc.heal {
					hosts[1].heal(t, hosts[0])
				}
			}
			step := r.awaitStatus(func(api.Status) bool { return true }).Step
			r.awaitStatus(func(s api.Status) bool { return s.Step >= step+50 })
			if stop := r.Steer("stop"); stop.Code != 0 {
				t.Fatalf("rondo stop: exit status %d\n%s", stop.Code, stop.Stderr)
			}
			if end := r.Coordinator.Wait(); end.Code != 130 {
				t.Fatalf("exit status %d\n%s", end.Code, end.Stderr)
			}
			lab.wantReplayed("run.yaml", r.Dir, r.sets...)
		})
	}
}
