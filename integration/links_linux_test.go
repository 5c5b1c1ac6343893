package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	ip := func(args ...string) error {
		if said, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w %s", strings.Join(args, " "), err, said)
		}
		return nil
	}
	hub := fmt.Sprintf("rondo-%d-hub", os.Getpid())
	add := func(name string) {
		if err := ip("netns", "add", name); err != nil {
			t.Skipf("no network namespace can be made here (root and ip are needed): %v", err)
		}
		t.Cleanup(func() { _ = ip("netns", "del", name) })
	}
	add(hub)
	if err := ip("-n", hub, "link", "add", "bridge", "type", "bridge"); err != nil {
		t.Skipf("no bridge can be made here: %v", err)
	}
	all := make([]host, n)
	for i := range all {
		h := host{fmt.Sprintf("rondo-%d-s%d", os.Getpid(), i), fmt.Sprintf("198.51.100.%d", i+1)}
		add(h.name)
		end := fmt.Sprintf("port%d", i)
		for _, args := range [][]string{
			{"link", "add", "line", "netns", h.name, "type", "veth", "peer", "name", end, "netns", hub},
			{"-n", hub, "link", "set", end, "master", "bridge", "up"},
			{"-n", h.name, "addr", "add", h.ip + "/24", "dev", "line"}, {"-n", h.name, "link", "set", "line", "up"}, {"-n", h.name, "link", "set", "lo", "up"},
		} {
			if err := ip(args...); err != nil {
				t.Skip(err)
			}
		}
		all[i] = h
	}
	if err := ip("-n", hub, "link", "set", "bridge", "up"); err != nil {
		t.Skip(err)
	}
	return all
}

// cutTo lets nothing through from a host to another one any more. Neither is told.
func (h host) cutTo(t *testing.T, to host) {
	t.Helper()
	if said, err := exec.Command("ip", "-n", h.name, "route", "add", "blackhole", to.ip+"/32").CombinedOutput(); err != nil {
		t.Fatalf("cut from %s to %s: %v %s", h.name, to.name, err, said)
	}
}

// heal undoes a cut.
func (h host) heal(t *testing.T, to host) {
	t.Helper()
	if said, err := exec.Command("ip", "-n", h.name, "route", "del", "blackhole", to.ip+"/32").CombinedOutput(); err != nil {
		t.Fatalf("heal from %s to %s: %v %s", h.name, to.name, err, said)
	}
}

// onLines starts a run with a worker on every host but the first.
func (l *Lab) onLines(hosts []host, dir string, sets ...string) *hostsRun {
	l.t.Helper()
	r := &hostsRun{lab: l, sockets: filepath.Join(l.Tmp, "sh")}
	r.Cluster = l.on(hosts[0], r.sockets).newCluster(nil, sets)
	r.Dir = dir
	r.sets = append(r.sets, "--set", "checkpoint.dir="+dir)
	r.Coordinator = r.startCoordinator(len(hosts)-1, "--listen", hosts[0].ip+":0", "--record-dir", "record-"+dir)
	r.Addr = r.Coordinator.WaitOutput(`workers join\s+(\S+)`)[1]
	for i, h := range hosts[1:] {
		r.Workers = append(r.Workers, l.on(h, r.sockets).Start(r.WorkerArgs(fmt.Sprintf("worker-%d", i), "--ring-listen", h.ip+":9001")...))
	}
	return r
}

// awaitStatus asks for the status on the coordinator's host until it is as wanted.
func (r *hostsRun) awaitStatus(there *Lab, ok func(api.Status) bool) (s api.Status) {
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
// on within seconds, or is left alone, and ends with the digest of a calm one.
func TestLinks(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	const steps = 800
	sets := []string{fmt.Sprintf("steps=%d", steps), "eval.every=0", "checkpoint.every=0"}
	if r := l.train("calm", "--set", sets[0], "--set", sets[1], "--set", sets[2]); r.Code != 0 {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	want := l.Digest("calm")
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
			slow := []string{"netns", "exec", h[1].name, "tc", "qdisc", "add", "dev", "line", "root", "tbf", "rate", "50mbit", "burst", "16k", "latency", "400ms"}
			if said, err := exec.Command("ip", slow...).CombinedOutput(); err != nil {
				t.Skipf("no line can be made slow here: %v %s", err, said)
			}
		}, "", false},
		{"lossy", 2, func(t *testing.T, h []host, _ api.Status) {
			lossy := []string{"netns", "exec", h[1].name, "tc", "qdisc", "add", "dev", "line", "root", "netem", "delay", "2ms", "loss", "2%"}
			if said, err := exec.Command("ip", lossy...).CombinedOutput(); err != nil {
				t.Skipf("no line can be made to lose anything here: %v %s", err, said)
			}
		}, "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			lab := *l
			lab.t = t
			hosts := switched(t, tc.workers+1)
			r := lab.onLines(hosts, fmt.Sprintf("links-%d", i), sets...)
			there := lab.on(hosts[0], r.sockets)
			s := r.awaitStatus(there, func(s api.Status) bool { return s.Step >= 5 })
			tc.fault(t, hosts, s)
			began := time.Now()
			if tc.says != "" {
				r.awaitStatus(there, func(s api.Status) bool { return strings.Contains(eventsText(s), tc.says) })
				t.Logf("known after %v", time.Since(began).Round(10*time.Millisecond))
			} else {
				until := uint64(150)
				if tc.heal {
					until = steps - 200
				}
				s = r.awaitStatus(there, func(s api.Status) bool { return s.Step >= until })
				if s.Generation != 1 {
					t.Errorf("the ring changed: %s", eventsText(s))
				}
				if tc.heal {
					hosts[1].heal(t, hosts[0])
				}
			}
			if end := r.Coordinator.Wait(); end.Code != 0 {
				t.Fatalf("exit status %d\n%s", end.Code, end.Stderr)
			}
			if got := lab.Digest(r.Dir); got != want {
				t.Errorf("digest %s, calm %s", got, want)
			}
		})
	}
}
