package worker

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// A process is dead when it waits for nobody and does nothing for long. One that waits in the ring, or for a
// coordinator, lives however long that takes.
func TestLiveness(t *testing.T) {
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		signs func(i int) signs
		work  time.Duration // between two looks
		dead  bool
	}{
		{"it computes a long step", func(int) signs { return signs{doing: api.Doing_STEPPING} }, time.Second, false},
		{"it stands in a step", func(int) signs { return signs{doing: api.Doing_STEPPING} }, 0, true},
		{"talk is no work", func(int) signs { return signs{doing: api.Doing_STEPPING} }, idling, true},
		{"it waits in the ring", func(int) signs { return signs{doing: api.Doing_STEPPING, blocked: true} }, 0, false},
		{"it takes step after step", func(i int) signs { return signs{doing: api.Doing_STEPPING, progress: uint64(i)} }, 0, false},
		{"bytes come", func(i int) signs { return signs{doing: api.Doing_BRINGING, bytes: int64(i)} }, 0, false},
		{"it waits for a coordinator", func(int) signs { return signs{} }, 0, false},
		{"it waits for the next view", func(int) signs { return signs{doing: api.Doing_IDLE} }, 0, false},
		{"its disk stands still", func(int) signs { return signs{doing: api.Doing_LOADING} }, 0, true},
	} {
		l, cpu := newLiveness(start), time.Duration(0)
		l.work = func() effort { cpu += c.work; return effort{cpu: cpu, known: true} }
		dead := ""
		for i := range 30 {
			dead = l.look(start.Add(time.Duration(i)*10*time.Second), c.signs(i))
		}
		if (dead != "") != c.dead {
			t.Errorf("%s: %q", c.name, dead)
		}
		if c.dead {
			if again := l.look(start.Add(time.Hour), signs{doing: api.Doing_STEPPING, progress: 99}); again != "" {
				t.Errorf("%s: it got on, and %q", c.name, again)
			}
		}
	}
}

func TestHealth(t *testing.T) {
	h := &health{live: newLiveness(time.Now()), meters: newMeters(Config{Name: "worker-3", Threads: 2, File: &runfile.File{Name: "run", Checkpoint: runfile.Checkpoint{Dir: t.TempDir()}}})}
	site := httptest.NewServer(h.handler(slog.New(slog.DiscardHandler)))
	defer site.Close()
	ask := func(path string) (int, string) {
		r, err := http.Get(site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(text)
	}
	want := func(path string, code int, part string) {
		t.Helper()
		if got, text := ask(path); got != code || !strings.Contains(text, part) {
			t.Errorf("%s: %d %q, want %d and %q", path, got, text, code, part)
		}
	}
	want("/healthz", 200, "ok")
	want("/readyz", 503, "it reads its data")
	want("/metrics", 200, "rondo_worker_in_ring 0\n")
	w := &worker{}
	h.of(w)
	want("/readyz", 503, "waits for a coordinator")
	w.activity.connects(1)
	want("/readyz", 503, "closes the ring")
	view, err := allreduce.EvenView(1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	group, err := allreduce.NewGroup(view, 0, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer group.Close()
	w.activity.joined(group)
	w.activity.begin(api.Doing_STEPPING)
	w.applied.Store(7)
	h.step(time.Second)
	want("/readyz", 200, "in the ring")
	want("/healthz", 200, "ok")
	for _, line := range []string{"rondo_worker_in_ring 1\n", "rondo_worker_applied_steps 7\n", "rondo_worker_step_seconds_count 1\n",
		"rondo_checkpoint_dir_free_bytes", `rondo_worker_info{run="run",worker="worker-3"} 1`, "rondo_worker_threads 2\n", "process_open_fds"} {
		want("/metrics", 200, line)
	}
	w.activity.begin(api.Doing_IDLE)
	want("/readyz", 503, "waits for the next view")
	why := "the run has ended"
	h.rests.Store(&why)
	want("/readyz", 503, "not in the ring: the run has ended")
	want("/healthz", 200, "ok")
	want("/debug/pprof/", 404, "")
	families, err := h.meters.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	own := families[:0]
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), "rondo_") {
			own = append(own, f)
		}
	}
	problems, err := promlint.NewWithMetricFamilies(own).Lint()
	if err != nil || len(problems) > 0 || len(own) < 6 {
		t.Errorf("%d metrics: %v %v", len(own), problems, err)
	}
}

// What a step loop does has words for whoever asks.
func TestDoingWords(t *testing.T) {
	for doing, name := range api.Doing_name {
		if doingWords[api.Doing(doing)] == "" {
			t.Errorf("no words for %s", name)
		}
	}
}

// A port that is taken is an error that names the flag.
func TestHealthPortTaken(t *testing.T) {
	cfg := DefaultConfig()
	cfg.File, cfg.HealthListen, cfg.Log = &runfile.File{}, "127.0.0.1:0", slog.New(slog.DiscardHandler)
	first, err := newHealth(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer first.close()
	cfg.HealthListen = first.address
	if _, err := newHealth(cfg); err == nil || !strings.Contains(err.Error(), "--health-addr") {
		t.Errorf("the port is taken: %v", err)
	}
}
