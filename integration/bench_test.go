package integration

import (
	"encoding/json"
	"math"
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
	Run *struct {
		Lanes, Steps, Targets, Parameters, Buckets int
		Unit                                       string

		Operations    float64 `json:"step_gflop"`
		GradientBytes int     `json:"gradient_bytes"`
		Here          struct {
			Threads int
			Step    float64 `json:"step_seconds"`
			Compute float64 `json:"compute_seconds"`
			First   float64 `json:"first_bucket_seconds"`
			Rate    float64 `json:"targets_per_second"`
			Share   float64
		}
		Cluster struct {
			Nodes, Cores int
			Network      float64 `json:"network_gbit"`
			Latency      float64 `json:"latency_micros"`
			CPU          float64 `json:"cpu_nanos_a_byte"`
			Frame        float64 `json:"cpu_nanos_a_frame"`
			Wake         float64 `json:"cpu_nanos_a_wake"`
			Price        float64 `json:"price_per_hour"`
		}
		Predicted []struct {
			Workers, Lanes     int
			Hidden, Efficiency float64
			Step               float64 `json:"step_seconds"`
			Compute            float64 `json:"compute_seconds"`
			Ring               float64 `json:"ring_seconds"`
			Rate               float64 `json:"targets_per_second"`
			Run                float64 `json:"run_seconds"`
			Cost               float64 `json:"run_cost"`
			Sent               float64 `json:"sent_bytes_per_step"`
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
			for share, want := range map[float64]float64{k.Share.One: k.GFLOPS.One / m.Ceiling.One, k.Share.All: k.GFLOPS.All / m.Ceiling.All} {
				if math.Abs(share-want) > 1e-9*want {
					t.Errorf("%s: %v of the ceiling, want %v", k.Name, share, want)
				}
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

// TestBenchRun predicts a run whose data are not there: it needs none.
func TestBenchRun(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("run.yaml", runFile)
	r := l.bench("run.yaml", "--set", "data.train=nowhere", "--nodes", "4", "--cores", "1", "--network", "1Gbit", "--latency", "0.2ms", "--price", "0.40/h").Run
	if r == nil || r.Lanes != 8 || r.Steps != 40 || r.Targets != 16*16 || r.GradientBytes != 4*r.Parameters || r.Buckets < 1 || len(r.Predicted) != 4 {
		t.Fatalf("%+v", r)
	}
	h, c := r.Here, r.Cluster
	if h.Threads != 1 || !(0 < h.First && h.First <= h.Compute && h.Compute <= h.Step) || !(0 < h.Share && h.Share <= 1.3) {
		t.Errorf("%+v", h)
	}
	if c.Nodes != 4 || c.Cores != 1 || c.Network != 1 || c.Latency != 200 || c.Price != 0.4 || c.CPU <= 0 || c.Frame <= 0 || c.Wake < 0 {
		t.Errorf("%+v", c)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(got > 0 && math.Abs(got/want-1) < 1e-6) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("one worker's step", r.Predicted[0].Step, h.Step)
	for i, p := range r.Predicted {
		n := i + 1
		if p.Workers != n || p.Lanes != (8+n-1)/n || p.Hidden < 0 || p.Hidden > 1 || (p.Sent > 0) != (n > 1) {
			t.Errorf("%+v", p)
		}
		near("the efficiency", p.Efficiency, h.Step/(float64(n)*p.Step))
		near("the rate", p.Rate, float64(r.Targets)/p.Step)
		near("the time", p.Run, 40*p.Step)
		near("the cost", p.Cost, p.Run/3600*float64(n)*0.4)
		if hops := float64(3*n - 2); n > 1 && p.Step < hops*200e-6 { // twice around, beyond the beginning, and the gather
			t.Errorf("%d workers: %v s, less than the latency", n, p.Step)
		}
	}
	l.Write("images.yaml", "model: {kind: lenet5}\ndata: {train: 'generated:digits?count=100'}\nbatch: {global: 16, lanes: 4}\n")
	if r := l.bench("images.yaml", "--nodes", "1", "--byte-cost", "1.4ns").Run; r == nil || math.Abs(r.Cluster.CPU-1.4) > 1e-9 || r.Unit != "image" || r.Targets != 16 || len(r.Predicted) != 1 {
		t.Errorf("%+v", r)
	}
	text := l.Must("bench", "run.yaml", "--quick", "--nodes", "2", "--network", "local")
	for _, want := range []string{"charlm lstm", "8 lanes", "workers", "Without evaluations and checkpoints"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if len([]rune(line)) > 101 {
			t.Errorf("more than 100 columns: %q", line)
		}
	}
}

// TestBenchPlan plans clusters, and says where scaling bends.
func TestBenchPlan(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	l.Write("run.yaml", runFile)
	text := l.Must("bench", "run.yaml", "--quick", "--plan", "128,2", "--network", "1Mbit", "--price", "0.40/h")
	for _, want := range []string{"nodes", "in bf16", "Memory of a node", "Scaling bends at 2 nodes", "bandwidth"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if len([]rune(line)) > 101 {
			t.Errorf("more than 100 columns: %q", line)
		}
	}
	type planned struct {
		Nodes, Lanes int
		Step         float64 `json:"step_seconds"`
		Sent         float64 `json:"sent_bytes_per_step"`
	}
	var r struct {
		Run struct {
			Plan *struct {
				Memory        int64 `json:"memory_bytes"`
				LeastMemory   int64 `json:"least_memory_bytes"`
				Float32, BF16 []planned
			}
		}
	}
	if err := json.Unmarshal([]byte(l.Must("bench", "run.yaml", "--quick", "--json", "--plan", "128,2,2")), &r); err != nil {
		t.Fatal(err)
	}
	plan := r.Run.Plan
	if plan == nil || len(plan.Float32) != 3 || len(plan.BF16) != 3 || plan.Memory <= 0 || plan.LeastMemory > plan.Memory {
		t.Fatalf("%+v", plan)
	}
	lanes := map[int]int{1: 8, 2: 16, 128: 512} // a run may have 999
	for i, n := range []int{1, 2, 128} {
		f, b := plan.Float32[i], plan.BF16[i]
		if f.Nodes != n || f.Lanes != lanes[n] || f.Step < plan.Float32[0].Step || b.Step > f.Step*1.0001 || (n > 1) != (f.Sent > b.Sent) {
			t.Errorf("%+v\n%+v", f, b)
		}
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
	l.Write("run.yaml", runFile)
	for _, c := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"--nodes", "9"}, []string{"--nodes 9", "8 lanes", "batch.lanes"}},
		{[]string{"--nodes", "-1"}, []string{"--nodes -1", "at least 1"}},
		{[]string{"--cores", "-2"}, []string{"--cores -2", "from 0.01 to 4096"}},
		{[]string{"--network", "10"}, []string{`--network "10"`, "10Gbit"}},
		{[]string{"--network", "0Gbit"}, []string{`--network "0Gbit"`, "from 1Mbit"}},
		{[]string{"--network", "10GB/s"}, []string{`--network "10GB/s"`, "940Mbit"}},
		{[]string{"--latency", "50"}, []string{`--latency "50"`, "50us"}},
		{[]string{"--latency", "-1us"}, []string{`--latency "-1us"`, "from 0us"}},
		{[]string{"--byte-cost", "1.4"}, []string{`--byte-cost "1.4"`, "as 1.4ns"}},
		{[]string{"--byte-cost", "0ns"}, []string{`--byte-cost "0ns"`, "from 0.001ns"}},
		{[]string{"--price", "0.40"}, []string{`--price "0.40"`, "0.40/h"}},
		{[]string{"--only", "ring"}, []string{"--only", "run file"}},
		{[]string{"--plan", "8,0"}, []string{"--plan 0", "from 1 to 65536"}},
		{[]string{"--plan", "8", "--nodes", "4"}, []string{"--plan and --nodes", "leave out one"}},
		{[]string{"--set", "model.hiden=3"}, []string{"--set model.hiden=3", "did you mean model.hidden?"}},
		{[]string{"run.yaml"}, []string{"one run file", "2 arguments"}},
	} {
		l.WantError("run.yaml "+strings.Join(c.args, " "), l.Run(append([]string{"bench", "run.yaml"}, c.args...)...), 2, c.wants...)
	}
	l.WantError("a cluster without a run", l.Run("bench", "--nodes", "4"), 2, "--nodes", "RUN.yaml")
	l.WantError("a plan without a run", l.Run("bench", "--plan", "4"), 2, "--plan", "RUN.yaml")
	l.WantError("no such file", l.Run("bench", "none.yaml"), 2, "none.yaml")
	l.Write("bad.yaml", strings.Replace(runFile, "hidden: 32", "hidden: many", 1))
	l.WantError("a bad file", l.Run("bench", "bad.yaml"), 2, "bad.yaml:3", "model.hidden")
	l.WantError("a member by hand", l.Run("bench-member"), 2, "tls-ca")
}
