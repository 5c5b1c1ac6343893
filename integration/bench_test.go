package integration

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

type benchPair struct {
	One float64 `json:"one_core"`
	All float64 `json:"all_cores"`
}

// benchReport is written from docs/bench/README.md.
type benchReport struct {
	Machine *struct {
		Arch    string
		Cores   int
		Tier    string
		Ceiling benchPair            `json:"ceiling_gflops"`
		Memory  map[string]benchPair `json:"memory_gbytes"`
	}
	Kernels []struct {
		Name, Shape, Bound string
		GFLOPS, GBytes     *benchPair
		Share              benchPair
	}
	Ring *struct {
		Workers   int
		Transport string
		Sizes     []struct {
			Bytes  int
			Micros float64
			Bus    float64 `json:"bus_gbytes"`
			CPU    float64 `json:"cpu_seconds"`
		}
	}
}

func (l *Lab) bench(args ...string) benchReport {
	l.t.Helper()
	text := l.Must(append([]string{"bench", "--quick", "--json"}, args...)...)
	var r benchReport
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		l.t.Fatalf("%v in\n%s", err, text)
	}
	return r
}

// TestBench measures in whole processes. Other tests run beside it, so that figures of all cores, and shares of
// them, say little here.
func TestBench(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	r := l.bench("--only", "machine,kernels")
	if r.Machine == nil || r.Ring != nil || len(r.Kernels) < 8 {
		t.Fatalf("%+v", r)
	}
	positive := func(what string, p benchPair) {
		t.Helper()
		if !(p.One > 0 && p.All > 0) {
			t.Errorf("%s: %+v", what, p)
		}
	}
	m := r.Machine
	if m.Arch == "" || m.Cores < 1 || m.Tier == "" || len(m.Memory) != 4 {
		t.Errorf("%+v", m)
	}
	positive("ceiling", m.Ceiling)
	for name, p := range m.Memory {
		positive("memory "+name, p)
	}
	for _, k := range r.Kernels {
		positive(k.Name, k.Share)
		switch {
		case k.Bound == "compute" && k.GFLOPS != nil && k.GBytes == nil:
			positive(k.Name, *k.GFLOPS)
			if k.Share.One > 1.3 {
				t.Errorf("%s: %v of the ceiling", k.Name, k.Share.One)
			}
		case k.Bound == "memory" && k.GBytes != nil && k.GFLOPS == nil:
			positive(k.Name, *k.GBytes)
		default:
			t.Errorf("%s: bound by %q: %+v", k.Name, k.Bound, k)
		}
	}
}

// TestBenchRing measures rings of processes of either kind.
func TestBenchRing(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	for _, c := range []struct {
		workers int
		kind    string
		args    []string
	}{
		{2, "unix", nil},
		{3, "tcp", []string{"--workers", "3", "--ring", "tcp"}},
	} {
		r := l.bench(append([]string{"--only", "ring"}, c.args...)...).Ring
		if r == nil || r.Workers != c.workers || r.Transport != c.kind || len(r.Sizes) != 4 {
			t.Fatalf("%+v", r)
		}
		for i, s := range r.Sizes {
			if want := []int{4 << 10, 1 << 20, 16 << 20, 64 << 20}[i]; s.Bytes != want || !(s.Micros > 0 && s.Bus > 0 && s.CPU >= 0) {
				t.Errorf("%s: %+v", c.kind, s)
			}
		}
	}
	left, err := os.ReadDir(l.Tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the temporary directory: %v, %v", left, err)
	}
}

// TestBenchTable prints a table for people, and nothing on standard error, which is no terminal here.
func TestBenchTable(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	r := l.Run("bench", "--quick", "--only", "ring")
	if r.Code != 0 || r.Stderr != "" || !strings.HasPrefix(r.Stdout, "ring of 2 processes over unix sockets\n") || !strings.Contains(r.Stdout, "64 MiB") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// TestBenchInterrupted: a signal ends it at once, in the midst of whatever it does, and nothing is left.
func TestBenchInterrupted(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	for _, only := range []string{"machine", "ring"} {
		p := l.Start("bench", "--only", only)
		l.waitTmp(p) // it has begun
		p.Signal(os.Interrupt)
		l.WantError("interrupted "+only, p.Wait(), 130, "stopped by a signal")
		if left, err := os.ReadDir(l.Tmp); err != nil || len(left) > 0 {
			t.Errorf("%s: left in the temporary directory: %v, %v", only, left, err)
		}
	}
}

// waitTmp waits until a process has made something in the temporary directory.
func (l *Lab) waitTmp(p *Process) {
	l.t.Helper()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if made, err := os.ReadDir(l.Tmp); err == nil && len(made) > 0 {
			return
		}
		select {
		case <-tick.C:
		case <-p.done:
			l.t.Fatalf("%s left (%v) before it made anything", p.name, p.cmd.ProcessState)
		case <-l.ctx.Done():
			l.t.Fatalf("%s makes nothing", p.name)
		}
	}
}

// TestBenchBadFlags gives what cannot be measured.
func TestBenchBadFlags(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	for _, c := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"--workers", "1"}, []string{"--workers 1", "from 2 to 64"}},
		{[]string{"--workers", "65"}, []string{"--workers 65", "from 2 to 64"}},
		{[]string{"--ring", "token"}, []string{`--ring "token"`, "unix and tcp"}},
		{[]string{"--only", "kernel"}, []string{`--only "kernel"`, "machine, kernels, ring"}},
		{[]string{"--only", ""}, []string{"--only", "machine, kernels, ring"}},
		{[]string{"--fast"}, []string{"--fast", "rondo bench --help"}},
	} {
		l.WantError(strings.Join(c.args, " "), l.Run(append([]string{"bench"}, c.args...)...), 2, c.wants...)
	}
	l.WantError("a member by hand", l.Run("bench-member"), 2, "tls-ca")
}
